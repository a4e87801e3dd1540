"""Drawings and photos made from test images, as files and arrays."""

import io

import numpy as np
from PIL import Image
from scipy import ndimage

from mnist_core.dataset import mnist

Resampling = Image.Resampling


SMOOTH = (Resampling.BOX, Resampling.BILINEAR, Resampling.BICUBIC, Resampling.LANCZOS)


def sample_image(row: int = 0) -> np.ndarray:
    return mnist.load().x_test[row]


def enlarge(image: np.ndarray, side: int, method: Resampling) -> np.ndarray:
    return np.asarray(Image.fromarray(image).resize((side, side), method))


def paste(image: np.ndarray, shape: tuple[int, int], top: int, left: int) -> np.ndarray:
    canvas = np.zeros(shape, np.uint8)
    canvas[top : top + image.shape[0], left : left + image.shape[1]] = image
    return canvas


def drawing(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The image at 0.9 to 12 times its size, resampled some way, somewhere on a black canvas."""
    factor = np.exp(rng.uniform(np.log(0.9), np.log(12)))
    side = round(28 * factor)
    methods = (*SMOOTH, Resampling.NEAREST) if factor > 1.5 else SMOOTH
    height, width = (int(side * rng.uniform(1.2, 3)) + int(rng.integers(300)) for _ in range(2))
    top, left = rng.integers(height - side + 1), rng.integers(width - side + 1)
    method = methods[rng.integers(len(methods))]
    return paste(enlarge(image, side, method), (height, width), top, left)


def lamp(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Light on paper, in (0, 1]: a slope, a vignette and a soft shadow with a straight edge."""
    y, x = (axis - 0.5 for axis in np.mgrid[0 : 1 : shape[0] * 1j, 0 : 1 : shape[1] * 1j])
    angles = rng.uniform(0, 2 * np.pi, 2)
    slope, across = (x * np.cos(angle) + y * np.sin(angle) for angle in angles)
    light = 1 - rng.uniform(0.1, 0.4) * (0.5 + slope / 1.42)
    light *= 1 - rng.uniform(0.1, 0.4) * 2 * (x**2 + y**2)
    edge = (across - rng.uniform(-0.3, 0.3)) / rng.uniform(0.03, 0.1)
    return light * (1 - rng.uniform(0.1, 0.4) / (1 + np.exp(-edge)))


def photo(image: np.ndarray, rng: np.random.Generator) -> Image.Image | bytes:
    """Dark ink on unevenly lit paper, blurred and noisy; every other one is turned by EXIF."""
    height, width = (int(side) for side in rng.integers(360, 900, 2))
    side = int(min(height, width) * rng.uniform(0.25, 0.85))
    ink = enlarge(image, side, Resampling.BICUBIC)
    top, left = int(rng.integers(height - side + 1)), int(rng.integers(width - side + 1))
    ink = paste(ink, (height, width), top, left) / 255
    paper = rng.uniform(170, 245) * lamp(ink.shape, rng)
    seen = ndimage.gaussian_filter(paper * (1 - rng.uniform(0.3, 0.8) * ink), rng.uniform(0.5, 1.5))
    seen = (seen + rng.normal(0, rng.uniform(2, 8), seen.shape)).clip(0, 255)
    picture = Image.fromarray(seen.astype(np.uint8))
    return turned(picture, int(rng.integers(2, 9))) if rng.random() < 0.5 else picture


def turned(picture: Image.Image, orientation: int) -> bytes:
    """A JPEG whose pixels lie as a camera stores them, and whose EXIF tag says how to turn them."""
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encode(picture.transpose(undo[orientation]), "JPEG", exif=exif, quality=92)


def encode(picture: Image.Image, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Mean absolute difference in grey levels; a shift by one pixel makes about 20."""
    return float(np.abs(one.astype(int) - other).mean())


SHOWN = 7.0  # of 255: what resampling costs at most below


def ink_picture() -> Image.Image:
    """White ink on black, large enough for every file format."""
    return Image.fromarray(
        paste(enlarge(sample_image(3), 112, Resampling.BICUBIC), (160, 200), 30, 70)
    )
