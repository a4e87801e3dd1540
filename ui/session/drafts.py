"""The draft: the network and the settings that a session has on the page Build."""

from dataclasses import dataclass, field
from itertools import count

from mnist_core.network import presets
from mnist_core.network.layers import AnyLayer, Flatten
from mnist_core.network.notation import parse_layers, write_layer
from mnist_core.network.query import from_query, to_query
from mnist_core.network.repair import problem
from mnist_core.network.spec import Network, Spec, Split, Training, Transfer
from mnist_core.network.value import SpecError
from mnist_core.storage import quota
from mnist_core.utils.errors import MnistError
from ui.session import address, state

FIRST_PRESET = "note-5"

_STAND_IN = Network(layers=(Flatten(),))
"""A valid network in place of invalid layers, where only the settings matter."""

_DRAFT, _WRITTEN, _LINK_ERROR = "draft", "written_link", "draft_link_error"

_numbers = count(1)


@dataclass
class Draft:
    """A network and its settings while a person edits them; it may be invalid for a while.

    `layers` pairs each layer with a number, which stays the same when the layer moves. `base` is
    the preset that was edited, if any. `wanted` is the preset whose trained weights the draft needs
    while no run has them; `wants_handwriting`, whether it needs a class's handwriting while too few
    people have written.
    """

    layers: list[tuple[int, AnyLayer]] = field(default_factory=list)
    training: Training = field(default_factory=Training)
    split: Split = field(default_factory=Split)
    transfer: Transfer | None = None
    edition: int = 0
    base: str | None = None
    wanted: str = ""
    wants_handwriting: bool = False

    def notation(self) -> str:
        """Return the layers in notation, also of an invalid network."""
        return " ".join(write_layer(layer) for _, layer in self.layers)

    def spec(self) -> Spec:
        """Return the draft as a spec. Raises SpecError if the network or a setting is invalid."""
        network = Network(layers=tuple(layer for _, layer in self.layers))
        return Spec(
            network=network, training=self.training, split=self.split, transfer=self.transfer
        )

    @property
    def frozen(self) -> tuple[str, ...]:
        """The names of the layers that training does not change."""
        return self.transfer.frozen if self.transfer else ()

    def working_spec(self) -> Spec | None:
        """Return the draft as a spec, None while it cannot be trained."""
        try:
            spec = self.spec()
            quota.check_network(spec.network)
        except SpecError:
            return None
        return spec

    def stop_late(self) -> None:
        """Turn off early stopping; a new edition, so that its widget follows."""
        self.training = self.training.model_copy(update={"early_stopping": None})
        self.edition = next(_numbers)

    def start_at_random(self) -> None:
        """Start from random weights; a new edition, so that the widgets follow."""
        self.transfer, self.wanted = None, ""
        self.edition = next(_numbers)

    def learn_mnist_alone(self) -> None:
        """Leave out a class's handwriting; a new edition, so that the widgets follow."""
        self.split = self.split.model_copy(update={"handwriting": None})
        self.wants_handwriting = False
        self.edition = next(_numbers)

    def take(self, spec: Spec) -> None:
        """Replace everything by a spec; a new edition, so that the widgets follow."""
        self.replace_layers(spec.network.layers)
        self.base, self.wanted, self.wants_handwriting = None, "", False
        self.training, self.split, self.transfer = spec.training, spec.split, spec.transfer

    def replace_layers(self, layers: tuple[AnyLayer, ...]) -> None:
        """Replace the layers, which get new numbers."""
        self.layers = [(next(_numbers), layer) for layer in layers]
        self.edition = next(_numbers)

    def add(self, layer: AnyLayer, at: int) -> None:
        """Insert a new layer before the one at a position, counted from 0."""
        self.layers.insert(at, (next(_numbers), layer))


def exists() -> bool:
    """Whether this session has a draft already, so that this is not its first run."""
    return state.has(_DRAFT)


def current(first: Spec | None = None) -> Draft:
    """Return the draft of this session, from a newly opened link if there is one.

    first: what a new session begins with, in place of a preset.
    An unreadable link does not change the draft; `take_link_error` returns the error.
    """
    given = address.spec_query()
    draft: Draft | None = state.get(_DRAFT, None)
    if draft is None:
        draft = Draft()
        state.put(_DRAFT, draft)
        draft.take(first or presets.find(FIRST_PRESET))
    if address.has_network() and given != state.get(_WRITTEN):
        state.put(_WRITTEN, given)
        try:
            draft.take(from_query(given))
        except SpecError as error:
            _take_broken(draft, given, error)
    return draft


def _take_broken(draft: Draft, query: dict[str, str], error: SpecError) -> None:
    """Take invalid layers from a link, for repair on Build; keep an error for all other faults."""
    try:
        layers = parse_layers(query[address.NETWORK])
        frozen = query.get("freeze", "")  # of layers that the stand-in does not have
        rest = {name: query[name] for name in query if name != "freeze"}
        settings = from_query(rest | {address.NETWORK: "F"})
        start = settings.transfer and Transfer.model_validate(
            {"source": settings.transfer.source, "frozen": frozen}
        )
    except SpecError:
        pass  # `error` is reported below
    else:
        if problem(layers, quota.network_limits()):
            draft.take(settings)
            draft.transfer = start
            draft.replace_layers(layers)
            return
    words = f"this link cannot be used, so the page shows another network: {error}"
    state.put(_LINK_ERROR, MnistError(words))


def take_link_error() -> MnistError | None:
    """Return why a link could not be read, once."""
    error = state.pop(_LINK_ERROR)
    return error if isinstance(error, MnistError) else None


def write_link(spec: Spec) -> None:
    """Write the draft to the address, so that a refresh or a copied link restores it."""
    _write(to_query(spec))


def write_broken_link(draft: Draft) -> None:
    """Write invalid layers to the address, so that Back undoes these edits too.

    Nothing is written while the settings are invalid.
    """
    try:
        stand_in = Spec(network=_STAND_IN, training=draft.training, split=draft.split)
        settings = to_query(stand_in.model_copy(update={"transfer": draft.transfer}))
    except SpecError:
        return
    _write(settings | {address.NETWORK: draft.notation()})


def _write(written: dict[str, str]) -> None:
    if written != state.get(_WRITTEN) or not address.has_network():
        state.put(_WRITTEN, written)
        address.put_spec(written)
