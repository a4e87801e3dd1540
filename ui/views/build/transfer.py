"""Transfer learning on the page Build: the run to start from, frozen layers, chosen digits."""

import streamlit as st

from mnist_core.evaluation.run import Run
from mnist_core.network.layers import CLASSES
from mnist_core.network.presets import PRESETS
from mnist_core.network.spec import Network, Spec, Transfer
from mnist_core.network.transfer import check_transfer, shared_layers, weight_shapes
from mnist_core.network.value import SpecError
from mnist_core.storage.database import StoreError
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import plain_markdown
from ui.session import cache, drafts, navigation, state, teacher_link
from ui.widgets import messages, planning, run_picker

RANDOM = "Random weights (default)"
ABOUT = (
    "A network trained on some digits already has filters for strokes and curves that other digits "
    "need, too. Start from its weights, freeze the layers you want to keep, and train the rest on "
    "other digits or on just a few images. A layer whose size you change starts from random "
    "weights."
)
FROZEN = (
    "Training does not change these layers. A frozen batch normalization uses its stored mean and "
    "variance. With few images, freezing can work better than training everything."
)
DIGITS = "Other digits are left out of training and validation."


def edit(draft: drafts.Draft) -> None:
    """Draw the panel, which is closed unless a draft brings such settings; change the draft."""
    if teacher_link.is_hidden("build.transfer"):
        return
    begun = draft.transfer is not None or draft.split.digits is not None
    words, key = "Transfer learning: start from a trained network", _key(draft, "transfer")
    box = st.expander(words, begun, key=key, on_change="rerun")
    if not box.open:
        return
    with box:
        st.caption(ABOUT)
        source = _edit_source(draft)
        _edit_frozen(draft, source)
        st.pills(
            "Digits to learn",
            range(CLASSES),
            selection_mode="multi",
            default=draft.split.learned,
            key=_key(draft, "digits"),
            help=DIGITS,
        )


def digits(draft: drafts.Draft) -> tuple[int, ...]:
    """Return the digits that are chosen in the panel, or those of the draft while it is closed."""
    chosen = state.get(_key(draft, "digits"), draft.split.learned)
    return tuple(digit for digit in chosen if digit in range(CLASSES))


def check(draft: drafts.Draft, spec: Spec) -> None:
    """Raise SpecError unless the weights that a spec starts from are here and fit."""
    store = cache.store()
    if draft.transfer:
        draft.wanted = ""  # another run was chosen
    if draft.wanted:
        raise SpecError(
            f"this preset starts from a trained {draft.wanted}, and you have none yet: train it "
            "first, or start from random weights"
        )
    if spec.transfer is None:
        return
    if source := store.source(spec):
        check_transfer(spec, weight_shapes(source.spec.network))
        return
    try:
        store.start_shapes(spec)
    except StoreError as error:
        raise SpecError(str(error)) from None


def offer_ways_out(draft: drafts.Draft) -> None:
    """Draw the buttons for a draft whose weights to start from are not here or do not fit."""
    if not (draft.transfer or draft.wanted):
        return
    with st.container(horizontal=True):
        if draft.wanted and st.button(f"Train {draft.wanted} first", type="primary"):
            try:
                planning.start(PRESETS[draft.wanted].spec)
            except MnistError as error:
                messages.show_error(error)
            else:
                st.switch_page(navigation.path("train"))
        st.button("Start from random weights", on_click=draft.start_at_random)


def words(spec: Spec) -> str:
    """Return which layers of a spec start from which weights, in Markdown; empty for random ones.

    The weights are here.
    """
    if spec.transfer is None:
        return ""
    source = cache.store().source(spec)
    shapes = weight_shapes(source.spec.network) if source else cache.store().start_shapes(spec)
    shared, others = shared_layers(spec.network, shapes)
    name = plain_markdown(run_picker.run_name(source)) if source else "a run that was deleted"
    anew = f" Starting at random: {', '.join(others)}." if others else ""
    frozen = f" Frozen: {', '.join(spec.frozen)}." if spec.frozen else ""
    return f"Weights of {name} for {', '.join(shared)}.{anew}{frozen}"


def _edit_source(draft: drafts.Draft) -> Run | None:
    """Draw the choice of the run to start from, and give the draft its weights; return the run."""
    store = cache.store()
    runs: dict[str, Run] = {}
    for run in (*store.runs(), *store.examples()):
        if run.weights_hash and run.sees_test:
            runs.setdefault(run.weights_hash, run)
    now = draft.transfer.source if draft.transfer else None
    options = [None, *runs, *([now] if now and now not in runs else [])]

    def name(source: str | None) -> str:
        if source is None:
            return RANDOM
        return run_picker.run_label(runs[source]) if source in runs else f"Weights {source}"

    chosen = st.selectbox(
        "Start from",
        options,
        options.index(now),
        format_func=name,
        key=_key(draft, "source"),
    )
    if chosen not in options:  # a browser may send anything
        chosen = now
    if chosen != now:
        draft.transfer = Transfer(source=chosen, frozen=draft.frozen) if chosen else None
    return runs.get(chosen) if chosen else None


def _edit_frozen(draft: drafts.Draft, source: Run | None) -> None:
    """Draw the choice of the layers to freeze, and give the draft those that there are."""
    if draft.transfer is None or source is None:
        return
    try:
        network = Network(layers=tuple(layer for _, layer in draft.layers))
    except SpecError:
        return
    shared, _ = shared_layers(network, weight_shapes(source.spec.network))
    frozen = st.multiselect(
        "Frozen layers",
        shared,
        [name for name in shared if name in draft.frozen],
        key=_key(draft, f"frozen {source.id} {' '.join(shared)}"),
        help=FROZEN,
        placeholder="None: every layer is trained",
    )
    draft.transfer = Transfer(source=draft.transfer.source, frozen=tuple(frozen))


def _key(draft: drafts.Draft, name: str) -> str:
    return state.key(f"transfer{draft.edition}", name)
