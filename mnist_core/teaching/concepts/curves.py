"""Learning curves of real runs, recorded by `python -m mnist_core.teaching.concepts.curves`.

That trains them anew and writes down their figures; pages read the file, and so need no TensorFlow.
"""

import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from mnist_core.evaluation.diagnosis import Diagnosis, Kind, diagnose
from mnist_core.evaluation.history import Checkpoint, Epoch
from mnist_core.network.query import from_query, to_query
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
_SMALL = {"limit": "3000", "count": "2000"}  # 1,000 images to learn, 2,000 to validate
_LARGE = {"network": "C32 M C64 M F D128", "epochs": "40", "batch_size": "32"}
_TINY = {"network": "A C2 M A F", "limit": "12000", "count": "2000"}
_RECIPES: dict[str, dict[str, str]] = {
    "overfits": _LARGE | _SMALL,
    "learns": {"network": "C8 M C16 M F D64 Drop0.2", "limit": "24000", "count": "4000"}
    | {"epochs": "10"},
    "jumps": {"network": "F D64", "epochs": "15", "limit": "7000", "count": "2000"}
    | {"optimizer": "sgd", "learning_rate": "1.4"},
    "tiny": _TINY | {"epochs": "20", "learning_rate": "0.01"},
    "helped": _LARGE
    | _SMALL
    | {"network": "C32 M C64 M F Drop0.3 D128", "shift": "2", "rotation": "10"}
    | {"schedule": "cosine"},
}


@dataclass(frozen=True)
class RecordedRun:
    """One run that was really trained: its name, its settings, and the figures of its epochs."""

    name: str
    spec: Spec
    epochs: list[Epoch]

    @property
    def answer(self) -> str:
        """What its curves say, of `ANSWERS`."""
        return _MEANT[self.reading(len(self.epochs)).kind]

    def reading(self, epoch: int) -> Diagnosis:
        """What the app says of the curves up to an epoch, from 1."""
        return diagnose(self.spec, self.epochs[:epoch])


@cache
def recorded_runs() -> dict[str, RecordedRun]:
    """All runs by their names, in the order in which to guess at them."""
    runs = json.loads(PATH.read_text(encoding="utf-8"))
    return {
        run["name"]: RecordedRun(
            run["name"], from_query(run["query"]), [Epoch(**epoch) for epoch in run["epochs"]]
        )
        for run in runs
    }


class _Notes:
    """Writes down every epoch."""

    def __init__(self) -> None:
        self.epochs: list[Epoch] = []

    def on_progress(self, progress: object) -> bool:
        return True

    def on_epoch(self, epoch: Epoch, checkpoint: Checkpoint) -> None:
        self.epochs.append(epoch)


def record() -> None:
    """Train all runs, one or two minutes in all, and write the file; imports TensorFlow."""
    from mnist_core.utils.tensorflow import start_tensorflow

    start_tensorflow()
    from mnist_core.training.trainer import train

    runs = []
    for name, recipe in _RECIPES.items():
        spec, notes = from_query(recipe), _Notes()
        train(spec, notes)
        epochs = [_rounded(epoch) for epoch in notes.epochs]
        runs.append({"name": name, "query": to_query(spec), "epochs": epochs})
        print(f"{name}: {diagnose(spec, notes.epochs).kind}, {notes.epochs[-1]}")
    lines = ",\n".join(json.dumps(run) for run in runs)  # a line each, to be read in a difference
    PATH.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def _rounded(epoch: Epoch) -> dict[str, float]:
    """Six digits after the point are more than anybody can see."""
    return {name: round(value, 6) for name, value in asdict(epoch).items()}


if __name__ == "__main__":
    record()
