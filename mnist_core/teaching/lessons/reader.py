"""Reads lessons from folders of Markdown files; a broken file is reported and hides no other.

A file has a front matter in YAML between two lines `---`, an introduction, and steps: a heading
`## Title`, an optional link `[words](page?query)`, then `Read:`, `Do:` and `See:`. The English
lessons are in the folder `en`; a file of the same name in another language's folder translates one.
"""

import re
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qsl

import yaml
from pydantic import ValidationError

from mnist_core.network.query import from_query
from mnist_core.network.value import SpecError, explain
from mnist_core.teaching.lessons.lesson import Lesson, LessonCatalog, LessonError, Link, Step
from mnist_core.utils.paths import PROJECT
from mnist_core.utils.text import short_repr, without_markup

FOLDER = PROJECT / "lessons"
ENGLISH = "en"
MOST_CHARACTERS = 64 * 1024

_LANGUAGE = re.compile("[a-z]{2,3}")
_FILE = re.compile(r"---\n(?P<front>.*?)\n---\n(?P<body>.*)", re.DOTALL)
_LINK = re.compile(r"\[(?P<words>[^\]]+)\]\((?P<page>[^)?]*)\??(?P<query>.*)\)")


def languages(folder: Path = FOLDER) -> list[str]:
    """Return the languages that have lessons, by their codes such as "de"; English first."""
    found = {path.name for path in folder.glob("*/") if _LANGUAGE.fullmatch(path.name)}
    return [ENGLISH, *sorted(found - {ENGLISH})]


def read_all(
    pages: frozenset[str],
    parameters: frozenset[str],
    language: str = ENGLISH,
    folder: Path = FOLDER,
) -> LessonCatalog:
    """Return all lessons, and the errors of files that cannot be read.

    pages: valid targets of links; parameters: their valid query parameters besides those of a spec.
    language: of the texts; a lesson without a readable translation is in English.
    """
    lessons, broken, untranslated = [], {}, set[str]()
    for original in sorted((folder / ENGLISH).glob("*.md")):
        path = original
        try:
            text = _read(original)
            lessons.append(parse_lesson(original.stem, text, pages, parameters))
            path = folder / language / original.name
            if path == original:
                continue
            untranslated.add(original.stem)
            if path.exists():
                lessons[-1] = parse_lesson(original.stem, _read(path), pages, parameters, text)
                untranslated.remove(original.stem)
        except LessonError as error:
            broken[original.stem] = LessonError(f"{path.relative_to(folder).as_posix()}: {error}")
    for path in (folder / language).glob("*.md"):
        if not (folder / ENGLISH / path.name).exists():
            name = path.relative_to(folder).as_posix()
            broken[path.stem] = LessonError(f"{name}: there is no {ENGLISH}/{path.name}")
    lessons.sort(key=lambda lesson: (lesson.order, lesson.name))
    return LessonCatalog(tuple(lessons), broken, frozenset(untranslated))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LessonError(f"it cannot be read as UTF-8 text: {error}") from None


_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_NEWLINE = "\0"
"""Stands for a newline in fenced code, where ## is no heading."""


@lru_cache(maxsize=256)
def parse_lesson(
    name: str,
    text: str,
    pages: frozenset[str],
    parameters: frozenset[str] = frozenset(),
    original: str = "",
) -> Lesson:
    """Parse the text of a lesson's file. Raises LessonError, with the first problem.

    original: of a translation, the text of the English file; what the translation's front matter
    does not have is taken from there.
    """
    front, body = _split(text)
    if original:
        front = _split(original)[0] | front
    body = _FENCED.sub(lambda code: code[0].replace("\n", _NEWLINE), body)
    introduction, *steps = (
        part.replace(_NEWLINE, "\n") for part in re.split(r"^## ", body, flags=re.MULTILINE)
    )
    if not steps:
        raise LessonError("a lesson needs steps: begin each with a heading such as `## Look`")
    lesson = {
        "name": name,
        "introduction": introduction.strip(),
        "steps": [_parse_step(step, pages, parameters) for step in steps],
    }
    try:
        return Lesson.model_validate(front | lesson)
    except ValidationError as error:
        raise LessonError(explain(error, "check")) from None
    except SpecError as error:
        raise LessonError(str(error)) from None


def _split(text: str) -> tuple[dict[str, object], str]:
    """Return the front matter and the rest of a lesson's text."""
    if len(text) > MOST_CHARACTERS:
        raise LessonError(
            f"a lesson has at most {MOST_CHARACTERS:,} characters; received {len(text):,}: "
            "shorten it"
        )
    parts = _FILE.fullmatch(text)
    if parts is None:
        raise LessonError("the front matter must be between a first line --- and another line ---")
    return _parse_front(parts["front"]), parts["body"]


def _parse_front(text: str) -> dict[str, object]:
    """Return the front matter with every scalar as text, which pydantic converts."""
    try:
        front = yaml.load(text, yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError) as error:
        problem = without_markup(str(getattr(error, "problem", None) or error)[:100])
        raise LessonError(
            f"the front matter is not YAML ({problem}): put text with a colon in quotes"
        ) from None
    if not isinstance(front, dict):
        raise LessonError("the front matter must be lines such as `title: Your first network`")
    return front


def _parse_step(text: str, pages: frozenset[str], parameters: frozenset[str]) -> Step:
    """Parse a step from the text after its `## `."""
    head, *parts = re.split(r"^(Read|Do|See):", text, flags=re.MULTILINE)
    title, _, link = (part.strip() for part in head.partition("\n"))
    names, texts = parts[::2], [part.strip() for part in parts[1::2]]
    if names != ["Read", "Do", "See"] or not all([title, *texts]):
        raise LessonError(
            "a step has a title, at most one link, then Read:, Do: and See:, each with its text; "
            f"check the step {short_repr(title)}"
        )
    return Step(title, _parse_link(link, pages, parameters) if link else None, *texts)


def _parse_link(text: str, pages: frozenset[str], parameters: frozenset[str]) -> Link:
    match = _LINK.fullmatch(text)
    if match is None or match["page"] not in pages:
        raise LessonError(
            "only a link such as [Open Data](data?set=test) may come between a heading and Read:, "
            f"to one of the pages {', '.join(sorted(pages))}; received {short_repr(text)}"
        )
    query = dict(parse_qsl(match["query"], keep_blank_values=True))
    spec = {name: value for name, value in query.items() if name not in parameters}
    try:
        if spec:
            from_query({"network": ""} | spec)
    except SpecError as error:
        raise LessonError(f"the link to {match['page']}: {error}") from None
    return Link(match["words"], match["page"], query)
