"""Where a step of training spends its time, by TensorFlow operation.

    python -m benchmarks.step_profile [NETWORK] [--precision mixed_bfloat16]

Prints milliseconds per step by kind of operation, of a chunk of batches as the app trains it. The
operations of a step overlap on several cores, so their sum is more than the step takes. `limit` is
the time that the multiply-adds alone would take at the rate of a large matrix product.
"""

import argparse
import tempfile
import time
from collections import Counter
from pathlib import Path

STEPS = 60
SIDE = 2048


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network", nargs="*", default=["note-1"])
    parser.add_argument("--precision", default="float32")
    arguments = parser.parse_args()
    from mnist_core.utils.tensorflow import start_tensorflow

    start_tensorflow()
    import tensorflow as tf

    from mnist_core.dataset.training_set import training_set
    from mnist_core.evaluation.history import State
    from mnist_core.network.settings import read_spec
    from mnist_core.network.summary import summarize
    from mnist_core.training.train_step import BatchPlan, TrainingModel

    given = {"precision": arguments.precision, "split": "none"}
    spec = read_spec(tuple(arguments.network), given)
    data, size = training_set(spec.split, None), spec.training.batch_size
    work = summarize(spec.network).multiply_adds
    plan = BatchPlan(spec, data.rows, work, State(1, spec.training.learning_rate))
    model = TrainingModel(spec, plan, data)
    train = tf.function(model.train_step).get_concrete_function(
        tf.TensorSpec((None, None), tf.int32)
    )
    rows = tf.constant(data.rows[: STEPS * size].reshape(STEPS, size))
    step = min(seconds(lambda: train(rows)["losses"].numpy()) for _ in range(4)) / STEPS

    kind = tf.bfloat16 if arguments.precision == "mixed_bfloat16" else tf.float32
    square = tf.cast(tf.random.normal((SIDE, SIDE)), kind)
    product = min(seconds(lambda: tf.matmul(square, square)[0, 0].numpy()) for _ in range(5))
    limit = 3 * work * size * product / SIDE**3
    print(f"step {1000 * step:.2f} ms, limit {1000 * limit:.2f} ms ({limit / step:.0%})")
    with tempfile.TemporaryDirectory() as folder:
        tf.profiler.experimental.start(folder)
        train(rows)["losses"].numpy()
        tf.profiler.experimental.stop()
        (file,) = Path(folder).rglob("*.xplane.pb")
        for name, taken in operations(file).most_common(16):
            print(f"{taken / STEPS:8.3f} ms {name}")


def seconds(call) -> float:
    """Return how long a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def operations(file: Path) -> Counter[str]:
    """Return the milliseconds of each kind of operation in a trace, without what it contains."""
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    space, found = xplane_pb2.XSpace(), Counter[str]()
    space.ParseFromString(file.read_bytes())
    (host,) = [plane for plane in space.planes if plane.name == "/host:CPU"]
    for line in host.lines:
        open_events = list[tuple[str, int]]()
        for event in sorted(line.events, key=lambda e: (e.offset_ps, -e.duration_ps)):
            while open_events and open_events[-1][1] <= event.offset_ps:
                open_events.pop()
            name = host.event_metadata[event.metadata_id].name.rpartition(":")[2]
            found[name] += event.duration_ps / 1e9
            if open_events:
                found[open_events[-1][0]] -= event.duration_ps / 1e9
            open_events.append((name, event.offset_ps + event.duration_ps))
    del found["Run"]  # the thread that waits for the others
    return found


if __name__ == "__main__":
    main()
