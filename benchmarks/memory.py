"""Memory of training: the peak of one run, and the growth of one process over many runs.

    python -m benchmarks.memory [--runs 30] [--clear]

Resident memory (Linux) is read after each run, after a garbage collection. `--clear` also clears
Keras's session between runs.
"""

import argparse
import gc
import os
from pathlib import Path

from mnist_core.utils.tensorflow import start_tensorflow


def resident_mib() -> float:
    """Return the resident memory of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def peak_mib() -> float:
    """Return the peak resident memory of this process in MiB."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


class Silent:
    """A training listener that stores nothing."""

    def on_progress(self, progress: object) -> bool:
        return True

    def on_epoch(self, epoch: object, checkpoint: object) -> None: ...


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--clear", action="store_true")
    parser.add_argument("--network", default="C32 M C64 M F D128")
    arguments = parser.parse_args()
    start_tensorflow()
    import keras

    from mnist_core.network.notation import parse
    from mnist_core.network.spec import Spec, Split, Training
    from mnist_core.training.trainer import train

    print(f"TensorFlow imported: {resident_mib():.0f} MiB")
    spec = Spec(
        network=parse(arguments.network),
        training=Training(epochs=1),
        split=Split(count=1000, limit=6000),
    )
    after = []
    for number in range(1, arguments.runs + 1):
        train(spec, Silent())
        if arguments.clear:
            keras.backend.clear_session()
        gc.collect()
        after.append(resident_mib())
        print(f"after run {number}: {after[-1]:.0f} MiB", flush=True)
    if len(after) > 5:
        print(f"growth per run from the fifth: {(after[-1] - after[4]) / (len(after) - 5):.1f} MiB")
    print(f"peak: {peak_mib():.0f} MiB")


if __name__ == "__main__":
    main()
