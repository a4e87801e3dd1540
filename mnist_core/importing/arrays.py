"""Reads the weights of a file, matched by the order of layers, into the app's names and shapes."""

import re

import h5py
import numpy as np

from mnist_core.importing import hdf5
from mnist_core.importing.architecture import Architecture, Weighted
from mnist_core.importing.errors import ImportModelError
from mnist_core.importing.hdf5 import Weight
from mnist_core.network.layers import IMAGE_SHAPE
from mnist_core.network.layers.batch_normalization import EPSILON
from mnist_core.network.summary import Row, summarize
from mnist_core.utils.text import short_repr, snake_case

_CHECKPOINT = "_layer_checkpoint_dependencies"
_OLD_ROOTS = (_CHECKPOINT, "layers\\")
_KERAS_1_NAMES = {
    "W": "kernel",
    "b": "bias",
    "gamma": "gamma",
    "beta": "beta",
    "running_mean": "moving_mean",
    "running_std": "moving_variance",
}
_KERAS_1 = re.compile(rf".+_({'|'.join(_KERAS_1_NAMES)})")
_TINY = np.float32(1e-30)

Folders = dict[str, dict[str, Weight]]
"""Weights by the names of the layer and of the variable in the file."""


def read(file: h5py.File, architecture: Architecture) -> dict[str, np.ndarray]:
    """Return all weights by path, such as conv2d_1/kernel: float32. Raises ImportModelError.

    The bias of a convolution before batch normalization is merged into the moving mean.
    """
    weighted = architecture.weighted
    # A file may list the layers of a block's two paths in another order.
    listed = sorted(range(len(weighted)), key=lambda at: weighted[at].number)
    stored = _in_order(file, tuple(weighted[at] for at in listed))
    found = [stored[listed.index(at)] for at in range(len(weighted))]
    arrays: dict[str, np.ndarray] = {}
    shifts = dict[str, np.ndarray | None]()  # of the main path and of a shortcut beside it
    order = _Order(architecture)
    rows = [row for row in summarize(architecture.network).rows if row.keras.weights]
    for row, layer, (which, there) in zip(rows, weighted, found, strict=True):
        needed = row.keras.weights
        first = architecture.channels_first and row.type == "PReLU"
        if row.type == "BatchNormalization" and layer.kind != row.type:
            values = _normalization(layer, which, there, needed["gamma"])
        else:
            values = {
                variable: _read(
                    weight, needed.get(variable, needed.get("kernel", (0,))[-1:]), first
                )
                for variable, weight in there.items()
            }
        if "moving_mean" in values:
            _check_variance(which, values["moving_variance"])
            shift = shifts.get(row.keras.path)
            if shift is not None:  # x + bias - mean = x - (mean - bias)
                values["moving_mean"] = values["moving_mean"] - shift
        shifts[row.keras.path] = None if "bias" in needed else values.pop("bias", None)
        for variable, shape in needed.items():  # a variable that is switched off has no effect
            empty = np.ones if variable == "gamma" else np.zeros
            values.setdefault(variable, empty(shape, np.float32))
        if layer.epsilon is not None:
            variance = values["moving_variance"]
            values["gamma"] = values["gamma"] * np.sqrt(
                (variance + EPSILON) / np.maximum(variance + layer.epsilon, _TINY)
            )
        for variable in needed:
            arrays[f"{row.name}/{variable}"] = order.turned(row, variable, values[variable])
    return arrays


def _read(weight: Weight, shape: tuple[int, ...], channels_first: bool) -> np.ndarray:
    """Return the values of a weight in a shape. channels_first: as the file stores them."""
    if not channels_first or len(shape) != 3:
        return weight.read(shape)
    return weight.read((shape[2], *shape[:2])).transpose(1, 2, 0)


class _Order:
    """The order of the values in a vector that a file makes with the channels first.

    It matters to the layers that read the vector, up to the first dense layer, which makes another
    vector.
    """

    def __init__(self, architecture: Architecture) -> None:
        self.order: np.ndarray | None = None
        self.layers: set[str] = set()
        if not architecture.turned:
            return
        rows = iter(summarize(architecture.network).rows)
        shape = IMAGE_SHAPE
        for row in rows:
            if row.type == "Flatten":
                break
            shape = row.output_shape
        height, width, channels = shape
        places = np.arange(height * width * channels).reshape(channels, height, width)
        self.order = places.transpose(1, 2, 0).ravel()
        for row in rows:
            self.layers.add(row.name)
            if row.type == "Dense":
                break

    def turned(self, row: Row, variable: str, values: np.ndarray) -> np.ndarray:
        """Return a weight of a layer with its first axis in the order of the channels last."""
        makes_another = row.type == "Dense" and variable == "bias"
        if self.order is None or row.name not in self.layers or makes_another:
            return values
        return values[self.order]


def _normalization(
    layer: Weighted, which: str, there: dict[str, Weight], shape: tuple[int, ...]
) -> dict[str, np.ndarray]:
    """Return the weights of a BatchNormalization equal to a Normalization or Rescaling.

    shape: of one weight, (channels,). Raises ImportModelError.
    """
    values = {name: np.asarray(value, np.float32) for name, value in layer.given.items()}
    for name in ("mean", "variance"):
        if name in there:
            own = there[name].dataset.shape
            values[name] = there[name].read(own if own == () else shape)
    if "mean" in values:
        _check_variance(which, values["variance"])
        values = {
            "gamma": 1 / np.maximum(np.sqrt(values["variance"]), 1e-7),  # as Keras divides
            "moving_mean": values["mean"],
            "moving_variance": np.float32(1 - EPSILON),
            "beta": np.float32(0),
        }
    return {name: np.broadcast_to(value, shape) for name, value in values.items()}


