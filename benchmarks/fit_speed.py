"""Training speed of a recorded run, against plain Keras, PyTorch and JAX, in turn.

    python -m benchmarks.fit_speed [--epochs 3] [--rounds 3]

Each measurement is its own process; a round runs each contender once. Seconds are wall time from
the first line after the imports to trained weights; `settled` is the fastest whole epoch.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import ClassVar

PLAIN, OURS = "plain fit, float32", "ours, float32"
CONTENDERS = {
    PLAIN: "plain",
    OURS: "ours float32",
    "ours, float32, nothing recorded": "bare float32",
    "ours, mixed bfloat16": "ours mixed_bfloat16",
    "PyTorch, plain loop": "torch",
    "plain fit on JAX, float32": "jax",
}


def plain(epochs: int) -> list[float]:
    """Train as the Keras guides do."""
    import keras

    from mnist_core.dataset import mnist

    data = mnist.load()
    images = data.x_train[..., None].astype("float32") / 255
    labels = data.y_train.astype("int32")
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(64, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])

    class Clock(keras.callbacks.Callback):
        seconds: ClassVar[list[float]] = []

        def on_epoch_begin(self, epoch, logs=None):
            self.start = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            self.seconds.append(time.perf_counter() - self.start)

    model.fit(images, labels, batch_size=128, epochs=epochs, verbose=0, callbacks=[Clock()])
    return Clock.seconds


def ours(epochs: int, precision: str, recorded: bool) -> list[float]:
    """Train the same network through `execute` into a database, or through `train` alone."""
    from mnist_core.execution.runner import execute
    from mnist_core.network.notation import parse
    from mnist_core.network.spec import Spec, Split, Training
    from mnist_core.storage.runs import Store
    from mnist_core.training.trainer import train

    class Clock:
        seconds: ClassVar[list[float]] = []

        def on_progress(self, progress):
            return True

        def on_epoch(self, epoch, checkpoint):
            self.seconds.append(epoch.seconds)

    training = Training.model_validate({"epochs": epochs, "precision": precision})
    network = parse("C32 M C64 M F D128")
    spec = Spec(network=network, training=training, split=Split(kind="none"))
    if not recorded:
        train(spec, Clock())
        return Clock.seconds
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        store = Store(url=f"sqlite:///{Path(folder) / 'runs.db'}")
        execute(store, store.create_run(spec).id, Clock())
    return Clock.seconds


def torch(epochs: int) -> list[float]:
    """Train with the loop of PyTorch's tutorials, with batches indexed from a tensor in memory."""
    import torch  # pyright: ignore[reportMissingImports]
    from torch import nn  # pyright: ignore[reportMissingImports]

    from mnist_core.dataset import mnist

    data = mnist.load()
    images = torch.tensor(data.x_train[:, None].astype("float32") / 255)
    labels = torch.tensor(data.y_train.astype("int64"))
    model = nn.Sequential(
        *(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(1600, 128), nn.ReLU(), nn.Linear(128, 10)),
    )
    optimizer, loss = torch.optim.Adam(model.parameters()), nn.CrossEntropyLoss()
    seconds = []
    for _ in range(epochs):
        start = time.perf_counter()
        order = torch.randperm(len(images))
        for first in range(0, len(images), 128):
            rows = order[first : first + 128]
            optimizer.zero_grad()
            loss(model(images[rows]), labels[rows]).backward()
            optimizer.step()
        seconds.append(time.perf_counter() - start)
    return seconds


def contend(what: str, epochs: int) -> dict[str, float]:
    """Run one measurement in this process."""
    kind, _, precision = what.partition(" ")
    if kind == "torch":
        import torch as _library  # pyright: ignore[reportMissingImports]
    elif kind == "jax":
        os.environ["KERAS_BACKEND"] = "jax"
        import jax as _library  # pyright: ignore[reportMissingImports]  # noqa: F401
        import keras as _keras  # noqa: F401
    else:
        from mnist_core.utils.tensorflow import start_tensorflow

        start_tensorflow()
    from mnist_core.dataset import mnist

    mnist.load()
    start, cpu = time.perf_counter(), time.process_time()
    if kind in ("plain", "jax"):
        seconds = plain(epochs)
    elif kind == "torch":
        seconds = torch(epochs)
    else:
        seconds = ours(epochs, precision, recorded=kind == "ours")
    whole = time.perf_counter() - start
    return {"whole": whole, "settled": min(seconds), "cpu": time.process_time() - cpu}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--contend")
    arguments = parser.parse_args()
    if arguments.contend:
        print(json.dumps(contend(arguments.contend, arguments.epochs)))
        return
    results: dict[str, list[dict[str, float]]] = {name: [] for name in CONTENDERS}
    for number in range(arguments.rounds):
        for name, what in CONTENDERS.items():
            command = [sys.executable, "-m", "benchmarks.fit_speed", "--contend", what]
            command += ["--epochs", str(arguments.epochs)]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                print(f"{name}: left out ({done.stderr.strip().splitlines()[-1]})")
                continue
            results[name].append(json.loads(done.stdout.splitlines()[-1]))
            print(number + 1, name, results[name][-1], flush=True)
    print(
        f"\n| {arguments.epochs} epochs of 60,000, note-1, batch 128; medians of "
        f"{arguments.rounds} | settled epoch s | ratio | whole s | ratio | CPU s | ratio |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, runs in results.items():
        if not runs:
            continue
        cells = []
        for key in ("settled", "whole", "cpu"):
            value = median(run[key] for run in runs)
            base = median(run[key] for run in results[PLAIN])
            cells += [f"{value:.2f}", f"{value / base:.2f}"]
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
