"""Reading pictures of many formats safely, and converting them to gray levels."""

import io
import os
import re
import warnings

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import short_repr

MAX_PIXELS = (
    30_000_000  # of a JPEG, which is decoded at a reduced size; phones save 12 to 25 million
)
MAX_OTHERS = 15_000_000  # of other formats: decoding such a WebP takes 230 MB
FORMATS = (
    "PNG",
    "JPEG",
    "GIF",
    "BMP",
    "WEBP",
    "TIFF",
)  # not all of Pillow: for EPS it runs Ghostscript
LARGEST = 1600  # pixels: a picture with a longer side is reduced first

Source = Image.Image | NDArray[np.uint8] | bytes | str | os.PathLike[str]


class DigitError(MnistError):
    """A picture that cannot be read or shows no ink."""


def read_image(source: Source) -> Image.Image:
    """Decode a picture and turn it upright by its EXIF data.

    source: a PIL image; a uint8 array (H, W), (H, W, 3) RGB or (H, W, 4) RGBA; or the bytes or the
    path of a file in one of FORMATS. The first frame is read, a large JPEG at a reduced size.
    Raises DigitError on anything else, on damaged files, and above MAX_PIXELS for JPEG or
    MAX_OTHERS for other formats.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of odd files, which pass or raise below
            if isinstance(source, np.ndarray):
                return _from_array(source)
            if isinstance(source, Image.Image):
                _check_size(*source.size)
                return ImageOps.exif_transpose(source)
            file = io.BytesIO(source) if isinstance(source, bytes) else source
            with Image.open(file, formats=FORMATS) as image:
                _check_size(*image.size, MAX_PIXELS if image.format == "JPEG" else MAX_OTHERS)
                image.draft(None, (LARGEST, LARGEST))
                image.load()
                ImageOps.exif_transpose(image, in_place=True)
                return image
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


def to_grey(image: Image.Image) -> NDArray[np.float32]:
    """Return gray levels, (H, W) float32 in [0, 255], longest side below 2 x LARGEST.

    Transparent pixels get a level that differs from the drawing. Modes I and F are stretched from
    their darkest to their brightest value. Raises DigitError on a mode that Pillow cannot convert.
    """
    try:
        if image.mode.startswith(("I", "F")):
            image = Image.fromarray(_stretch(np.array(image, dtype=np.float32)))
        else:
            mode = "RGBA" if image.has_transparency_data else "L"
            image = image if image.mode == mode else image.convert(mode)
    except (ValueError, OSError) as error:
        raise DigitError(
            f"a picture must be grey or coloured; received mode {image.mode} "
            f"({short_repr(error)}): "
            "save it again as PNG or JPEG"
        ) from error
    image = image.reduce(max(1, max(image.size) // LARGEST))
    if image.mode != "RGBA":
        return np.asarray(image, dtype=np.float32)
    grey = np.asarray(image.convert("L"), dtype=np.float32)
    alpha = np.asarray(image.getchannel("A"), dtype=np.float32) / 255
    if alpha.mean() > 0.5:  # mostly opaque, such as a scan with cut corners
        paper = float(np.median(grey[alpha > 0]))
    else:  # strokes on nothing: black ones need white paper, white ones black
        paper = 255.0 if (grey * alpha).sum() < 127.5 * alpha.sum() else 0.0
    return (grey * alpha + paper * (1 - alpha)).astype(np.float32, copy=False)


def _too_large(received: str) -> str:
    return (
        f"a picture may have at most {MAX_PIXELS // 10**6} million pixels, and one that is no JPEG "
        f"{MAX_OTHERS // 10**6} million; received {received}: crop it to the digit, or save it "
        "smaller or as JPEG"
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


def _stretch(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale to [0, 255], in place, since a large picture has 60 MB. values: (H, W), any range."""
    np.nan_to_num(values, copy=False)
    values.clip(-1e30, 1e30, out=values)
    low = values.min()
    values -= low
    values *= np.float32(255) / max(values.max(), np.float32(1e-30))
    return values
