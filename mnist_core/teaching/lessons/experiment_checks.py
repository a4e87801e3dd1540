"""Checks of tasks about experiments on Tune: a cross-validation, a study of depth, a search."""

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from mnist_core.experiments import group_progress, studies
from mnist_core.experiments.group_progress import GroupProgress
from mnist_core.network.notation import write
from mnist_core.storage.runs import Store
from mnist_core.teaching.lessons.check import Check, Verdict, own_groups
from mnist_core.utils.text import percent, plural


class FoldsCheck(Check):
    """A finished cross-validation with at least this number of folds."""

    kind: Literal["folds"]
    folds: int = Field(ge=2, le=20)

    def evaluate(self, store: Store, answer: str = "") -> Verdict:
        """Pass with the newest cross-validation that is large enough and finished."""
        found = (group_progress.read(store, group) for group in own_groups(store, "folds"))
        large = (one for one in found if len(one.members) >= self.folds)
        return _first_finished(large, f"cross-validation with at least {self.folds} folds")


class DepthsCheck(Check):
    """A finished study of depth with at least this number of different networks."""

    kind: Literal["depths"]
    variants: int = Field(ge=1, le=7)

    def evaluate(self, store: Store, answer: str = "") -> Verdict:
        """Pass with the newest study of depth that is large enough and finished."""
        found = (group_progress.read(store, group) for group in own_groups(store, "depth"))
        large = (
            one
            for one in found
            if len({write(member.spec.network) for member in one.members}) >= self.variants
        )
        return _first_finished(large, f"study of depth with at least {self.variants} networks")


def _first_finished(experiments: Iterable[GroupProgress], name: str) -> Verdict:
    """Return the verdict on experiments, the newest first. name: what the task asks for.

    Stops at the first finished one, since reading each takes some milliseconds.
    """
    newest: GroupProgress | None = None
    for found in experiments:
        if found.spread and len(found.scores) == len(found.members):
            last = max(member.run.id for member in found.members if member.run)
            mean = f"a mean val_accuracy of {percent(found.spread.mean)}"
            return Verdict(True, f"All {len(found.members)} runs are finished, with {mean}.", last)
        newest = newest or found
    if newest is None:
        return Verdict(False, f"No {name} yet: start one on Tune.")
    planned = plural(len(newest.members), "run")
    words = f"{len(newest.scores)} of {planned} are finished; the task needs all of them."
    excluded = "; ".join(f"{member.name} {member.aside}" for member in newest.aside[:2])
    return Verdict(False, f"{words} Not counted: {excluded}." if excluded else words)


class StudyCheck(Check):
    """A search for settings with at least this number of complete trials."""

    kind: Literal["study"]
    trials: int = Field(ge=1)

    def evaluate(self, store: Store, answer: str = "") -> Verdict:
        """Pass with the search that has the most complete trials; pruned ones do not count."""
        most, best = 0, None
        for group in own_groups(store, "study"):
            study = studies.read(store, group.id)
            complete = sum(trial.state == "complete" for trial in study.trials)
            if complete > most:
                most, best = complete, study.best
        if most < self.trials:
            words = (
                f"{most} of {plural(self.trials, 'complete trial')}: start a search on Tune, or "
                "let yours continue. Pruned trials do not count."
            )
            return Verdict(False, words)
        words = f"The search has {plural(most, 'complete trial')}"
        if best and best.value is not None:
            words += f"; the best, trial {best.number}, reached {percent(best.value)} val_accuracy"
        return Verdict(True, f"{words}.", best and best.run_id)
