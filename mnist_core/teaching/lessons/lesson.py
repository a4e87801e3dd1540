"""A lesson and its parts."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from mnist_core.network.query import from_query
from mnist_core.network.spec import Spec
from mnist_core.network.value import SpecError
from mnist_core.teaching.lessons.answers import AnswerCheck
from mnist_core.teaching.lessons.experiment_checks import DepthsCheck, FoldsCheck, StudyCheck
from mnist_core.teaching.lessons.handwriting_check import HandwritingCheck
from mnist_core.teaching.lessons.run_checks import (
    OneChangeCheck,
    OverfittingCheck,
    RunCheck,
    SmallerCheck,
)
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import short_repr

AnyCheck = (
    RunCheck
    | OverfittingCheck
    | SmallerCheck
    | OneChangeCheck
    | FoldsCheck
    | DepthsCheck
    | StudyCheck
    | AnswerCheck
    | HandwritingCheck
)


class LessonError(MnistError):
    """A lesson's file with a mistake."""


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


def _read_start(settings: object) -> Spec:
    """Return the spec with these settings, by their names in a link to Build."""
    if not isinstance(settings, dict):
        raise SpecError(
            "start must hold settings of a link to Build, such as `network: note-5`; received "
            f"{short_repr(settings)}"
        )
    return from_query({"network": ""} | {str(name): str(settings[name]) for name in settings})


class Lesson(BaseModel):
    """One lesson. name: in its address; start: the spec that Build opens with, if any.

    minutes: in a class. note: the course note that it belongs to. introduction: Markdown.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9-]{1,60}$")
    title: str = Field(min_length=1, max_length=80)
    order: int
    minutes: int = Field(ge=1, le=600)
    note: Literal["note-1", "note-2", "note-3", "note-4", "note-5"] | None = None
    about: str = Field(min_length=1)
    start: Annotated[Spec, BeforeValidator(_read_start)] | None = None
    task: str = Field(min_length=1)
    check: AnyCheck = Field(discriminator="kind")
    introduction: str = Field(min_length=1)
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class LessonCatalog:
    """All lessons in order, and the errors of files that cannot be read, by name.

    untranslated: the names of lessons in English because they have no readable translation.
    """

    lessons: tuple[Lesson, ...]
    broken: dict[str, LessonError]
    untranslated: frozenset[str] = frozenset()

    def find(self, name: str) -> Lesson | None:
        """Return the lesson with a name, None if there is none or its file is broken."""
        return next((lesson for lesson in self.lessons if lesson.name == name), None)