def _check_variance(which: str, variance: np.ndarray) -> None:
    if (variance < 0).any():
        raise ImportModelError(
            f"the variance of {which} must not be negative; its smallest value is "
            f"{variance.min():g}: the file is damaged, so save the network again"
        )


def _in_order(
    file: h5py.File, weighted: tuple[Weighted, ...]
) -> list[tuple[str, dict[str, Weight]]]:
    """Return each layer's name, for errors, and its weights in the file by variable."""
    numbered_folders = _numbered_folders(file)
    if numbered_folders is not None:
        folders = numbered_folders
        names, numbered = _keras_3(weighted), True
    else:
        old = hdf5.child(file, "model_weights") or file
        if not isinstance(old, h5py.Group):
            raise ImportModelError(
                "the part model_weights must be a group of layers: save the network again"
            )
        folders = _folders(hdf5.weights(old))
        names, numbered = _keras_2(old, folders, weighted), False
    needed = {name for name, layer in zip(names, weighted, strict=True) if layer.variables}
    _check_complete(needed, {name for name in folders if folders[name]})
    return [
        (short_repr(name), _variables(name, layer, folders.get(name, {}), numbered))
        for name, layer in zip(names, weighted, strict=True)
    ]


def _numbered_folders(file: h5py.File) -> Folders | None:
    """Return the weights that Keras 3 numbers, by layer and number; None for older files.

    Keras 2.12 and 2.13 give the group of layers another name, and on Windows they join the names of
    all groups above a weight.
    """
    layers = hdf5.child(file, "layers")
    if isinstance(layers, h5py.Group):
        return _folders(hdf5.weights(layers))
    if not any(name.startswith(_OLD_ROOTS) for name in hdf5.names(file)):
        return None
    found = [
        Weight(weight.path.split("/", 1)[1], weight.dataset)
        for weight in hdf5.weights(file)
        if "/" in weight.path and weight.path.split("/")[0] in ("layers", _CHECKPOINT)
    ]
    return _folders(found)


def _folders(weights: list[Weight]) -> Folders:
    """Return weights by layer and variable. Raises ImportModelError on two of the same name."""
    folders: Folders = {}
    for weight in weights:
        folder, _, rest = weight.path.partition("/")
        variable = rest.rpartition("/")[2].partition(":")[0]  # Keras 2: kernel:0
        if old := _KERAS_1.fullmatch(variable):
            variable = _KERAS_1_NAMES[old[1]]
        if variable in folders.setdefault(folder, {}):
            raise ImportModelError(
                f"a file must contain each weight once; {short_repr(weight.path)} is in it twice: "
                "save the network again"
            )
        folders[folder][variable] = weight
    return folders


def _keras_3(weighted: tuple[Weighted, ...]) -> list[str]:
    """Return Keras 3's layer names, numbered per class: conv2d, conv2d_1, dense."""
    counts: dict[str, int] = {}
    names = []
    for layer in weighted:
        name = snake_case(layer.kind)
        number = counts[name] = counts.get(name, -1) + 1
        names.append(f"{name}_{number}" if number else name)
    return names


def _keras_2(group: h5py.Group, folders: Folders, weighted: tuple[Weighted, ...]) -> list[str]:
    """Return the names from the layer list, or else the names with weights in `layer_names`."""
    if all(layer.name for layer in weighted):
        return [layer.name for layer in weighted]
    listed = hdf5.layer_names(group)
    if listed is None:
        raise ImportModelError(
            "a file of weights has a group of layers, or lists them in layer_names; this one has "
            f"neither, but {short_repr(sorted(group)[:5])}: save it with Keras's model.save"
        )
    names = [name for name in dict.fromkeys(listed) if folders.get(name)]
    if len(names) != len(weighted):
        raise ImportModelError(
            f"the network has {len(weighted)} layers with weights; the file has {len(names)}: "
            "build the network that the weights were saved from"
        )
    return names


def _check_complete(needed: set[str], there: set[str]) -> None:
    """Raise ImportModelError on weights that are missing or belong to no layer."""
    if missing := sorted(needed - there):
        raise ImportModelError(
            f"every layer needs its weights; the file has none for {short_repr(missing[0])}: save "
            "the network after it is built or trained"
        )
    if more := sorted(there - needed):
        raise ImportModelError(
            f"all weights must belong to a layer; {short_repr(more[0])} belongs to none: save the "
            "network again, or build the one that the weights were saved from"
        )


def _variables(
    name: str, layer: Weighted, there: dict[str, Weight], numbered: bool
) -> dict[str, Weight]:
    """Return a layer's weights by the names of its variables, which Keras 3 numbers.

    numbered: whether the file is from Keras 3. Raises ImportModelError.
    """
    if numbered:
        order = layer.variables if "bias" in layer.variables else (*layer.variables, "bias")
        there = {_numbered(order, number): weight for number, weight in there.items()}
    extra = {"bias"} if not layer.name and layer.kind == "Conv2D" else set[str]()
    if not set(layer.variables) <= set(there) <= set(layer.variables) | extra:
        raise ImportModelError(
            f"{short_repr(name)} must have {', '.join(layer.variables)}; the file has "
            f"{', '.join(map(short_repr, sorted(there)))}: save the network again"
        )
    return there


def _numbered(order: tuple[str, ...], number: str) -> str:
    """Return the variable with this number, or the number itself if there is no such variable."""
    return order[int(number)] if number in map(str, range(len(order))) else number
