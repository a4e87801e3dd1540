"""From a folder of Markdown files to lessons; a broken one is told and hides nothing else.

A file has a front matter between two lines `---`, an introduction, and steps: a heading `## Title`,
a link `[words](page?query)` if there is one, then `Read:`, `Do:` and `See:`.
"""

import re
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qsl

from mnist_core.layers import SpecError
from mnist_core.lessons.front import Mistake, read_front
from mnist_core.lessons.lesson import Lesson, LessonError, Link, Shelf, Step
from mnist_core.link import from_query
from mnist_core.options import SETTINGS
from mnist_core.words import shown

FOLDER = Path(__file__).parents[2] / "lessons"
MOST_BYTES = 64 * 1024
LEAST_STEPS = 2

_NAME = re.compile(r"[a-z0-9-]{1,60}")
_LINK = re.compile(r"\[(?P<words>[^\]]+)\]\((?P<page>[^)?]*)\??(?P<query>.*)\)")
_PART = re.compile(r"(?P<name>Read|Do|See):(?P<rest>.*)")
_PARTS = ["Read", "Do", "See"]

Places = frozenset[str]


def read_all(pages: Collection[str], parameters: Collection[str], folder: Path = FOLDER) -> Shelf:
    """All lessons of a folder, read again when their files change.

    pages: what a link may lead to; parameters: what its query may hold besides a spec.
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
    return Shelf(tuple(lessons), tuple(broken))


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
    """A lesson of a file's text. Raises Mistake with the line of the first problem."""
    if not _NAME.fullmatch(name):
        raise Mistake(
            1,
            "the name of a lesson's file has only small letters a to z, digits and hyphens, at "
            f"most 60; received {shown(name, 70)}: rename it",
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
    """Where steps begin, from 0; what stands in a fence of code is no heading."""
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
    """The step whose heading is line `begin`, and that ends before line `stop`, from 0."""
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
                    f"[Open Data](data?set=test); received {shown(line.strip(), 60)}",
                )
            link = _link(match, number + 1, pages, parameters)
    texts = ["\n".join(part).strip() for part in parts.values()]
    for name, text in zip(_PARTS, [*texts, "", "", ""], strict=False):
        if not text:
            raise Mistake(
                begin + 1, f"the step {shown(title, 60)} has no {name}: add it with its text"
            )
    return Step(title, link, *texts)


def _link(
    match: re.Match[str], line: int, pages: Collection[str], parameters: Collection[str]
) -> Link:
    page, query = match["page"], dict(parse_qsl(match["query"], keep_blank_values=True))
    if page not in pages:
        raise Mistake(
            line, f"there is no page {shown(page, 40)}: choose one of {', '.join(sorted(pages))}"
        )
    spec = {name: value for name, value in query.items() if name not in parameters}
    if spec and "network" not in spec:
        name = min(spec)
        way = "settings need a network beside them" if name in SETTINGS else "check its spelling"
        raise Mistake(line, f"a link to a page may not hold {shown(name, 40)}: {way}")
    try:
        if spec:
            from_query(spec)
    except SpecError as error:
        raise Mistake(line, str(error)) from None
    return Link(match["words"], page, query)
