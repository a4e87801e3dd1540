"""Trains the runs of the idea Transfer learning again and records their curves.

`python -m benchmarks.record_transfer`, about five minutes. A network learns the digits 0 to 4; then
the digits 5 to 9 are learned from few images, with and without its weights.
"""

import json
from collections.abc import Mapping

import numpy as np

from mnist_core.network.settings import change_settings
from mnist_core.network.spec import Spec
from mnist_core.teaching.concepts.transfer import (
    EPOCHS,
    FROZEN,
    IMAGES,
    NETWORK,
    PATH,
    SEEDS,
    SOURCE,
    SOURCE_WITH_HEAD,
)
from mnist_core.utils.npz import fingerprint
from mnist_core.utils.tensorflow import start_tensorflow

Weights = Mapping[str, np.ndarray]


def few(images: int, seed: int, **more: str) -> Spec:
    """Return the training on few images of 5 to 9, measured on the test images of these digits."""
    size = min(10, images)
    given = {"split": "test", "digits": "5-9", "limit": images, "batch_size": size, "seed": seed}
    return change_settings(Spec(network=NETWORK), given | {"epochs": EPOCHS} | more)


def main() -> None:
    start_tensorflow()
    from benchmarks.record_curves import Notes
    from mnist_core.training.trainer import train

    one, two = (train(spec, Notes()).checkpoint.weights for spec in (SOURCE, SOURCE_WITH_HEAD))
    by_hash = {fingerprint(weights): dict(weights) for weights in (one, two)}
    source, with_head = by_hash
    starts = {
        "random": {},
        "transfer": {"source": source},
        "frozen": {"source": source, "freeze": ",".join(FROZEN)},
        "head": {"source": with_head},
    }
    found = []
    for images in IMAGES:
        for name, more in starts.items():
            curves = []
            for seed in range(SEEDS):
                notes = Notes()
                train(few(images, seed, **more), notes, start=by_hash.get(more.get("source", "")))
                curves.append([round(epoch.val_accuracy or 0.0, 5) for epoch in notes.epochs])
            found.append({"images": images, "start": name, "accuracy": curves})
            print(images, name, [curve[-1] for curve in curves], flush=True)
    lines = ",\n".join(json.dumps(each) for each in found)
    PATH.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
