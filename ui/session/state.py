"""The only file, with `visitor`, that spells session-state keys and query parameters."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import quote, urlencode

import streamlit as st

from mnist_core.network import presets
from mnist_core.network.layers import AnyLayer
from mnist_core.network.notation import read_layers
from mnist_core.network.query import from_query, to_query
from mnist_core.network.repair import problem
from mnist_core.network.spec import Network, Spec, Split, Training
from mnist_core.network.value import SpecError
from mnist_core.storage import quota
from mnist_core.storage.groups import Group
from mnist_core.storage.runs import Run
from mnist_core.utils.errors import MnistError
from ui.session import visitor

FIRST_PRESET = "note-5"

_DRAFT, _RUN, _WRITTEN, _REFUSED = "draft", "run", "written_link", "refused"
_GROUP, _HIDE, _LESSON = "group", "hide", "lesson"
OTHERS = {
    visitor.WORKSPACE,
    _RUN,
    _GROUP,
    _HIDE,
    "image",
    "set",
    "look_tab",
    "tune_tab",
    "compare_tab",
    "runs",
}
OTHERS |= {"learn_tab", "idea", "challenge", "lesson", "results_tab", "embed", "embed_options"}
"""Query parameters that say nothing of the draft: those of other pages, and Streamlit's own."""

_BOUND = {"set", "image"} | {name for name in OTHERS if name.endswith("_tab")}

_numbers = count(1)


@dataclass
class Draft:
    """The network and settings that a person is working on; it may be impossible for a while.

    `layers` has a number with each layer, which stays the same when the layer moves.
    """

    layers: list[tuple[int, AnyLayer]] = field(default_factory=list)
    training: Training = field(default_factory=Training)
    split: Split = field(default_factory=Split)
    edition: int = 0

    def spec(self) -> Spec:
        """The draft as a spec. Raises SpecError where the network or a setting cannot work."""
        network = Network(layers=tuple(layer for _, layer in self.layers))
        return Spec(network=network, training=self.training, split=self.split)

    def working_spec(self) -> Spec | None:
        """The draft as a spec, None while it cannot work."""
        try:
            spec = self.spec()
            quota.check_network(spec.network)
        except SpecError:
            return None
        return spec

    def stop_late(self) -> None:
        """Without early stopping; a new edition, so that its box follows."""
        self.training = self.training.model_copy(update={"early_stopping": None})
        self.edition = next(_numbers)

    def take(self, spec: Spec) -> None:
        """Start over from a spec; a new edition, so that its widgets start over too."""
        self.replace_layers(spec.network.layers)
        self.training, self.split = spec.training, spec.split

    def replace_layers(self, layers: tuple[AnyLayer, ...]) -> None:
        """Other layers, all with new numbers."""
        self.layers = [(next(_numbers), layer) for layer in layers]
        self.edition = next(_numbers)

    def add(self, layer: AnyLayer, at: int) -> None:
        """Put a new layer before the one at a position, counted from 0."""
        self.layers.insert(at, (next(_numbers), layer))


def draft(first: Spec | None = None) -> Draft:
    """The draft of this session: from the link that was opened, else as it was left.

    first: what a new session begins with, in place of a preset.
    A link that cannot be read leaves the draft as it was, and its error for `refused`.
    """
    given = {name: st.query_params[name] for name in st.query_params if name not in OTHERS}
    made = st.session_state.get(_DRAFT)
    if made is None:
        made = st.session_state[_DRAFT] = Draft()
        made.take(first or presets.find(FIRST_PRESET))
    if "network" in given and given != st.session_state.get(_WRITTEN):
        st.session_state[_WRITTEN] = given
        try:
            made.take(from_query(given))
        except SpecError as error:
            _take_broken(made, given["network"], error)
    return made


def _take_broken(made: Draft, notation: str, error: SpecError) -> None:
    """Layers that make no network are for the page Build to mend; what is no layer is refused."""
    try:
        layers = read_layers(notation)
    except SpecError:
        layers = ()
    if layers and problem(layers, quota.network_limits()):
        made.replace_layers(layers)
    else:
        refuse(error)


def write_link(spec: Spec) -> None:
    """Keep the address in step with the draft: a refresh or a copied link brings it back."""
    written = to_query(spec)
    if written != st.session_state.get(_WRITTEN) or "network" not in st.query_params:
        st.session_state[_WRITTEN] = written
        for name in set(st.query_params) - OTHERS - set(written):
            del st.query_params[name]
        st.query_params.update(written)


def tell_address() -> None:
    """Tell the browser what the server takes for its address.

    Where a link leads to the page that is open already, Streamlit runs it with the link's query,
    but the browser keeps the old one, and would bring it back with the next click or a refresh.
    """
    if _DRAFT in st.session_state:  # a session begins with the browser's own address
        st.query_params.update()


def clear_address() -> None:
    """Forget what the address says, but for what a widget is bound to: that stays with it."""
    for name in st.query_params.keys() - _BOUND:
        del st.query_params[name]


