"""Seconds until 99.0 % test accuracy: the preset `fast` against note-1's recipe, in turn.

    python -m benchmarks.to_99 [--seeds 3]

Counted from the start of `train` to the end of the first epoch that reaches 99.0 %, with building
and tracing, without the evaluation on the test set. Each run is its own process.
"""

import argparse
import json
import subprocess
import sys
import time
from statistics import mean

GOAL = 0.99
CONTENDERS = ("note-1", "fast")


class TestAccuracy:
    """Evaluates on the test set after each epoch and stops at the goal; its time is not counted."""

    def __init__(self, network) -> None:
        self.network = network
        self.start, self.judging = time.perf_counter(), 0.0
        self.accuracy, self.seconds, self.epochs = 0.0, float("inf"), 0

    def on_progress(self, progress) -> bool:
        return self.accuracy < GOAL

    def on_epoch(self, epoch, checkpoint) -> None:
        from mnist_core.dataset import mnist
        from mnist_core.training.predictor import Predictor

        now = time.perf_counter()
        if self.accuracy < GOAL:
            data = mnist.load()
            predictor = Predictor(self.network, checkpoint.weights)
            answers = predictor.probabilities(data.x_test).argmax(axis=1)
            self.accuracy = float((answers == data.y_test).mean())
            self.epochs = epoch.epoch
            if self.accuracy >= GOAL:
                self.seconds = now - self.start - self.judging
        self.judging += time.perf_counter() - now


def contend(name: str, seed: int) -> dict[str, float]:
    """Run one training in this process."""
    from mnist_core.utils.tensorflow import start_tensorflow

    start_tensorflow()
    from mnist_core.dataset import mnist
    from mnist_core.network.presets import find
    from mnist_core.training.trainer import train

    mnist.load()
    spec = find(name)
    training = spec.training.model_copy(update={"seed": seed})
    evaluator = TestAccuracy(spec.network)
    train(spec.model_copy(update={"training": training}), evaluator)
    return {
        "seconds": evaluator.seconds,
        "epochs": evaluator.epochs,
        "accuracy": evaluator.accuracy,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--contend", nargs=2)
    arguments = parser.parse_args()
    if arguments.contend:
        print(json.dumps(contend(arguments.contend[0], int(arguments.contend[1]))))
        return
    results: dict[str, list[dict[str, float]]] = {name: [] for name in CONTENDERS}
    for seed in range(arguments.seeds):
        for name in CONTENDERS:
            command = [sys.executable, "-m", "benchmarks.to_99", "--contend", name, str(seed)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            results[name].append(json.loads(done.stdout.splitlines()[-1]))
            print(name, seed, results[name][-1], flush=True)
    slow, fast = (mean(run["seconds"] for run in results[name]) for name in CONTENDERS)
    print(f"note-1 {slow:.1f} s, fast {fast:.1f} s: {slow / fast:.1f} times sooner")


if __name__ == "__main__":
    main()
