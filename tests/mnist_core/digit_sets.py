"""Small sets of digits for tests, and the zips that hold them."""

import io
import tracemalloc
import zipfile
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from mnist_core.dataset import mnist
from mnist_core.dataset.digit_set import DigitSet, DigitSetError
from mnist_core.importing.digit_files import read_digits


def png(image: np.ndarray) -> bytes:
    """A PNG file as Pillow writes it. image: uint8 (H, W), (H, W, 3) or (H, W, 4)."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of files by name."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    """The files of a zip by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def npz(**named: object) -> bytes:
    """An .npz file as NumPy writes it."""
    file = io.BytesIO()
    np.savez(file, **named)  # type: ignore[arg-type]  # some are objects, which must be refused
    return file.getvalue()


DRAWINGS = (b"", png(np.arange(60, dtype=np.uint8).reshape(6, 10)), png(np.ones((3, 3, 4), "u1")))


def sample(count: int = 12, writers: int = 3) -> DigitSet:
    """The first images of MNIST, dealt to writers in turn, with two kinds of drawings."""
    data = mnist.load()
    return DigitSet(
        data.x_train[:count],
        data.y_train[:count],
        (np.arange(count) % writers + 1).astype(np.int32),
        tuple(DRAWINGS[at % 3] for at in range(count)),
    )


@st.composite
def digit_sets(draw: st.DrawFn) -> DigitSet:
    """Any small set: random pixels with a dark border."""
    count = draw(st.integers(1, 7))
    inner = draw(arrays(np.uint8, (count, 26, 26)))
    number = st.integers(1, 4) | st.just(2**31 - 1)
    return DigitSet(
        np.pad(inner, ((0, 0), (1, 1), (1, 1))),
        draw(arrays(np.uint8, count, elements=st.integers(0, 9))),
        draw(arrays(np.int32, count, elements=number)),
        tuple(draw(st.lists(st.sampled_from(DRAWINGS), min_size=count, max_size=count))),
    )


def rows(digits: DigitSet) -> list[tuple[bytes, int, int, bytes]]:
    """The digits one by one, to be compared."""
    parts = zip(digits.images, digits.labels, digits.writers, digits.drawings, strict=True)
    return [(image.tobytes(), int(a), int(b), drawing) for image, a, b, drawing in parts]


def check_refusal(data: bytes, words: str, longest: int) -> None:
    """Bad bytes give a sentence with these words, and take no memory. longest: in characters."""
    tracemalloc.start()
    try:
        with pytest.raises(DigitSetError, match=words) as caught:
            read_digits("a.zip", data)
        assert tracemalloc.get_traced_memory()[1] < 60 * 2**20
    finally:
        tracemalloc.stop()
    assert len(str(caught.value)) < longest
