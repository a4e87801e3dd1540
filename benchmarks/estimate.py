"""Accuracy of the estimated training time, and the weights of the estimate that fit best.

    python -m benchmarks.estimate [--rounds 3]

Trains networks of very different shapes briefly, in turn and each in its own process, and prints
the measured cost per image beside the estimated one. Both are ratios to note-5's network, by which
the app scales its estimate.
"""

import argparse
import json
import subprocess
import sys
from math import exp, log, prod

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
LAYER_COSTS = (0, 10_000, 20_000, 40_000, 60_000, 80_000, 120_000, 200_000)
VALUE_COSTS = (0, 5, 10, 20, 50, 100)


def measure(notation: str) -> float:
    """Return seconds per image in the second epoch; the first includes TensorFlow's tracing."""
    from mnist_core.evaluation.history import Checkpoint, Epoch, Progress
    from mnist_core.network.notation import parse
    from mnist_core.network.spec import Spec, Split, Training
    from mnist_core.training.trainer import train

    class Clock:
        seconds = 0.0

        def on_progress(self, progress: Progress) -> bool:
            return True

        def on_epoch(self, epoch: Epoch, checkpoint: Checkpoint) -> None:
            self.seconds = epoch.seconds

    split, clock = Split(kind="none", limit=128 * BATCHES), Clock()
    train(Spec(network=parse(notation), training=Training(epochs=2), split=split), clock)
    return clock.seconds / split.images


def costs(notation: str) -> tuple[int, int, int]:
    """Return multiply-adds, layers, and activation values for one image."""
    from mnist_core.network.notation import parse
    from mnist_core.network.summary import summarize

    rows = summarize(parse(notation)).rows
    values = sum(prod(row.output_shape) for row in rows)
    return sum(row.multiply_adds for row in rows), len(rows), values


def estimates(layer_cost: float, value_cost: float = 0) -> dict[str, float]:
    """Return the estimated cost per image of each network, as a multiple of note-5's."""
    work = {}
    for name, notation in NETWORKS.items():
        multiply_adds, layers, values = costs(notation)
        work[name] = multiply_adds + layer_cost * layers + value_cost * values
    return {name: cost / work[BASE] for name, cost in work.items()}


def error(measured: dict[str, float], layer_cost: float, value_cost: float) -> float:
    """Return the typical error factor of the estimate: the geometric mean over the networks."""
    guessed = estimates(layer_cost, value_cost)
    ratios = [abs(log(guessed[name] / measured[name])) for name in NETWORKS if name != BASE]
    return exp(sum(ratios) / len(ratios))


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
    seconds = {name: min(times) for name, times in seen.items()}  # the least disturbed measurement
    measured = {name: time / seconds[BASE] for name, time in seconds.items()}
    report(seconds, measured)


def report(seconds: dict[str, float], measured: dict[str, float]) -> None:
    """Print measured and estimated costs, and the error factor of other weights."""
    from mnist_core.training.estimate import LAYER_COST

    guessed = estimates(LAYER_COST)
    print(f"{'network':24}{'us per image':>13}{'measured':>10}{'estimated':>10}")
    for name, time in seconds.items():
        print(f"{name:24}{1e6 * time:13.1f}{measured[name]:10.2f}{guessed[name]:10.2f}")
    print("\nTypically off by a factor of, where a layer costs (down) and a value costs (across)")
    print(f"{'':8}" + "".join(f"{value:8g}" for value in VALUE_COSTS))
    for layer in LAYER_COSTS:
        factors = "".join(f"{error(measured, layer, value):8.2f}" for value in VALUE_COSTS)
        print(f"{layer:8g}{factors}" + ("  as in plan" if layer == LAYER_COST else ""))


if __name__ == "__main__":
    main()
