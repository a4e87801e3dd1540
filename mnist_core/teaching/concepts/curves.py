"""Learning curves of real runs, recorded by `python -m benchmarks.record_curves`."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mnist_core.evaluation.diagnosis import Diagnosis, Kind, diagnose
from mnist_core.evaluation.history import Epoch
from mnist_core.network.query import from_query
from mnist_core.network.spec import Spec

PATH = Path(__file__).parent / "curves.json"

OVERFITS, UNDERFITS, GOOD, TOO_HIGH = ANSWERS = (
    "It overfits",
    "It underfits",
    "It learns well",
    "The learning rate is too high",
)
_MEANT: dict[Kind, str] = {
    "overfitting": OVERFITS,
    "underfitting": UNDERFITS,
    "learning": GOOD,
    "settled": GOOD,
    "unsteady": TOO_HIGH,
}


@dataclass(frozen=True)
class RecordedRun:
    """A recorded run: its name, its settings, and the figures of its epochs."""

    name: str
    spec: Spec
    epochs: list[Epoch]

    @property
    def answer(self) -> str:
        """The right answer about its curves, one of `ANSWERS`."""
        return _MEANT[self.reading(len(self.epochs)).kind]

    def reading(self, epoch: int) -> Diagnosis:
        """Return the app's diagnosis of the curves up to an epoch, from 1."""
        return diagnose(self.spec, self.epochs[:epoch], len(self.epochs))


@cache
def recorded_runs() -> dict[str, RecordedRun]:
    """Return all runs by name, in the order of the quiz."""
    runs = json.loads(PATH.read_text(encoding="utf-8"))
    return {
        run["name"]: RecordedRun(
            run["name"], from_query(run["query"]), [Epoch(**epoch) for epoch in run["epochs"]]
        )
        for run in runs
    }
