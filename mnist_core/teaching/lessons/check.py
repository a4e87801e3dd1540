"""What the checks of all lessons share: their base class, the verdict, a student's own work."""

from abc import abstractmethod
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from mnist_core.evaluation.run import Run
from mnist_core.experiments.comparison import settled
from mnist_core.storage import groups
from mnist_core.storage.groups import Group, Kind
from mnist_core.storage.runs import Store


@dataclass(frozen=True)
class Verdict:
    """Whether a task is done, and sentences about what counted or what is missing.

    run_id: the run that counted or that the question is about, if any.
    """

    passed: bool
    words: str
    run_id: int | None = None


class Check(BaseModel):
    """The check of a task, as written in the front matter of a lesson."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @abstractmethod
    def evaluate(self, store: Store, answer: str = "") -> Verdict:
        """Return the verdict on a student's work. answer: as typed, for a task that asks one."""


def own_runs(store: Store) -> list[Run]:
    """Return the visitor's runs that the app trained and evaluated, the newest first."""
    return [run for run in map(settled, _trained_here(store)) if run.test_accuracy is not None]


def runs_in_training(store: Store) -> list[Run]:
    """Return the visitor's runs that wait or train and may count once they are evaluated."""
    return [run for run in _trained_here(store) if run.is_active]


def _trained_here(store: Store) -> list[Run]:
    mine = (run for run in store.runs() if is_own(store, run))
    return [run for run in mine if run.sees_test and not run.origin]


def own_groups(store: Store, kind: Kind) -> list[Group]:
    """Return the visitor's groups of a kind, the newest first."""
    return [group for group in groups.list_groups(store, kind) if is_own(store, group)]


def is_own(store: Store, made: Run | Group) -> bool:
    """Whether the visitor made a run or group of the workspace; older ones do not record who."""
    return made.made_by in ("", store.visitor)
