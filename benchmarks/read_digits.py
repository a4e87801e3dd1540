"""Accuracy on pictures of many kinds: `python -m benchmarks.read_digits`.

Test images become pictures like those that people upload: digits that fill their picture, in low
resolution, in drawn boxes, several in one picture, photos. Prints one row per kind, light on dark /
dark on light: the share read correctly, and the number refused. `--images` sets the number of
pictures of each kind, `--run` the network; `--training` uses training images instead. For pictures
with two digits, the share counts digits, not pictures.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from mnist_core.dataset import mnist
from mnist_core.dataset.images import DigitError
from mnist_core.dataset.preprocessing import prepare
from tests.mnist_core.dataset import pictures
from tests.mnist_core.dataset.pictures import Resampling

Picture = np.ndarray | Image.Image | bytes
Maker = Callable[[np.ndarray, np.random.Generator], Picture]

MARGINS, THICKER = (0, 0.02, 0.05, 0.1, 0.2, 0.4), (0, 2, 3)
ENLARGED = (None, Resampling.NEAREST, Resampling.BILINEAR, Resampling.BICUBIC)


@dataclass(frozen=True)
class Family:
    """Pictures of a kind. inverted: whether dark on light is tried as well; digits: in each."""

    name: str
    make: Maker
    inverted: bool = True
    digits: int = 1


def families() -> Iterator[Family]:
    """Yield all kinds of pictures."""
    for margin in MARGINS:
        for thicker in THICKER:
            yield Family(
                f"margin {margin}, +{thicker}",
                lambda image, _, m=margin, t=thicker: pictures.filling(image, m, t),
            )
    for thicker in THICKER:
        yield Family(
            f"cut to the ink, +{thicker}",
            lambda image, _, t=thicker: pictures.filling(image, 0, t, square=False),
        )
    for side in (8, 16, 20, 28):
        for levels in (16, 256):
            for method in ENLARGED:
                how = "as is" if method is None else method.name.lower()
                yield Family(
                    f"{side}x{side}, {levels} levels, {how}",
                    lambda image, _, s=side, n=levels, m=method: pictures.coarse(image, s, n, m),
                )
    yield Family("small, in a corner", pictures.cornered)
    yield Family("drawings", pictures.drawing)
    yield Family("photos", pictures.photo, inverted=False)
    yield Family("tight crops of photos", pictures.cropped_photo, inverted=False)
    yield Family("a fine pen on a shaded board", pictures.board, inverted=False)
    for kind in pictures.BOXES:
        yield Family(f"lines: {kind}", lambda image, rng, k=kind: pictures.boxed(image, rng, k))
    yield Family("two digits", pictures.two, digits=2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=400)
    parser.add_argument("--run", type=int, help="a run in your database; default: the example fast")
    parser.add_argument("--training", action="store_true")
    parser.add_argument("--only", default="", help="only kinds whose names start with this")
    options = parser.parse_args()
    data = mnist.load()
    images, labels = (
        (data.x_train, data.y_train) if options.training else (data.x_test, data.y_test)
    )
    classify = _classifier(options.run)
    print("| pictures | read right | refused | ms each |\n| --- | ---: | ---: | ---: |", flush=True)
    for family in families():
        if family.name.startswith(options.only):
            shares, refused, seconds = [], 0, 0.0
            for invert in (False, True)[: 1 + family.inverted]:
                right, bad, took = _read(family, images, labels, options.images, invert, classify)
                shares.append(f"{right:.1%}".replace("%", " %"))
                refused, seconds = refused + bad, seconds + took
            each = 1000 * seconds / options.images / (1 + family.inverted)
            print(f"| {family.name} | {' / '.join(shares)} | {refused} | {each:.0f} |", flush=True)


def _read(
    family: Family,
    images: np.ndarray,
    labels: np.ndarray,
    count: int,
    invert: bool,
    classify: Callable[[np.ndarray], np.ndarray],
) -> tuple[float, int, float]:
    """Return the share read correctly, the number refused, and the seconds in `prepare`."""
    rng = np.random.default_rng(5)
    found, rows, refused, seconds = [], [], 0, 0.0
    for start in range(0, count * family.digits, family.digits):
        given = images[start : start + family.digits]
        picture = family.make(given[0] if family.digits == 1 else given, rng)
        picture = 255 - picture if invert and isinstance(picture, np.ndarray) else picture
        begin = time.perf_counter()
        try:
            digits = prepare(picture)
        except DigitError:
            refused += 1
            continue
        finally:
            seconds += time.perf_counter() - begin
        if len(digits) == family.digits:
            found += [digit.image for digit in digits]
            rows += range(start, start + family.digits)
    answers = classify(np.stack(found)).argmax(1) if found else np.zeros(0)
    return float((answers == labels[rows]).sum() / count / family.digits), refused, seconds


def _classifier(run: int | None) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function that reads digits: uint8 (n, 28, 28) to probabilities (n, 10)."""
    from mnist_core.engine import examples
    from mnist_core.storage.runs import Store
    from mnist_core.utils.tensorflow import start_tensorflow

    examples.install()
    start_tensorflow()
    from mnist_core.execution.runner import predictor

    chosen = run or next(run.id for run in Store().examples() if run.name == "fast")
    return predictor(Store(), chosen).probabilities


if __name__ == "__main__":
    main()
