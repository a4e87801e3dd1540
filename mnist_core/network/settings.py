"""Command-line options made from the fields of a spec, so that both always say the same."""

from collections.abc import Callable
from types import UnionType
from typing import Any, Literal, get_args, get_origin

import click
from pydantic.fields import FieldInfo

from mnist_core.network.notation import is_layer, parse
from mnist_core.network.presets import NOTE_4, PRESETS, find
from mnist_core.network.spec import Augmentation, Spec, Split, Training
from mnist_core.network.value import SpecError
from mnist_core.utils.text import shown

_RENAMED = {("split", "kind"): "split", ("split", "seed"): "split_seed"}
"""Fields whose bare name would be unclear, or taken, on a command line."""

_SPLIT_FIELDS = {
    "count": "last",
    "fraction": "fraction",
    "folds": "fold",
    "fold": "fold",
    "seed": "fold",
}
"""The kind of split that each of its settings belongs to."""

_PARTS = {"training": Training, "augmentation": Augmentation, "split": Split}


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
    return {int: "INTEGER", float: "NUMBER", bool: "BOOLEAN"}.get(kind, "NAME")  # type: ignore[arg-type]  any annotation may be asked for


def spec_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add one option for every setting of a run; what is not given stays as the preset has it."""
    for part, name, field in reversed(_fields()):
        option = _option_name(part, name)
        flag = "--" + option.replace("_", "-")
        if field.annotation is bool:
            decorate = click.option(f"{flag}/--no-{option}", default=None, help=_help(field))
        else:
            decorate = click.option(flag, metavar=_metavar(field), help=_help(field))
        command = decorate(command)
    return command


def read_network(words: tuple[str, ...]) -> Spec:
    """A preset's name, or the words of a notation. Raises SpecError on anything else."""
    text = " ".join(words)
    if text in PRESETS or text.startswith(f"{NOTE_4.name}/"):
        return find(text)
    if text == NOTE_4.name:
        names = ", ".join(preset.name for preset in NOTE_4.presets)
        raise SpecError(f"{text} is a study of several networks: choose one of {names}")
    if " " not in text and not is_layer(text):
        raise SpecError(
            f"{shown(text)} is neither a preset ({', '.join(PRESETS)}) nor a network in notation, "
            "such as 'C32 M F D64'"
        )
    return Spec(network=parse(text))


def settings_of(spec: Spec) -> dict[str, Any]:
    """Every setting of a run by the name of its option; settings of another split are left out."""
    values = spec.model_dump()
    parts = values | {"augmentation": values["training"]["augmentation"]}
    return {
        _option_name(part, name): parts[part][name]
        for part, name, _ in _fields()
        if part != "split" or _SPLIT_FIELDS.get(name, spec.split.kind) == spec.split.kind
    }


def read_spec(words: tuple[str, ...], given: dict[str, Any]) -> Spec:
    """The spec of a network argument, with the options that were given on top."""
    return changed(read_network(words), given)


def changed(spec: Spec, given: dict[str, Any]) -> Spec:
    """A spec with other settings, by the names of their options; None leaves one as it is."""
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
    for part, name, _ in _fields():
        value = given.get(_option_name(part, name))
        if value is not None:
            parts[part][name] = value
    return Spec.model_validate(values)