def shows(query: dict[str, str]) -> bool:
    """Whether this page and the draft are already what a link with this query leads to."""
    for name in query.keys() & OTHERS:
        if str(st.query_params.get(name, st.session_state.get(name))) != query[name]:
            return False
    spec = {name: query[name] for name in query.keys() - OTHERS}
    return not spec or draft().working_spec() == from_query(spec)


def link() -> str:
    """The address of this page with what it shows."""
    return link_to(here(), st.query_params.to_dict())


def here() -> str:
    """The address of this page without its query."""
    return (st.context.url or "").split("?")[0]


def link_to(page: str, query: dict[str, str]) -> str:
    """An address with a query in it. page: the address of a page, without one.

    It leads into the workspace of the class that is open, and never into the visitor's own.
    """
    shared = {name: value for name, value in query.items() if name != visitor.WORKSPACE}
    return with_query(page, shared | visitor.of_class())


def with_query(page: str, query: dict[str, str]) -> str:
    """An address with just this query."""
    return f"{page}?{urlencode(query, safe=',', quote_via=quote)}" if query else page


def hidden() -> tuple[str, ...]:
    """The names of what a teacher's link hides in this session."""
    return st.session_state.get(_HIDE, ())


def asked_to_hide() -> str | None:
    """What the address asks to hide, as it stands there; None if it does not speak of that."""
    return st.query_params.get(_HIDE)


def hide(names: tuple[str, ...]) -> None:
    """Hide just these from now on; the address follows, so that a refresh hides them too."""
    st.session_state[_HIDE] = names
    if not names:
        st.query_params.pop(_HIDE, None)
    elif st.query_params.get(_HIDE) != ",".join(names):
        st.query_params[_HIDE] = ",".join(names)


def lesson() -> str | None:
    """The name of the lesson that is open, on every page; the address says so too.

    An address that names one follows. Sidebar links drop it: it comes back here.
    """
    asked = st.query_params.get(_LESSON)
    if asked:
        st.session_state[_LESSON] = asked
    name = st.session_state.get(_LESSON)
    if name and asked != name:
        st.query_params[_LESSON] = name
    return name


def open_lesson(name: str | None) -> None:
    """Open a lesson, or close the one that is open."""
    st.session_state[_LESSON] = name
    st.query_params.pop(_LESSON, None)
    if name:
        st.query_params[_LESSON] = name


def refuse(error: MnistError) -> None:
    """Remember what a callback or a link asked in vain, for the page to say."""
    st.session_state[_REFUSED] = error


def refused() -> MnistError | None:
    """What was refused since this was asked last."""
    return st.session_state.pop(_REFUSED, None)


def choose_run(run_id: int) -> None:
    """Remember which run the pages show; an address that names one follows."""
    st.session_state[_RUN] = run_id
    if _RUN in st.query_params:
        write_run(run_id)


def write_run(run_id: int) -> None:
    """Keep the address in step with the run that is shown: a refresh or a copied link has it."""
    if st.query_params.get(_RUN) != str(run_id):
        st.query_params[_RUN] = str(run_id)


def address_of(run: Run) -> dict[str, str]:
    """What a link to a page that shows this run has in its address.

    `st.switch_page` cannot leave a page whose tabs are in its address; a link can.
    """
    return {_RUN: str(run.id)}


def chosen_run(runs: list[Run]) -> Run | None:
    """The run that the pages show: the one in the address, the one chosen last, else the first."""
    asked = st.query_params.get(_RUN)
    if asked is not None and asked.isdecimal() and len(asked) < 19:  # more is no number of a run
        st.session_state[_RUN] = int(asked)
    wanted = st.session_state.get(_RUN)
    return next((run for run in runs if run.id == wanted), runs[0] if runs else None)


def missing_run(runs: list[Run]) -> str | None:
    """What the address asks for that is none of these runs; None if it asks for no such thing."""
    asked = st.query_params.get(_RUN)
    return None if asked is None or asked in {str(run.id) for run in runs} else asked


def choose_group(group: Group) -> None:
    """Remember which group of its kind is shown; the address says so too."""
    st.session_state[f"{_GROUP}_{group.kind}"] = group.id
    if st.query_params.get(_GROUP) != str(group.id):
        st.query_params[_GROUP] = str(group.id)


def chosen_group(groups: list[Group]) -> Group | None:
    """Of groups of one kind, the one in the address, the one chosen last, else the first."""
    if not groups:
        return None
    asked, known = st.query_params.get(_GROUP), {str(group.id): group for group in groups}
    last = str(st.session_state.get(f"{_GROUP}_{groups[0].kind}"))
    return known.get(asked or "") or known.get(last) or groups[0]


def value(name: str, default: Any = None) -> Any:
    """What a page keeps for itself through this session; `name` begins with the page's name."""
    return st.session_state.get(name, default)


def keep(name: str, kept: Any) -> None:
    """Keep something of a page through this session."""
    st.session_state[name] = kept
