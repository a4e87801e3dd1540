"""The progress of an experiment: its runs, which of them count, and their scores."""

from dataclasses import asdict, dataclass
from functools import cached_property

import pandas as pd

from mnist_core.evaluation.diagnosis import kept_epoch
from mnist_core.evaluation.history import Epoch
from mnist_core.evaluation.run import Run
from mnist_core.evaluation.statistics import Spread, spread
from mnist_core.execution import queue
from mnist_core.experiments.definitions import Experiment, experiment_of
from mnist_core.network.spec import Spec
from mnist_core.storage.groups import Group
from mnist_core.storage.runs import Store

_ENDED = {
    "failed": "failed",
    "stopped": "was stopped",
    "interrupted": "was interrupted",
    "paused": "is paused",
}


@dataclass(frozen=True)
class GroupRun:
    """One run of an experiment. name: in the experiment; run: None if it was deleted."""

    name: str
    spec: Spec
    run: Run | None
    epochs: list[Epoch]

    @property
    def moves(self) -> bool:
        """Whether the run waits or trains."""
        return self.run is not None and self.run.is_active

    @property
    def aside(self) -> str:
        """Why the run is excluded from the scores, in words; empty if it counts or still can."""
        run = self.run
        if run is None:
            return "was deleted"
        if self.moves:
            return ""
        if run.state != "finished":
            ended = f"{_ENDED[run.state]} after {run.epochs} of {run.planned} epochs"
            return ended + (f": {run.reason}" if run.reason else "")
        if run.planned != self.spec.training.epochs:
            return f"was trained further, to epoch {run.epochs}, so it is no longer comparable"
        if run.learning_rate is not None:
            return "had its learning rate changed by hand, so it is not comparable"
        return ""

    @property
    def kept(self) -> Epoch | None:
        """The epoch whose weights the run keeps; None before the end of the first epoch."""
        return kept_epoch(self.epochs, self.spec.training.early_stopping is not None)


@dataclass(frozen=True)
class GroupProgress:
    """The state of an experiment when it was read. members: its runs, in order."""

    group: Group
    experiment: Experiment
    members: list[GroupRun]

    @property
    def moves(self) -> bool:
        """Whether any run still waits or trains."""
        return any(member.moves for member in self.members)

    @property
    def aside(self) -> list[GroupRun]:
        """The runs that are excluded from the scores."""
        return [member for member in self.members if member.aside]

    @property
    def comparable(self) -> list[GroupRun]:
        """The runs that count, or will count once they are finished."""
        return [member for member in self.members if not member.aside]

    @cached_property
    def scores(self) -> dict[str, float]:
        """The accuracy in [0, 1] of each finished run that counts, by its name.

        Test accuracy for seeds; for folds, accuracy on the fold's own validation images.
        """
        return {
            member.name: score
            for member in self.comparable
            if not member.moves and (score := self._score(member)) is not None
        }

    def _score(self, member: GroupRun) -> float | None:
        if self.experiment.kind == "repeat":
            return member.run and member.run.test_accuracy
        return member.kept and member.kept.val_accuracy

    @property
    def spread(self) -> Spread | None:
        """The spread of the scores so far; None before the first score."""
        return spread(list(self.scores.values()))

    def by_depth(self) -> dict[int, dict[int, float]]:
        """Return the scores by number of hidden layers, then by fold."""
        found: dict[int, dict[int, float]] = {}
        for member in self.members:
            if member.name in self.scores:
                depth = len(member.spec.network.layers) - 1
                score = self.scores[member.name]
                found.setdefault(depth, {})[member.spec.split.fold] = score
        return dict(sorted(found.items()))

    def table(self) -> pd.DataFrame:
        """Return one row per run; accuracies in [0, 1], missing values empty."""
        rows = pd.DataFrame([self._row(member) for member in self.members])
        figures = [name for name in map(str, rows) if "accuracy" in name or "loss" in name]
        whole = dict.fromkeys(("run", "epochs"), "Int64")
        return rows.astype(whole | dict.fromkeys([*figures, "seconds"], "float64"))

    def _row(self, member: GroupRun) -> dict[str, object]:
        run, kept = member.run, member.kept
        return {
            "name": member.name,
            "run": run and run.number,
            "state": run.state if run else "deleted",
            "counts": member.name in self.scores,
            "epochs": run and run.epochs,
            "val_accuracy": kept and kept.val_accuracy,
            "val_loss": kept and kept.val_loss,
            "test_accuracy": run and run.test_accuracy,
            "test_loss": run and run.test_loss,
            "seconds": run and run.seconds,
        }

    def history(self) -> pd.DataFrame:
        """Return one row per epoch: name and number of the run, then the columns of `Epoch`."""
        rows = [
            {"name": member.name, "run": member.run and member.run.number} | asdict(epoch)
            for member in self.members
            for epoch in member.epochs
        ]
        return pd.DataFrame(rows)


def read(store: Store, group: Group) -> GroupProgress:
    """Return the state of an experiment's group, from what its runs have recorded."""
    experiment = experiment_of(group)
    runs = {run.spec: run for run in store.runs(group.id)}  # by spec: people rename runs
    members = []
    for name, spec in experiment.specs().items():
        run = runs.get(spec)
        members.append(GroupRun(name, spec, run, store.epochs(run.id) if run else []))
    return GroupProgress(group, experiment, members)


def stop(store: Store, found: GroupProgress) -> None:
    """Stop the runs that wait or train; their weights are kept."""
    for member in found.members:
        if member.run and member.moves:
            queue.send_request(store, member.run.id, "stop")


def resumable_runs(found: GroupProgress) -> list[Run]:
    """Return the runs that ended before their last epoch and can be resumed."""
    ended = (member.run for member in found.members if not member.moves)
    return [run for run in ended if run and run.state != "finished"]


def resume(store: Store, found: GroupProgress) -> None:
    """Queue the stopped, interrupted and failed runs again, each from its last checkpoint."""
    for run in resumable_runs(found):
        queue.enqueue(store, run.id)
