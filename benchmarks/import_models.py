"""Import of damaged and hostile model files: `python -m benchmarks.import_models`.

Passes each bad file of the tests to the reader, as the app does, and prints the wall and processor
time until the error message, and the growth of this process. `--fuzz 300` damages good files at
random for 300 seconds, reads each in its own process (POSIX), and counts the outcomes.
"""

import argparse
import os
import random
import resource
import signal
import time
from collections import Counter

import psutil

from mnist_core.importing import reader, sandbox
from mnist_core.importing.errors import ImportModelError
from mnist_core.network.notation import parse
from mnist_core.utils.tensorflow import start_tensorflow
from tests.mnist_core.importing.bad_models import Good

NETWORK = parse("C2 M F D4")


def refuse_all(good: Good) -> None:
    """Print wall and processor time of each refusal, the slowest first, and the memory growth."""
    from tests.mnist_core.importing import bad_layers, bad_weights  # noqa: F401  each adds its makers
    from tests.mnist_core.importing.bad_models import BAD

    this, rows = psutil.Process(), []
    files = {name: make(good) for name, (make, _) in BAD.items()}
    sandbox.import_file(good.keras)
    before = this.memory_info().rss
    for name, data in files.items():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        start, sentence = time.perf_counter(), "taken, which it should not be"
        try:
            sandbox.import_file(data, NETWORK)
        except ImportModelError as error:
            sentence = str(error)
        wall = time.perf_counter() - start
        now = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
        rows.append((wall, cpu, name, sentence))
    for wall, cpu, name, sentence in sorted(rows, reverse=True):
        print(f"{wall:6.2f} s {cpu:6.2f} s of processor  {name}: {sentence}")
    walls, cpus = sorted(row[0] for row in rows), sorted(row[1] for row in rows)
    grown = (this.memory_info().rss - before) / 2**20
    middle = len(rows) // 2
    print(
        f"\n{len(rows)} bad files; median {walls[middle]:.2f} s, slowest {walls[-1]:.2f} s "
        f"(processor: {cpus[middle]:.2f} and {cpus[-1]:.2f} s); this process grew by "
        f"{grown:.1f} MB"
    )


def fuzz(good: Good, seconds: float) -> None:
    """Damage files at random until the time is up."""
    rng, ends = random.Random(time.time_ns()), Counter()
    sources = {".keras": good.keras, ".h5": good.h5, ".weights.h5": good.weights}
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        kind = rng.choice(list(sources))
        ends[kind, _read(damaged(sources[kind], rng))] += 1
    for (kind, how), count in sorted(ends.items()):
        print(f"{count:7,} {kind:12} {how}")
    print(f"{sum(ends.values()):7,} in all")


def damaged(data: bytes, rng: random.Random) -> bytes:
    """Return a file with some bytes changed, mostly near the start, or cut off."""
    made = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5, 30))):
        reach = rng.choice((200, 3000, len(made), len(made)))
        made[rng.randrange(reach)] = rng.choice((0, 255, rng.randrange(256)))
    if rng.random() < 0.1:
        del made[rng.randrange(len(made)) :]
    if rng.random() < 0.1:
        at, length = rng.randrange(len(made) + 1), rng.randrange(200)
        made[at:at] = made[:length]
    return bytes(made)


def _read(data: bytes) -> str:
    """Read a file in a separate process; return how the process ended."""
    child = os.fork()
    if child == 0:
        reader.limit()
        code = 5
        try:
            reader.read(data, NETWORK)
            code = 0
        except ImportModelError:
            code = 1
        except MemoryError:
            code = 2
        except Exception:
            code = 3
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return f"ended by {signal.Signals(os.WTERMSIG(status)).name}"
    words = ["a network", "a sentence of its own", "too much memory", "the sentence for damage"]
    return dict(enumerate(words)).get(os.WEXITSTATUS(status), "anything else")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fuzz", type=float, metavar="SECONDS")
    chosen = parser.parse_args()
    good = _good()
    if chosen.fuzz:
        fuzz(good, chosen.fuzz)
    else:
        refuse_all(good)


def _good() -> Good:
    """Make good files in another process, so that this one has no TensorFlow, like the server."""
    from multiprocessing import get_context

    with get_context("spawn").Pool(1) as pool:
        return pool.apply(_make)


def _make() -> Good:
    start_tensorflow()
    from tests.mnist_core.importing.keras_files import good_model

    return good_model()


if __name__ == "__main__":
    main()
