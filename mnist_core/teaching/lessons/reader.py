"""Reads lessons from a folder of Markdown files; a broken file is reported and hides no other.

A file has a front matter in YAML between two lines `---`, an introduction, and steps: a heading
`## Title`, an optional link `[words](page?query)`, then `Read:`, `Do:` and `See:`. The front matter
is read first, the text below it further on.
"""

import re
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qsl

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mnist_core.network import presets
from mnist_core.network.notation import parse
from mnist_core.network.query import from_query
from mnist_core.network.settings import SETTINGS, change_settings
from mnist_core.network.spec import Spec
from mnist_core.network.value import SpecError, explain
from mnist_core.storage import quota
from mnist_core.teaching.lessons.checks import KINDS, UNFIT, Answer, AnyCheck, Check
from mnist_core.teaching.lessons.lesson import Lesson, LessonCatalog, LessonError, Link, Step
from mnist_core.utils.paths import PROJECT
from mnist_core.utils.text import short_repr, without_markup

DEEPEST = 6
"""The most nested levels of YAML."""

Lines = dict[tuple[str, ...], int]
"""The line of each key by its path, from 1; the path () stands for the whole front matter."""


_Model = TypeVar("_Model", bound=BaseModel)


class Mistake(Exception):
    """A mistake in a lesson's file and its line; the reader adds the file's name."""

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
    start: dict[str, object] | None = None
    task: str = Field(min_length=1)
    check: dict[str, object]


def read_front(text: str, first: int) -> tuple[Front, Spec | None, AnyCheck]:
    """Return the front matter, its start and its check. Raises Mistake.

    first: the line of the file where `text` begins.
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
        reason = without_markup(str(error)[:100])
        raise Mistake(first, f"a value cannot be read ({reason}): put it in quotes") from None
    front = _validated(Front, values, lines)
    if front.note and front.note not in presets.NOTES:
        notes = ", ".join(presets.NOTES)
        raise Mistake(
            lines["note",], f"note must be one of {notes}; received {short_repr(front.note, 40)}"
        )
    start = None if front.start is None else _start(front.start, lines)
    return front, start, _check(front.check, start, lines)


def _refuse_traps(text: str, first: int) -> None:
    """Raise Mistake on aliases, which can expand enormously, and on deep nesting."""
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
    """Record the line of every key; raise Mistake on duplicates, which YAML accepts silently."""
    for key, value in node.value:
        here, line = (*path, str(key.value)), first + key.start_mark.line
        if key.tag == "tag:yaml.org,2002:merge":
            raise Mistake(line, "a lesson has no merge keys (<<): write the values out")
        if here in lines:
            raise Mistake(
                line,
                f"{without_markup(str(key.value)[:40])} stands here twice: take one of them out",
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
        line,
        f"this is not YAML ({without_markup(problem[:100])}): put text with a colon into quotes",
    )


def _validated(
    model: type[_Model], values: dict[str, object], lines: Lines, path: tuple[str, ...] = ()
) -> _Model:
    """A model of the values that stand under a path. Raises Mistake at the line of the first."""
    for key in values:  # before what is missing, which may be no more than misspelt
        if key not in model.model_fields:
            known = ", ".join(model.model_fields)
            line = lines.get((*path, str(key)), lines[path])
            raise Mistake(line, f"one of {known} belongs here; received {short_repr(key, 40)}")
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first, at = error.errors()[0], path
        for part in first["loc"]:
            if (*at, str(part)) in lines:
                at = (*at, str(part))
        reason = first["msg"] if first["type"] == UNFIT else explain(error)
        raise Mistake(lines[at], reason) from None


def _start(values: dict[str, object], lines: Lines) -> Spec:
    """The spec that a lesson begins with: a preset or a network, with settings on top."""
    path = ("start",)
    for name in values:
        if name not in ("preset", "network", *SETTINGS):
            raise Mistake(
                lines[*path, str(name)],
                f"start may hold preset or network, and the settings {', '.join(SETTINGS)}; "
                f"received {short_repr(name, 40)}: check its spelling or leave it out",
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
        return change_settings(base, given)
    except SpecError as error:
        about = [key for key in given if str(error).startswith(f"{key} ")]
        raise Mistake(lines[(*path, *about[:1])], str(error)) from None


def _network(notation: object) -> Spec:
    network = parse(str(notation))
    quota.check_network(network)
    return Spec(network=network)


def _check(values: dict[str, object], start: Spec | None, lines: Lines) -> AnyCheck:
    path = ("check",)
    kind = str(values.get("kind"))
    if kind not in KINDS:
        line = lines.get((*path, "kind"), lines[path])
        raise Mistake(
            line, f"kind must be one of {', '.join(KINDS)}; received {short_repr(kind, 40)}"
        )
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


FOLDER = PROJECT / "lessons"
MOST_BYTES = 64 * 1024
LEAST_STEPS = 2

_NAME = re.compile(r"[a-z0-9-]{1,60}")
_LINK = re.compile(r"\[(?P<words>[^\]]+)\]\((?P<page>[^)?]*)\??(?P<query>.*)\)")
_PART = re.compile(r"(?P<name>Read|Do|See):(?P<rest>.*)")
_PARTS = ["Read", "Do", "See"]

Places = frozenset[str]


def read_all(
    pages: Collection[str], parameters: Collection[str], folder: Path = FOLDER
) -> LessonCatalog:
    """Return all lessons of a folder; files are read again when they change.

    pages: valid targets of links; parameters: valid query parameters besides those of a spec.
    """
    known = frozenset(pages), frozenset(parameters)
    lessons, broken = [], []
    for path in sorted(folder.glob("*.md")):
        if path.name == "README.md":
            continue
        try:
            stat = path.stat()
            found = _read(path, stat.st_mtime_ns, stat.st_size, *known)
        except OSError as error:
            reason = f"the file cannot be read ({error.strerror}): check its rights, or remove it"
            found = LessonError(path.name, 1, reason)
        if isinstance(found, Lesson):
            lessons.append(found)
        else:
            broken.append(found)
    lessons.sort(key=lambda lesson: (lesson.order, lesson.name))
    return LessonCatalog(tuple(lessons), tuple(broken))


@lru_cache(maxsize=256)
def _read(
    path: Path, _modified_ns: int, size: int, pages: Places, parameters: Places
) -> Lesson | LessonError:
    try:
        if size > MOST_BYTES:
            raise Mistake(
                1, f"a lesson has at most {MOST_BYTES:,} bytes; received {size:,}: shorten it"
            )
        return parse_lesson(path.stem, _text(path.read_bytes()), pages, parameters)
    except Mistake as mistake:
        return LessonError(path.name, mistake.line, mistake.reason)


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Mistake(line, "this is not UTF-8: save the file in that encoding") from None


def parse_lesson(
    name: str, text: str, pages: Collection[str], parameters: Collection[str] = ()
) -> Lesson:
    """Parse the text of a lesson's file. Raises Mistake with the line of the first problem."""
    if not _NAME.fullmatch(name):
        raise Mistake(
            1,
            "the name of a lesson's file has only small letters a to z, digits and hyphens, at "
            f"most 60; received {short_repr(name, 70)}: rename it",
        )
    lines = text.split("\n")
    marks = [number for number, line in enumerate(lines) if line.rstrip() == "---"]
    if marks[:1] != [0] or len(marks) < 2:
        where = 1 if marks[:1] != [0] else len(lines)
        raise Mistake(where, "the front matter stands between a first line --- and another ---")
    end = marks[1]
    front, start, check = read_front("\n".join(lines[1:end]), 2)
    headings = _headings(lines, end + 1)
    if len(headings) < LEAST_STEPS:
        raise Mistake(
            len(lines),
            f"a lesson has at least {LEAST_STEPS} steps; received {len(headings)}: begin each with "
            "a heading such as `## Look at one image`",
        )
    steps = tuple(
        _step(lines, begin, stop, pages, parameters)
        for begin, stop in zip(headings, [*headings[1:], len(lines)], strict=True)
    )
    introduction = "\n".join(lines[end + 1 : headings[0]]).strip()
    if not introduction:
        raise Mistake(end + 2, "the introduction is missing: write it before the first heading")
    told = front.model_dump(include={"title", "order", "minutes", "note", "about", "task"})
    return Lesson(
        name=name, start=start, check=check, introduction=introduction, steps=steps, **told
    )


