"""Reading pictures of many formats safely, as gray levels."""

import io
import os
import re
import warnings

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import short_repr

MAX_PIXELS = 50_000_000  # an A4 page at 600 dpi has 34.8 million; decoded, 4 bytes per pixel
MAX_WEBP = 15_000_000  # decoding such a WebP takes 230 MB
FORMATS = (
    "PNG",
    "JPEG",
    "GIF",
    "BMP",
    "WEBP",
    "TIFF",
)  # not all of Pillow: for EPS it runs Ghostscript
LARGEST = 1600  # pixels: a picture with a longer side is reduced first
STRIP = 2_000_000  # pixels converted at a time, so that memory holds a large picture only once
ORIENTATION = 0x0112  # the EXIF tag

Source = Image.Image | NDArray[np.uint8] | bytes | str | os.PathLike[str]


class DigitError(MnistError):
    """A picture that cannot be read or shows no ink."""


def read_grey(source: Source) -> NDArray[np.float32]:
    """Decode a picture to gray levels, (H, W) float32 in [0, 255], upright by its EXIF data.

    source: a PIL image; a uint8 array (H, W), (H, W, 3) RGB or (H, W, 4) RGBA; or the bytes or the
    path of a file in one of FORMATS. The first frame is read. The longest side that is returned is
    below 2 x LARGEST. Transparent pixels get a level that differs from the drawing; modes I and F
    are stretched from their darkest to their brightest value. Raises DigitError on anything else,
    on damaged files, and above MAX_PIXELS or, for WebP, MAX_WEBP.
    """
    try:
        with warnings.catch_warnings():
            # Pillow warns about odd files, which below pass or raise an error.
            warnings.simplefilter("ignore")
            if isinstance(source, np.ndarray):
                return _to_grey(_from_array(source))
            if isinstance(source, Image.Image):
                _check_size(*source.size)
                return _to_grey(source)
            file = io.BytesIO(source) if isinstance(source, bytes) else source
            with Image.open(file, formats=FORMATS) as image:
                _check_size(*image.size, MAX_WEBP if image.format == "WEBP" else MAX_PIXELS)
                image.draft(None, (LARGEST, LARGEST))  # a JPEG is decoded at a reduced size
                image.load()
                return _to_grey(image)
    except DigitError:
        raise
    except (FileNotFoundError, IsADirectoryError):
        raise DigitError("there is no such picture: check its name and folder") from None
    except Image.DecompressionBombError as error:
        pixels = re.search(r"(\d+) pixels", str(error))  # Pillow's own limit is far higher
        raise DigitError(_too_large(f"{int(pixels[1]):,}" if pixels else "far more")) from None
    except UnidentifiedImageError:
        raise DigitError(
            f"a picture must be a whole file of type {', '.join(FORMATS)}; received one of another "
            "kind: save it again as PNG or JPEG"
        ) from None
    except Exception as error:  # on damaged files Pillow's decoders raise nearly anything
        raise DigitError(
            f"a picture must be a whole file of type {', '.join(FORMATS)}; received one that "
            f"cannot be read ({short_repr(error)}): save it again as PNG or JPEG"
        ) from error


def _to_grey(image: Image.Image) -> NDArray[np.float32]:
    """Return gray levels, turned upright. Raises DigitError on a mode that cannot be converted."""
    try:
        reduced = _reduce(image)
    except (ValueError, OSError) as error:
        raise DigitError(
            f"a picture must be gray or colored; received mode {image.mode} "
            f"({short_repr(error)}): "
            "save it again as PNG or JPEG"
        ) from error
    reduced.getexif()[ORIENTATION] = image.getexif().get(ORIENTATION, 1)
    reduced = ImageOps.exif_transpose(reduced)
    grey = np.asarray(reduced.convert("L"), dtype=np.float32)
    if reduced.mode == "L":
        return grey
    alpha = np.asarray(reduced.getchannel("A"), dtype=np.float32) / 255
    if alpha.mean() > 0.5:  # mostly opaque, such as a scan with cut corners
        paper = float(np.median(grey[alpha > 0]))
    else:  # strokes on nothing: black ones need white paper, white ones black
        paper = 255.0 if (grey * alpha).sum() < 127.5 * alpha.sum() else 0.0
    return (grey * alpha + paper * (1 - alpha)).astype(np.float32, copy=False)


def _reduce(image: Image.Image) -> Image.Image:
    """Return the picture in mode L, or RGBA if it may be transparent, its longest side reduced."""
    factor = max(1, max(image.size) // LARGEST)
    width, height = image.size
    rows = factor * max(1, STRIP // (width * factor))
    strips = [(0, top, width, min(top + rows, height)) for top in range(0, height, rows)]
    is_wide = image.mode.startswith(("I", "F"))
    mode = "RGBA" if image.has_transparency_data and not is_wide else "L"
    low, high = _range(image, strips) if is_wide else (0.0, 0.0)
    reduced = Image.new(mode, (-(-width // factor), -(-height // factor)))
    for strip in strips:
        part = image.crop(strip)
        part = Image.fromarray(_stretch(_values(part), low, high)) if is_wide else part
        part = (part if part.mode == mode else part.convert(mode)).reduce(factor)
        reduced.paste(part, (0, strip[1] // factor))
    return reduced


def _values(image: Image.Image) -> NDArray[np.float32]:
    """Return the values of a picture of mode I or F, finite."""
    return np.nan_to_num(np.array(image, dtype=np.float32)).clip(-1e30, 1e30)


def _range(image: Image.Image, strips: list[tuple[int, int, int, int]]) -> tuple[float, float]:
    """Return the least and the largest value of a picture of mode I or F."""
    least, most = np.inf, -np.inf
    for strip in strips:
        values = _values(image.crop(strip))
        least, most = min(least, float(values.min())), max(most, float(values.max()))
    return least, most


def _stretch(values: NDArray[np.float32], low: float, high: float) -> NDArray[np.uint8]:
    """Scale values in [low, high] to [0, 255]."""
    return (np.float32(255) * ((values - low) / max(high - low, 1e-30))).astype(np.uint8)


def _too_large(received: str) -> str:
    return (
        f"a picture may have at most {MAX_PIXELS // 10**6} million pixels (WebP: "
        f"{MAX_WEBP // 10**6} million); received {received}: crop it to the digit, or save a "
        "smaller copy"
    )


def _check_size(width: int, height: int, most: int = MAX_PIXELS) -> None:
    if width * height > most:
        raise DigitError(_too_large(f"{width} x {height}"))
    if width * height == 0:
        raise DigitError(f"a picture must have pixels; received {width} x {height}: choose another")


def _from_array(array: NDArray[np.uint8]) -> Image.Image:
    channels = array.shape[2:]
    if array.dtype != np.uint8 or array.ndim < 2 or channels not in ((), (3,), (4,)):
        raise DigitError(
            "an array must be uint8 of shape (H, W), (H, W, 3) or (H, W, 4); received "
            f"{array.dtype} {array.shape}: convert it first"
        )
    _check_size(array.shape[1], array.shape[0])
    return Image.fromarray(np.ascontiguousarray(array))
