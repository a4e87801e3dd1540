"""The settings of a run under flat names, and command-line options made from them."""

from collections.abc import Callable, Mapping
from types import UnionType
from typing import Literal, TypeVar, get_args, get_origin

import click
from pydantic.fields import FieldInfo

from mnist_core.network.digits import write_digits
from mnist_core.network.notation import is_layer, parse
from mnist_core.network.presets import NOTE_4, PRESETS, find
from mnist_core.network.spec import Augmentation, Spec, Split, Training, Transfer
from mnist_core.network.value import SpecError
from mnist_core.utils.text import short_repr

_RENAMED = {
    ("split", "kind"): "split",
    ("split", "seed"): "split_seed",
    ("transfer", "frozen"): "freeze",
}
"""Fields whose own name would be unclear or already taken among the settings."""

_SPLIT_FIELDS = {
    "count": "last",
    "fraction": "fraction",
    "folds": "fold",
    "fold": "fold",
    "seed": "fold",
}
"""The kind of split that a setting of the split belongs to."""

Setting = str | int | float | bool | None
"""The value of a setting."""

Command = TypeVar("Command", bound=Callable[..., object])

_PARTS = {
    "training": Training,
    "augmentation": Augmentation,
    "split": Split,
    "transfer": Transfer,
}
SOURCE, HANDWRITING = "source", "handwriting"
"""Settings that only a store can make; on the command line a run or the name of a set stands in."""


def _option_name(part: str, field: str) -> str:
    return _RENAMED.get((part, field), field)


def _fields() -> list[tuple[str, str, FieldInfo]]:
    return [
        (part, name, field)
        for part, model in _PARTS.items()
        for name, field in model.model_fields.items()
        if name != "augmentation"
    ]


SETTINGS = tuple(_option_name(part, name) for part, name, _ in _fields())
"""The names of all settings of a run."""


def _help(field: FieldInfo) -> str:
    kind = field.annotation
    choices = ", ".join(get_args(kind)) if get_origin(kind) is Literal else ""
    bounds = [
        f"{words} {value}"
        for words, name in (("from", "ge"), ("above", "gt"), ("to", "le"), ("below", "lt"))
        for rule in field.metadata
        if (value := getattr(rule, name, None)) is not None
    ]
    told = [choices, " ".join(bounds), field.description or ""]
    return ". ".join(part.rstrip(".") for part in told if part)


def _metavar(field: FieldInfo) -> str:
    kind = field.annotation
    if isinstance(kind, UnionType):
        kind = get_args(kind)[0]
    if get_origin(kind) is tuple:
        return "NAMES" if get_args(kind)[0] is str else "DIGITS"
    names: dict[object, str] = {int: "INTEGER", float: "NUMBER", bool: "BOOLEAN"}
    return names.get(kind, "NAME")


def spec_options(command: Command) -> Command:
    """Decorate a command with one option per setting of a run; the default is the preset's.

    `SOURCE` and `HANDWRITING` have no option: a person names a run or a set, and only a store knows
    them.
    """
    for part, name, field in reversed(_fields()):
        if name in (SOURCE, HANDWRITING):
            continue
        option = _option_name(part, name)
        flag = "--" + option.replace("_", "-")
        if field.annotation is bool:
            decorate = click.option(f"{flag}/--no-{option}", default=None, help=_help(field))
        else:
            decorate = click.option(flag, metavar=_metavar(field), help=_help(field))
        command = decorate(command)
    return command


def read_network(words: tuple[str, ...]) -> Spec:
    """Read the name of a preset or the words of a notation. Raises SpecError on anything else."""
    text, study = " ".join(words), [preset.name for preset in NOTE_4.presets]
    if text in PRESETS or text.startswith(f"{NOTE_4.name}/"):
        return find(text)
    if text == NOTE_4.name:
        raise SpecError(f"{text} is a study of several networks: choose one of {', '.join(study)}")
    if not {" ", ","} & set(text) and not is_layer(text):
        names = ", ".join([*PRESETS, *study])
        raise SpecError(
            f"{short_repr(text)} is neither a preset ({names}) nor a network in notation, such as "
            "'C32 M F D64'"
        )
    return Spec(network=parse(text))


def settings_of(spec: Spec) -> dict[str, Setting]:
    """Return every setting of a run by name, without settings of other kinds of split."""
    values = spec.model_dump()
    parts = values | {"augmentation": values["training"]["augmentation"]}
    split = spec.split
    parts["split"] |= {
        "digits": split.digits and write_digits(split.digits),
        HANDWRITING: split.handwriting and str(split.handwriting),
    }
    parts["transfer"] = {
        SOURCE: spec.transfer and spec.transfer.source,
        "frozen": ",".join(spec.frozen) or None,
    }
    return {
        _option_name(part, name): parts[part][name]
        for part, name, _ in _fields()
        if part != "split" or _SPLIT_FIELDS.get(name, split.kind) == split.kind
    }


def read_spec(words: tuple[str, ...], given: Mapping[str, object]) -> Spec:
    """Return the spec of a network argument, changed by the options that were given."""
    return change_settings(read_network(words), given)


def change_settings(spec: Spec, given: Mapping[str, object]) -> Spec:
    """Return the spec with other settings, by name; None leaves a setting as it is."""
    values = spec.model_dump()
    kind = given.get("split") or values["split"]["kind"]
    for name, needed in _SPLIT_FIELDS.items():
        option = _option_name("split", name)
        if given.get(option) is not None and kind != needed:
            raise SpecError(
                f"{option} is a setting of the split {needed}; this run has the split {kind}: "
                f"choose the split {needed}, or leave {option} out"
            )
    parts = values | {"augmentation": values["training"]["augmentation"]}
    parts["transfer"] = values["transfer"] or {}
    for part, name, _ in _fields():
        value = given.get(_option_name(part, name))
        if value is not None:
            parts[part][name] = value
    if parts["transfer"] and SOURCE not in parts["transfer"]:
        raise SpecError(
            f"freeze needs trained weights to start from; received freeze={given['freeze']} "
            "without any: choose a run to start from, or leave freeze out"
        )
    values["transfer"] = parts["transfer"] or None
    return Spec.model_validate(values)
