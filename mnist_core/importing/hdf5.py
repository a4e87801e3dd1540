"""Safe reading of HDF5: only hard links, and no array before its size is checked."""

import re
from dataclasses import dataclass
from io import BytesIO

import h5py
import numpy as np

from mnist_core.importing.errors import ImportModelError
from mnist_core.utils.text import short_repr

DEPTH, OBJECTS = 8, 1000  # limits of groups and weights, far above what any network here has
NAMES = 200  # limit of layer names
_SAVE = "save the network again with Keras"
_SEED = re.compile(r"/(seed_generator(/vars/0|_state(:0)?)|StateVar(:0)?)$")
"""Random-number states that Dropout and image-distorting layers store as weights."""


@dataclass(frozen=True)
class Weight:
    """One array in the file, not read yet. path: relative to the group that was searched."""

    path: str
    dataset: h5py.Dataset

    def read(self, shape: tuple[int, ...]) -> np.ndarray:
        """Return the values as float32, all finite. Raises ImportModelError.

        Type, shape and storage are checked before anything is read.
        """
        _check(self, shape)
        with np.errstate(over="ignore"):  # a float64 beyond float32 becomes infinite, refused below
            values = self.dataset[()].astype(np.float32)
        if not np.isfinite(values).all():
            wrong = int((~np.isfinite(values)).sum())
            raise ImportModelError(
                f"weights must be finite numbers; {short_repr(self.path)} has {wrong:,} that are "
                "NaN or infinite: the training diverged, so train again with a lower learning rate"
            )
        return values


def open_file(data: bytes) -> h5py.File:
    """Open an HDF5 file from memory, so that nothing on the disk is touched."""
    try:
        return h5py.File(BytesIO(data), "r")
    except OSError as error:
        raise ImportModelError(
            f"an .h5 file must be whole; this one cannot be opened ({short_repr(str(error))}): "
            f"copy it again, or {_SAVE}"
        ) from None


def child(group: h5py.Group, name: str) -> h5py.Group | h5py.Dataset | None:
    """Return the group or array under a name, None if there is none.

    Raises ImportModelError on soft and external links, which could point to another file.
    """
    link = group.get(name, getlink=True)
    if link is None:
        return None
    if not isinstance(link, h5py.HardLink):
        raise ImportModelError(
            f"weights must be in the file itself; {short_repr(name)} is a link to "
            f"another place: {_SAVE}"
        )
    found = group[name]
    if not isinstance(found, h5py.Group | h5py.Dataset):
        raise ImportModelError(
            f"a file must contain groups and weights only; {short_repr(name)} is neither: {_SAVE}"
        )
    return found


def weights(group: h5py.Group) -> list[Weight]:
    """Return all arrays below a group, sorted by path. Raises ImportModelError."""
    found: list[Weight] = []
    waiting, seen = [("", group, 0)], 0
    while waiting:
        path, place, depth = waiting.pop()
        seen += len(place)  # before the names are read, of which there may be millions
        if seen > OBJECTS or (depth >= DEPTH and len(place)):
            raise ImportModelError(
                f"a weights file may have at most {OBJECTS:,} objects, {DEPTH} levels deep; this "
                f"one has more: {_SAVE}"
            )
        for name in place:
            item, below = child(place, name), f"{path}/{name}".lstrip("/").replace("\\", "/")
            if isinstance(item, h5py.Group):
                waiting.append((below, item, depth + 1))
            elif item is not None and not _SEED.search(below):
                found.append(Weight(below, item))
    return sorted(found, key=lambda weight: weight.path)


def names(group: h5py.Group) -> list[str]:
    """Return the names in a group; none if there are more than OBJECTS, possibly millions."""
    return list(group) if len(group) <= OBJECTS else []


def check_holds_layers(file: h5py.File) -> None:
    """Raise ImportModelError on a file with arrays at its top, as data sets have."""
    arrays = [name for name in names(file) if isinstance(child(file, name), h5py.Dataset)]
    if arrays:
        raise ImportModelError(
            "a weights file has one group per layer; this one has arrays at the top, such as "
            f"{short_repr(arrays[0])}, like a data set: choose the file that Keras's model.save "
            "wrote"
        )


def attribute(group: h5py.Group, name: str) -> str | None:
    """Return the text of an attribute, None if there is none."""
    if name not in group.attrs:
        return None
    if group.attrs.get_id(name).shape != ():
        raise ImportModelError(
            f"the attribute {name} must be a single text; received an array: {_SAVE}"
        )
    value = group.attrs[name]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def layer_names(group: h5py.Group) -> list[str] | None:
    """Return the ordered layer names that Keras 2 stores, None if the file has no such list."""
    if "layer_names" not in group.attrs:
        return None
    shape = group.attrs.get_id("layer_names").shape
    if shape is None or len(shape) != 1 or shape[0] > NAMES:
        raise ImportModelError(
            f"the attribute layer_names must list at most {NAMES} names; received a shape of "
            f"{short_repr(shape)}: {_SAVE}"
        )
    names = group.attrs["layer_names"]
    return [n.decode("utf-8", "replace") if isinstance(n, bytes) else str(n) for n in names]


def _check(weight: Weight, shape: tuple[int, ...]) -> None:
    """Raise ImportModelError unless the array has the shape, is float and is stored plainly."""
    data, name = weight.dataset, short_repr(weight.path)
    if data.shape != shape:
        raise ImportModelError(
            f"{name} must have the shape {short_repr(shape)}, as its layer has; it has "
            f"{short_repr(data.shape)}: a weights file fits the network that it was saved from "
            "alone"
        )
    if data.dtype.kind != "f" or data.dtype.itemsize not in (2, 4, 8):
        raise ImportModelError(
            f"weights must be float16, float32 or float64; {name} is "
            f"{short_repr(str(data.dtype))}: save them as float32"
        )
    made = data.id.get_create_plist()
    plain = made.get_layout() in (h5py.h5d.CONTIGUOUS, h5py.h5d.COMPACT)
    if not plain or made.get_external_count() or made.get_nfilters():
        raise ImportModelError(
            f"weights must be in the file itself, in one piece and not compressed, as Keras "
            f"writes them; {name} is not: {_SAVE}"
        )
    if data.id.get_storage_size() != data.size * data.dtype.itemsize:
        raise ImportModelError(
            f"{name} must have {data.size:,} values; the file contains fewer: copy it again, or "
            f"{_SAVE}"
        )
