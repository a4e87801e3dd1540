"""The automatic name of a run: its network, and what differs from the preset of this network."""

from collections.abc import Callable

from mnist_core.network.digits import write_digits
from mnist_core.network.notation import write, write_layer
from mnist_core.network.presets import NOTE_4, PRESETS
from mnist_core.network.settings import settings_of
from mnist_core.network.spec import Network, Spec, Split
from mnist_core.utils.text import plural

NAME_LENGTH = 80
"""The most characters in the name of a run or experiment."""

MOST_CHANGES = 3
"""Changes that a name lists; "+2 more" stands for the others."""

SHORT = 32
"""The most characters of a notation in a name."""


def describe(spec: Spec, source: str = "") -> str:
    """Return the name of a spec, such as "note-5 · lr 0.01 · 12,000 images".

    First the preset with this network, else its notation; then what differs from the settings of
    the preset, else from the defaults, the most important first. At most NAME_LENGTH characters.
    source: what to call the run that it starts from.
    """
    named = [
        (preset.name, _changes(spec, preset.spec, source))
        for preset in (*PRESETS.values(), *NOTE_4.presets)
        if preset.spec.network == spec.network
        and (spec.split.handwriting or not preset.handwriting)
    ]
    own = short_notation(spec.network), _changes(spec, Spec(network=spec.network), source)
    name, changes = min(named or [own], key=lambda pair: len(pair[1]))
    shown = min(MOST_CHANGES, len(changes))
    while len(words := _joined(name, changes, shown)) > NAME_LENGTH:
        shown -= 1
    return words


def short_notation(network: Network) -> str:
    """Return the notation of a network, with "..." before its last layer if it is long."""
    text = write(network)
    if len(text) <= SHORT:
        return text
    *words, last = map(write_layer, network.layers)
    end = f"... {last}" if len(last) < SHORT // 2 else "..."
    while words and len(" ".join([*words, end])) > SHORT:
        words.pop()
    return " ".join([*words, end])


def _joined(name: str, changes: list[str], shown: int) -> str:
    rest = len(changes) - shown
    return " · ".join([name, *changes[:shown], *([f"+{rest} more"] if rest else [])])


def _changes(spec: Spec, base: Spec, source: str) -> list[str]:
    """Return the words of all settings in which a spec differs from another one."""
    values, usual = settings_of(spec), {"split_seed": Split().seed} | settings_of(base)
    changed = [name for name, value in values.items() if value != usual.get(name)]
    words = [CHANGES[name](spec) for name in sorted(changed, key=_rank)]
    if source and "source" in changed:
        words[0] = f"from {source}"
    return list(dict.fromkeys(words))  # a split has one phrase for all its settings


def _rank(name: str) -> int:
    return list(CHANGES).index(name)


def _amount(words: str, value: float | None) -> str:
    return f"{words} {value:g}" if value else f"no {words}"


def _validation(spec: Spec) -> str:
    """Return which images a split keeps for validation."""
    split = spec.split
    match split.kind:
        case "last":
            return f"last {split.count:,} for validation"
        case "fraction":
            return f"{100 * split.fraction:g}\u00a0% for validation"
        case "test":
            return "validation on test set"
        case "none":
            return "no validation"
        case "fold":
            return f"fold {split.fold} of {split.folds}"


def _digits(spec: Spec) -> str:
    """Return which digits a split leaves, with an en dash for a range."""
    if spec.split.digits is None:
        return "all digits"
    return f"digits {write_digits(spec.split.digits)}".replace("-", "\u2013")


def _handwriting(spec: Spec) -> str:
    """Return whose handwriting a split adds, and whether MNIST is left out."""
    found = spec.split.handwriting
    if found is None:
        return "no class handwriting"
    name = found.collection or "our handwriting"
    return f"{name} + MNIST" if found.mnist else f"only {name}"


CHANGES: dict[str, Callable[[Spec], str]] = {
    "source": lambda spec: "from other weights" if spec.transfer else "random first weights",
    "freeze": lambda spec: f"{len(spec.frozen) or 'none'} frozen",
    "handwriting": _handwriting,
    "digits": _digits,
    "learning_rate": lambda spec: f"lr {spec.training.learning_rate:g}",
    "optimizer": lambda spec: spec.training.optimizer,
    "epochs": lambda spec: plural(spec.training.epochs, "epoch"),
    "limit": lambda spec: plural(spec.split.images, "image"),
    "batch_size": lambda spec: f"batch size {spec.training.batch_size}",
    "momentum": lambda spec: _amount("momentum", spec.training.momentum),
    "nesterov": lambda spec: "nesterov" if spec.training.nesterov else "no nesterov",
    "schedule": lambda spec: f"{spec.training.schedule.replace('_', ' ')} schedule",
    "shift": lambda spec: _amount("shift", spec.training.augmentation.shift),
    "rotation": lambda spec: _amount("rotation", spec.training.augmentation.rotation),
    "zoom": lambda spec: _amount("zoom", spec.training.augmentation.zoom),
    "early_stopping": lambda spec: _amount("early stopping", spec.training.early_stopping),
    "weight_decay": lambda spec: _amount("weight decay", spec.training.weight_decay),
    "label_smoothing": lambda spec: _amount("label smoothing", spec.training.label_smoothing),
    "beta_1": lambda spec: f"beta 1 = {spec.training.beta_1:g}",
    "beta_2": lambda spec: f"beta 2 = {spec.training.beta_2:g}",
    "split": _validation,
    "count": _validation,
    "fraction": _validation,
    "folds": _validation,
    "fold": _validation,
    "split_seed": lambda spec: f"fold seed {spec.split.seed}",
    "seed": lambda spec: f"seed {spec.training.seed}",
    "loss": lambda spec: f"{_LABELS[spec.training.loss]} labels",
    "precision": lambda spec: spec.training.precision.replace("_", " "),
}
"""The words for each setting of a run that was changed, the most important first."""

_LABELS = {"sparse_categorical_crossentropy": "integer", "categorical_crossentropy": "one-hot"}
