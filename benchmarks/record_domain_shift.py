"""Trains the networks of the idea Whose handwriting again and records their results.

`python -m benchmarks.record_domain_shift`, about ten minutes. The network of note 5 learns from
digits by students, by employees, or by both, and reads test digits of both groups, also changed.
"""

import json

import numpy as np

from mnist_core.dataset import mnist
from mnist_core.teaching.concepts.domain_shift import (
    GROUPS,
    NETWORK,
    PATH,
    SEEDS,
    SHIFTS,
    SOURCES,
    TRAINING,
    Shift,
    Source,
    rows_of,
    training_rows,
)
from mnist_core.utils.tensorflow import start_tensorflow


def trained(source: Source, seed: int):
    """Return a network that was trained on the images of these writers."""
    import keras

    from mnist_core.training.model import build, loss, optimizer, weights_of
    from mnist_core.training.predictor import Predictor

    rows, data = training_rows(source), mnist.load()
    keras.utils.set_random_seed(seed)
    model = build(NETWORK, seed=seed)
    model.compile(optimizer(TRAINING, TRAINING.learning_rate), loss(TRAINING))
    model.fit(
        data.x_train[rows][..., None] / np.float32(255),
        data.y_train[rows],
        batch_size=TRAINING.batch_size,
        epochs=TRAINING.epochs,
        verbose=0,  # type: ignore[arg-type]
    )
    return Predictor(NETWORK, weights_of(model))


def changed(shift: Shift, rows: np.ndarray) -> list[np.ndarray]:
    """Return these test images at each level of the shift."""
    images, kind = mnist.load().x_test[rows], shift.distortion
    return [kind.apply(images, amount, rows) for amount in kind.levels]


def record(source: Source, shift: Shift, networks: list) -> dict[str, object]:
    """Return how many images the networks read correctly, and what the first one reads."""
    labels = mnist.load().y_test
    groups = [rows_of(group, shift.digit) for group in GROUPS]
    levels = [changed(shift, rows) for rows in groups]
    right = [
        [
            [int((network.probabilities(each).argmax(1) == labels[rows]).sum()) for each in images]
            for network in networks
        ]
        for rows, images in zip(groups, levels, strict=True)
    ]
    examples = [changed(shift, shift.examples(group)) for group in GROUPS]
    read = [
        [networks[0].probabilities(each).argmax(1).tolist() for each in level]
        for level in zip(*examples, strict=True)
    ]
    name = shift.distortion.name
    print(source, name, np.array(right).mean(axis=1).round().tolist(), flush=True)
    return {"source": source, "shift": name, "right": right, "read": read}


def main() -> None:
    start_tensorflow()
    found = []
    for source in SOURCES:
        networks = [trained(source, seed) for seed in range(SEEDS)]
        found += [record(source, shift, networks) for shift in SHIFTS.values()]
    lines = ",\n".join(json.dumps(each) for each in found)
    PATH.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
