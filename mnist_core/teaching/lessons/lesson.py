"""A lesson and its parts."""

from dataclasses import dataclass

from mnist_core.network.spec import Spec
from mnist_core.teaching.lessons.checks import AnyCheck
from mnist_core.utils.errors import MnistError


class LessonError(MnistError):
    """A lesson's file with a mistake. line: from 1."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}, line {line}: {reason}")
        self.file, self.line = file, line


@dataclass(frozen=True)
class Link:
    """A link to a page. query: the parameters of its address."""

    words: str
    page: str
    query: dict[str, str]


@dataclass(frozen=True)
class Step:
    """One step. read, do, see: Markdown."""

    title: str
    link: Link | None
    read: str
    do: str
    see: str


@dataclass(frozen=True)
class Lesson:
    """One lesson. name: in its address; start: the spec that Build opens with, if any.

    minutes: in a class. note: the course note that it belongs to, such as note-1, or empty.
    introduction: Markdown.
    """

    name: str
    title: str
    order: int
    minutes: int
    note: str
    about: str
    start: Spec | None
    task: str
    check: AnyCheck
    introduction: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class LessonCatalog:
    """All lessons in order, and the errors of files that cannot be read."""

    lessons: tuple[Lesson, ...]
    broken: tuple[LessonError, ...]

    def find(self, name: str) -> Lesson | None:
        """Return the lesson with a name, None if there is none or its file is broken."""
        return next((lesson for lesson in self.lessons if lesson.name == name), None)