def _headings(lines: list[str], begin: int) -> list[int]:
    """Return the lines of the steps' headings, from 0, outside of fenced code."""
    found, fenced = [], False
    for number in range(begin, len(lines)):
        if lines[number].lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced and lines[number].startswith("## "):
            found.append(number)
    return found


def _step(
    lines: list[str], begin: int, stop: int, pages: Collection[str], parameters: Collection[str]
) -> Step:
    """Parse the step from the heading in line `begin` to before line `stop`, from 0."""
    title, link = lines[begin][3:].strip(), None
    if not title:
        raise Mistake(begin + 1, "a step needs a title after the ##")
    parts: dict[str, list[str]] = {}
    for number in range(begin + 1, stop):
        line = lines[number]
        if match := _PART.match(line):
            if len(parts) == len(_PARTS) or match["name"] != _PARTS[len(parts)]:
                due = [*_PARTS, "the next step"][len(parts)]
                raise Mistake(number + 1, f"received {match['name']}: where {due} is due")
            parts[match["name"]] = [match["rest"].strip()]
        elif parts:
            parts[_PARTS[len(parts) - 1]].append(line)
        elif line.strip():
            if link or not (match := _LINK.fullmatch(line.strip())):
                raise Mistake(
                    number + 1,
                    "between a heading and Read: may stand one link alone, such as "
                    f"[Open Data](data?set=test); received {short_repr(line.strip(), 60)}",
                )
            link = _link(match, number + 1, pages, parameters)
    texts = ["\n".join(part).strip() for part in parts.values()]
    for name, text in zip(_PARTS, [*texts, "", "", ""], strict=False):
        if not text:
            raise Mistake(
                begin + 1, f"the step {short_repr(title, 60)} has no {name}: add it with its text"
            )
    return Step(title, link, *texts)


def _link(
    match: re.Match[str], line: int, pages: Collection[str], parameters: Collection[str]
) -> Link:
    page, query = match["page"], dict(parse_qsl(match["query"], keep_blank_values=True))
    if page not in pages:
        raise Mistake(
            line,
            f"there is no page {short_repr(page, 40)}: choose one of {', '.join(sorted(pages))}",
        )
    spec = {name: value for name, value in query.items() if name not in parameters}
    if spec and "network" not in spec:
        name = min(spec)
        way = "settings need a network beside them" if name in SETTINGS else "check its spelling"
        raise Mistake(line, f"a link to a page may not hold {short_repr(name, 40)}: {way}")
    try:
        if spec:
            from_query(spec)
    except SpecError as error:
        raise Mistake(line, str(error)) from None
    return Link(match["words"], page, query)
