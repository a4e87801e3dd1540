"""How far the estimate of a training time is off, and the weight of values that suits best.

    python -m benchmarks.estimate [--rounds 3]

Trains networks of very different shape for a moment each, in turn and in a process of its own,
and prints the measured cost of an image beside the estimated one. Both are ratios to note-5's
network, since that is what the app scales by.
"""

import argparse
import json
import subprocess
import sys
from math import exp, log, prod
from statistics import median

NETWORKS = {
    "note-5": "C8 M C16 M F D64 Drop0.2",
    "one small convolution": "C16 M F D32",
    "note-1": "C32 M C64 M F D128",
    "note-2": "C32same M C64 M C64 F D64",
    "lenet-5": "C6k5sametanh A C16k5tanh A C120k5tanh F D84tanh",
    "accurate": "C32k5 M C64 M C128same F Drop0.3 D128",
    "narrow and deep": "C8same C8same C8same M C8same C8same M F",
    "two dense layers": "F D512 D512",
}
BASE = "note-5"
BATCHES = 40
WEIGHTS = (0, 5, 10, 20, 30, 50, 75, 100, 150, 200, 300, 500)


def measure(notation: str) -> float:
    """Seconds an image, of the second epoch: the first one waits for TensorFlow's tracing."""
    from mnist_core.notation import parse
    from mnist_core.progress import Checkpoint, Epoch, Progress
    from mnist_core.spec import Spec, Split, Training
    from mnist_core.train import train

    class Clock:
        seconds = 0.0

        def on_progress(self, progress: Progress) -> bool:
            return True

        def on_epoch(self, epoch: Epoch, checkpoint: Checkpoint) -> None:
            self.seconds = epoch.seconds

    split, clock = Split(kind="none", limit=128 * BATCHES), Clock()
    train(Spec(network=parse(notation), training=Training(epochs=2), split=split), clock)
    return clock.seconds / split.images


def costs(notation: str) -> tuple[int, int]:
    """Multiply-adds, and values handed from layer to layer, of one image."""
    from mnist_core.notation import parse
    from mnist_core.summary import summarize

    rows = summarize(parse(notation)).rows
    return sum(row.multiply_adds for row in rows), sum(prod(row.output_shape) for row in rows)


def estimates(weight: float) -> dict[str, float]:
    """What an image costs, as a multiple of note-5's."""
    work = {name: adds + weight * values for name, (adds, values) in COSTS.items()}
    return {name: cost / work[BASE] for name, cost in work.items()}


def error(measured: dict[str, float], weight: float) -> float:
    """By which factor an estimate is typically off: the geometric mean over the networks."""
    guessed = estimates(weight)
    ratios = [abs(log(guessed[name] / measured[name])) for name in NETWORKS if name != BASE]
    return exp(sum(ratios) / len(ratios))


COSTS = {name: costs(notation) for name, notation in NETWORKS.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--network", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.network:
        print(json.dumps(measure(chosen.network)))
        return
    seen: dict[str, list[float]] = {name: [] for name in NETWORKS}
    for _ in range(chosen.rounds):
        for name, notation in NETWORKS.items():
            command = [sys.executable, "-m", "benchmarks.estimate", "--network", notation]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            seen[name].append(json.loads(done.stdout.splitlines()[-1]))
    seconds = {name: median(times) for name, times in seen.items()}
    measured = {name: time / seconds[BASE] for name, time in seconds.items()}
    report(seconds, measured)


def report(seconds: dict[str, float], measured: dict[str, float]) -> None:
    from mnist_core.plan import VALUE_COST

    guessed = estimates(VALUE_COST)
    print(f"{'network':24}{'us an image':>12}{'measured':>10}{'estimated':>10}")
    for name, time in seconds.items():
        print(f"{name:24}{1e6 * time:12.1f}{measured[name]:10.2f}{guessed[name]:10.2f}")
    print(f"\n{'a value costs':>14}{'typically off by a factor of':>32}")
    for weight in sorted({*WEIGHTS, VALUE_COST}):
        mark = " as in plan" if weight == VALUE_COST else ""
        print(f"{weight:14g}{error(measured, weight):32.2f}{mark}")


if __name__ == "__main__":
    main()
