"""Trains the runs of the idea Fitting again and records their learning curves.

`python -m benchmarks.record_curves`, one or two minutes in all. To change a run, edit its query in
the file first.
"""

import json
from dataclasses import asdict

from mnist_core.evaluation.diagnosis import diagnose
from mnist_core.evaluation.history import Checkpoint, Epoch
from mnist_core.network.query import from_query
from mnist_core.teaching.concepts.curves import PATH
from mnist_core.utils.tensorflow import start_tensorflow


class Notes:
    """Records every epoch."""

    def __init__(self) -> None:
        self.epochs: list[Epoch] = []

    def on_progress(self, progress: object) -> bool:
        return True

    def on_epoch(self, epoch: Epoch, checkpoint: Checkpoint) -> None:
        self.epochs.append(epoch)


def main() -> None:
    start_tensorflow()
    from mnist_core.training.trainer import train

    runs = json.loads(PATH.read_text(encoding="utf-8"))
    for run in runs:
        spec, notes = from_query(run["query"]), Notes()
        train(spec, notes)
        run["epochs"] = [
            {name: round(value, 6) for name, value in asdict(epoch).items()}
            for epoch in notes.epochs
        ]
        print(f"{run['name']}: {diagnose(spec, notes.epochs).kind}, {notes.epochs[-1]}")
    lines = ",\n".join(json.dumps(run) for run in runs)  # one per line, for readable diffs
    PATH.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
