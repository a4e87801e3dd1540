"""The front matter of a lesson: YAML whose every mistake is told with its line."""

from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mnist_core import presets
from mnist_core.layers import SpecError, explain
from mnist_core.lessons.checks import KINDS, UNFIT, Answer, AnyCheck, Check
from mnist_core.notation import parse
from mnist_core.options import SETTINGS, changed
from mnist_core.spec import Spec
from mnist_core.summary import check as summarized
from mnist_core.words import plain, shown

DEEPEST = 6
"""So many levels of YAML within each other are more than a lesson needs."""

Lines = dict[tuple[str, ...], int]
"""The line of each key by its path, from 1; the path () is that of the whole."""


_Model = TypeVar("_Model", bound=BaseModel)


class Mistake(Exception):
    """What is wrong, and in which line; the reader adds the file's name."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = line, reason


class Front(BaseModel):
    """The front matter as it is written."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    title: str = Field(min_length=1, max_length=80)
    order: int
    minutes: int = Field(ge=1, le=600)
    note: str = ""
    about: str = Field(min_length=1)
    start: dict[str, Any] | None = None
    task: str = Field(min_length=1)
    check: dict[str, Any]


def read_front(text: str, first: int) -> tuple[Front, Spec | None, AnyCheck]:
    """The front matter with its start and its check. first: the line where `text` begins.

    Raises Mistake.
    """
    lines: Lines = {(): first}
    try:
        _refuse_traps(text, first)
        node = yaml.compose(text, yaml.SafeLoader)
        if not isinstance(node, yaml.MappingNode):
            raise Mistake(first, "the front matter must be lines such as `title: Your network`")
        _note_lines(node, (), first, lines)
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise _unreadable(text, first, error) from None
    except ValueError as error:  # a date such as 2026-13-45, or a number of 5,000 digits
        reason = plain(str(error)[:100])
        raise Mistake(first, f"a value cannot be read ({reason}): put it in quotes") from None
    front = _validated(Front, values, lines)
    if front.note and front.note not in presets.NOTES:
        notes = ", ".join(presets.NOTES)
        raise Mistake(
            lines["note",], f"note must be one of {notes}; received {shown(front.note, 40)}"
        )
    start = None if front.start is None else _start(front.start, lines)
    return front, start, _check(front.check, start, lines)


def _refuse_traps(text: str, first: int) -> None:
    """No aliases, which can blow a small file up, and no depth that ends Python's stack."""
    depth = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        line = first + event.start_mark.line
        if isinstance(event, yaml.AliasEvent):
            raise Mistake(line, "a lesson has no aliases (*name): write the value out")
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise Mistake(line, f"more than {DEEPEST} levels within each other: write it flat")
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            depth -= 1


def _note_lines(node: yaml.MappingNode, path: tuple[str, ...], first: int, lines: Lines) -> None:
    """Remember where every key stands; YAML itself would silently take the last of two alike."""
    for key, value in node.value:
        here, line = (*path, str(key.value)), first + key.start_mark.line
        if key.tag == "tag:yaml.org,2002:merge":
            raise Mistake(line, "a lesson has no merge keys (<<): write the values out")
        if here in lines:
            raise Mistake(
                line, f"{plain(str(key.value)[:40])} stands here twice: take one of them out"
            )
        lines[here] = line
        if isinstance(value, yaml.MappingNode):
            _note_lines(value, here, first, lines)


def _unreadable(text: str, first: int, error: yaml.YAMLError) -> Mistake:
    if isinstance(error, yaml.reader.ReaderError):
        line = first + text[: error.position].count("\n")
        return Mistake(line, "a character that cannot be printed: take it out")
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "its form is unknown"
    line = first + (mark.line if mark else 0)
    return Mistake(
        line, f"this is not YAML ({plain(problem[:100])}): put text with a colon into quotes"
    )


def _validated(
    model: type[_Model], values: Any, lines: Lines, path: tuple[str, ...] = ()
) -> _Model:
    """A model of the values that stand under a path. Raises Mistake at the line of the first."""
    for key in values:  # before what is missing, which may be no more than misspelt
        if key not in model.model_fields:
            known = ", ".join(model.model_fields)
            line = lines.get((*path, str(key)), lines[path])
            raise Mistake(line, f"one of {known} belongs here; received {shown(key, 40)}")
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first, at = error.errors()[0], path
        for part in first["loc"]:
            if (*at, str(part)) in lines:
                at = (*at, str(part))
        reason = first["msg"] if first["type"] == UNFIT else explain(error)
        raise Mistake(lines[at], reason) from None


def _start(values: dict[str, Any], lines: Lines) -> Spec:
    """The spec that a lesson begins with: a preset or a network, with settings on top."""
    path = ("start",)
    for name in values:
        if name not in ("preset", "network", *SETTINGS):
            raise Mistake(
                lines[*path, str(name)],
                f"start may hold preset or network, and the settings {', '.join(SETTINGS)}; "
                f"received {shown(name, 40)}: check its spelling or leave it out",
            )
    given = {name: value for name, value in values.items() if name in SETTINGS}
    named = values.keys() & {"preset", "network"}
    if len(named) != 1:
        raise Mistake(lines[path], "start needs either a preset or a network, and not both")
    name = min(named)
    try:
        base = presets.find(str(values[name])) if name == "preset" else _network(values[name])
    except SpecError as error:
        raise Mistake(lines[*path, name], str(error)) from None
    try:
        return changed(base, given)
    except SpecError as error:
        about = [key for key in given if str(error).startswith(f"{key} ")]
        raise Mistake(lines[(*path, *about[:1])], str(error)) from None


def _network(notation: object) -> Spec:
    network = parse(str(notation))
    summarized(network)  # within the limits
    return Spec(network=network)


def _check(values: dict[str, Any], start: Spec | None, lines: Lines) -> AnyCheck:
    path = ("check",)
    kind = str(values.get("kind"))
    if kind not in KINDS:
        line = lines.get((*path, "kind"), lines[path])
        raise Mistake(line, f"kind must be one of {', '.join(KINDS)}; received {shown(kind, 40)}")
    check: Check = _validated(KINDS[kind], values, lines, path)
    if isinstance(check, Answer) and check.question in ("parameters", "flatten"):
        layers = () if start is None else start.network.layers
        if start is None or (
            check.question == "flatten" and all(layer.kind != "flatten" for layer in layers)
        ):
            needed = "a Flatten layer" if start else "a start"
            raise Mistake(
                lines[*path, "question"],
                f"the question {check.question} is about the network of start, which needs "
                f"{needed}: add it",
            )
    return check  # type: ignore[return-value]  KINDS holds these classes
