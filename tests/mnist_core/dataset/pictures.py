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


def cut(image: np.ndarray) -> np.ndarray:
    """The image without its empty rows and columns."""
    return image[ndimage.find_objects((image > 0).astype(np.int8))[0]]


def resized(image: np.ndarray, height: float, width: float, method: Resampling) -> np.ndarray:
    size = max(1, round(width)), max(1, round(height))
    return np.asarray(Image.fromarray(image).resize(size, method))


def squared(image: np.ndarray) -> np.ndarray:
    """The image in the middle of a black square as large as its longest side."""
    side = max(image.shape)
    top, left = ((side - length) // 2 for length in image.shape)
    return paste(image, (side, side), top, left)


def filling(
    image: np.ndarray, margin: float, thicker: int = 0, side: int = 280, square: bool = True
) -> np.ndarray:
    """The digit enlarged to fill its picture, up to a margin as a share of the side.

    thicker: pixels of MNIST that a dilation adds to the width of strokes; square: whether the
    picture is, or else as narrow as the digit.
    """
    if thicker:
        image = ndimage.grey_dilation(np.pad(image, thicker), size=(thicker + 1, thicker + 1))
    digit = cut(image)
    digit = squared(digit) if square else digit
    scale = side / max(digit.shape) / (1 + 2 * margin)
    digit = resized(digit, digit.shape[0] * scale, digit.shape[1] * scale, Resampling.BICUBIC)
    return np.pad(digit, round(margin * side / (1 + 2 * margin)))


def coarse(
    image: np.ndarray, side: int, levels: int = 256, enlarged: Resampling | None = None
) -> np.ndarray:
    """The digit cut to its ink, in a picture of few pixels and gray levels, then enlarged."""
    digit = squared(cut(image))
    method = Resampling.BOX if side < len(digit) else Resampling.BICUBIC
    step = 255 / (levels - 1)
    small = np.rint(np.rint(resized(digit, side, side, method) / step) * step).astype(np.uint8)
    return small if enlarged is None else resized(small, 280, 280, enlarged)


def cornered(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A small digit in a corner of a large picture."""
    side = int(rng.integers(20, 60))
    top, left = (int(rng.choice([0, 280 - side])) for _ in range(2))
    return paste(enlarge(image, side, Resampling.BICUBIC), (280, 280), top, left)


BOXES = ("a drawn box", "lines at the frame", "a grid cut off at the frame")


def boxed(image: np.ndarray, rng: np.random.Generator, kind: str) -> np.ndarray:
    """A digit between two to four straight lines of 1 to 4 pixels, as dark as the pen.

    kind: one of BOXES.
    """
    side, width = 200, int(rng.integers(1, 5))
    digit = cut(enlarge(image, int(side * rng.uniform(0.5, 0.8)), Resampling.BICUBIC))
    top, left = (int(rng.integers(12, side - length - 11)) for length in digit.shape)
    picture = paste(digit, (side, side), top, left)
    room = min(top, left, side - top - digit.shape[0], side - left - digit.shape[1])
    away = 0 if kind == BOXES[1] else int(rng.integers(0, room - width - 2))
    ends = slice(None) if kind == BOXES[2] else slice(away, side - away)
    for number in rng.permutation(4)[: int(rng.integers(2, 5))]:
        start = away if number < 2 else side - away - width
        across = slice(start, start + width)
        picture[(across, ends) if number % 2 else (ends, across)] = 255
    return picture


def board(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Fine light strokes on a slowly shaded board without noise, 1280x720."""
    height, width = 720, 1280
    side = int(rng.integers(250, 600))
    ink = enlarge(image, side, Resampling.BICUBIC) > 127
    depth = ndimage.distance_transform_edt(ink)
    fine = ink & (depth > 0.6 * ndimage.maximum_filter(depth, 25))
    ink = ndimage.gaussian_filter(ndimage.binary_dilation(fine, iterations=2).astype(float), 1)
    top, left = int(rng.integers(height - side + 1)), int(rng.integers(width - side + 1))
    strokes = np.zeros((height, width))
    strokes[top : top + side, left : left + side] = ink
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    light = 70 + 60 * (x * rng.uniform(-1, 1) + y * rng.uniform(-1, 1))
    return (light * (1 - strokes) + 240 * strokes).clip(0, 255).astype(np.uint8)


def cropped_photo(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A tight crop of a photo of a pen's digit, often soft, and noisy."""
    side = int(rng.integers(80, 300))
    ink = filling(image, rng.uniform(0, 0.08), int(rng.integers(0, 3)), side) / 255
    y, x = (axis - 0.5 for axis in np.mgrid[0 : 1 : ink.shape[0] * 1j, 0 : 1 : ink.shape[1] * 1j])
    light = rng.uniform(170, 230) * (1 + 0.3 * (x * rng.uniform(-1, 1) + y * rng.uniform(-1, 1)))
    seen = light * (1 - rng.uniform(0.5, 0.85) * ink)
    seen = ndimage.gaussian_filter(seen, rng.uniform(0.5, 3))
    return (seen + rng.normal(0, rng.uniform(1, 5), seen.shape)).clip(0, 255).astype(np.uint8)


def two(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Two digits side by side, at somewhat different heights and sizes."""
    left, right = (
        cut(enlarge(image, int(rng.integers(110, 170)), Resampling.BICUBIC)) for image in images
    )
    gap = int(rng.integers(12, 60))
    height = max(len(left), len(right)) + 60
    tops = [int(rng.integers(10, height - len(digit) - 9)) for digit in (left, right)]
    width = left.shape[1] + gap + right.shape[1] + 40
    first = paste(left, (height, width), tops[0], 20)
    second = paste(right, (height, width), tops[1], 20 + left.shape[1] + gap)
    return np.maximum(first, second)


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


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """Correlation of two images; shifts by a pixel, which centring may round to, do not count."""
    shifted = (np.roll(one, (r, c), (0, 1)) for r in (-1, 0, 1) for c in (-1, 0, 1))
    return max(float(np.corrcoef(image.ravel(), other.ravel())[0, 1]) for image in shifted)


SHOWN = 7.0  # of 255: what resampling costs at most below


def ink_picture() -> Image.Image:
    """White ink on black, large enough for every file format."""
    return Image.fromarray(
        paste(enlarge(sample_image(3), 112, Resampling.BICUBIC), (160, 200), 30, 70)
    )
