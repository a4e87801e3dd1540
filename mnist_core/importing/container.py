"""The container of a model: an HDF5 file, or the zip of a .keras file with its JSON."""

import json
import zipfile
from dataclasses import dataclass
from io import BytesIO
from typing import NoReturn

from mnist_core.importing import zips
from mnist_core.importing.errors import (
    MAX_BYTES,
    MAX_LAYERS_BYTES,
    ImportModelError,
    check_layers,
)
from mnist_core.utils.text import short_repr

ZIP, HDF5 = b"PK\x03\x04", b"\x89HDF\r\n\x1a\n"
MEMBERS = {"config.json": MAX_LAYERS_BYTES, "metadata.json": 2**14, "model.weights.h5": MAX_BYTES}
"""The members of a .keras file, and the most bytes of each."""
MANY = 100  # members, counted before zipfile reads the list

_SAVE = "save it again with Keras's model.save, and do not change the file"
_CHOOSE = "choose the file that Keras's model.save or model.save_weights wrote"
_FROM_KERAS = "save the Keras model that it was made from with model.save('mine.keras')"
_WITH_PYTORCH = "build the same network in Keras, copy its weights, and save it with model.save"
_SAVED_MODEL = (
    "a SavedModel, which holds TensorFlow's graph and not a list of layers",
    "load it with tf.keras.models.load_model and save it with model.save('mine.h5')",
)
_STARTS: dict[bytes, tuple[str, str]] = {
    b"\x89PNG": ("a PNG image", _CHOOSE),
    b"\xff\xd8\xff": ("a JPEG image", _CHOOSE),
    b"GIF8": ("a GIF image", _CHOOSE),
    b"%PDF": ("a PDF", _CHOOSE),
    b"\x1f\x8b": ("a gzip archive", _CHOOSE),
    b"\x93NUMPY": ("a NumPy array", _CHOOSE),
    b"\x80": (
        "a Python pickle, the format of old PyTorch files; opening it could run code",
        _WITH_PYTORCH,
    ),
    b"version https://git-lfs": (
        "a Git LFS pointer instead of the real file",
        "run git lfs pull, or download the file itself",
    ),
    b"<": ("a web page, saved in place of the file", "download the file itself"),
    b"{": (
        "a list of layers without weights",
        "import it together with its weights file (.weights.h5 or .h5)",
    ),
    b"PK": ("an empty or a split zip archive", _CHOOSE),
}
"""What other files are, by their first bytes, and what to do instead."""
_MEMBERS: dict[str, tuple[str, str]] = {
    "saved_model.pb": _SAVED_MODEL,
    "data.pkl": ("a PyTorch model", _WITH_PYTORCH),
    ".npy": ("a zip of NumPy arrays", _CHOOSE),
    "[Content_Types].xml": ("an office document", _CHOOSE),
    ".keras": ("a zip with a model inside", "unzip it and choose that model"),
    ".h5": ("a zip with a model inside", "unzip it and choose that model"),
}
"""What other zips are, by the end of a member's name, and what to do instead."""


@dataclass(frozen=True)
class Contents:
    """The parts of a file. weights: HDF5; config: the config.json of a .keras file, else None."""

    weights: bytes
    config: dict[str, object] | None = None


def unpack(data: bytes) -> Contents:
    """Return the parts of a .keras zip, or an HDF5 file as it is. Raises ImportModelError."""
    if data.startswith(HDF5):
        return Contents(data)
    if not data.startswith(ZIP):
        raise _other(*_kind(data))
    try:
        return _unzip(data)
    except zips.DAMAGE as error:
        raise ImportModelError(
            f"a .keras file must be a whole zip; this one is damaged ({short_repr(str(error))}): "
            f"copy it again, or {_SAVE}"
        ) from None


def _kind(data: bytes) -> tuple[str, str]:
    """Return what a file is that is neither a zip nor HDF5, and what to do instead."""
    if data[4:8] == b"TFL3":
        return "a TensorFlow Lite model, which has no list of Keras layers", _FROM_KERAS
    text = data[:200].lstrip()
    for start, kind in _STARTS.items():
        if text.startswith(start):
            return kind
    if (data.startswith(b"\x08") and b"saved_model" in data) or b"serving_default" in data:
        return _SAVED_MODEL
    if data.startswith(b"\x08") and b"onnx" in data[:2000].lower():
        return "an ONNX model, which has no list of Keras layers", _FROM_KERAS
    if data.startswith(b"\x08"):
        return "an ONNX or TensorFlow graph, which has no list of Keras layers", _FROM_KERAS
    return "neither", _CHOOSE


def _other(kind: str, way_out: str) -> ImportModelError:
    return ImportModelError(
        f"a network is a .keras file (a zip) or an .h5 file (HDF5); this is {kind}: {way_out}"
    )


def _unzip(data: bytes) -> Contents:
    count = zips.count_members(data)
    if count > MANY:
        _refuse(f"this one has {count:,} members")
    with zipfile.ZipFile(BytesIO(data)) as archive:
        members = archive.infolist()
        names = [member.filename for member in members]
        if "config.json" not in names:
            for end, kind in _MEMBERS.items():
                if any(name.endswith(end) for name in names):
                    raise _other(*kind)
        for member in members:
            _check_member(member)
        if len(set(names)) != len(names):
            _refuse(f"this one has {short_repr(max(names, key=names.count))} twice")
        for needed in ("config.json", "model.weights.h5"):
            if needed not in names:
                _refuse(f"this one lacks {needed}")
        parts = {member.filename: _read(archive, member) for member in members}
    return Contents(parts["model.weights.h5"], read_json(parts["config.json"]))


def _check_member(member: zipfile.ZipInfo) -> None:
    name = member.filename
    if name not in MEMBERS:
        _refuse(f"this one also has {short_repr(name)}")
    if found := zips.find_fault(member):
        _refuse(found)
    if member.file_size > MEMBERS[name]:
        raise _too_large(name, f"{member.file_size:,} bytes")


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Return a member's bytes; its real size is checked, not only the size in its header."""
    most = MEMBERS[member.filename]
    data = zips.read(archive, member, most)
    if data is None:
        raise _too_large(member.filename, "more")
    return data


def _refuse(found: str) -> NoReturn:
    """Raise ImportModelError about the members of a .keras file. found: the received content."""
    raise ImportModelError(
        f"a .keras file must contain {', '.join(MEMBERS)} and nothing else; {found}: {_SAVE}"
    )


def _too_large(name: str, size: str) -> ImportModelError:
    return ImportModelError(
        f"in a .keras file {name} may unpack to {MEMBERS[name]:,} bytes; here it has {size}: is it "
        f"a network for MNIST? If so, {_SAVE}"
    )


def read_json(text: bytes | str) -> dict[str, object]:
    """Return a JSON object without NaN or infinities. Raises ImportModelError, also on size."""
    check_layers(text)
    try:
        value = json.loads(text, parse_constant=_no_number)
    except RecursionError:
        raise ImportModelError(
            f"a layer list must be a few levels deep; this one has too many: {_SAVE}"
        ) from None
    except ValueError as error:
        raise ImportModelError(
            f"the layer list must be valid JSON; this one is not ({short_repr(str(error))}): "
            f"{_SAVE}"
        ) from None
    if not isinstance(value, dict):
        raise ImportModelError(
            f"the layer list must be a JSON object; received {short_repr(value)}: {_SAVE}"
        )
    return value


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number that JSON knows")
