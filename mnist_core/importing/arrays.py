"""Reads the weights of a file, matched by the order of layers, into the app's names and shapes."""

import h5py
import numpy as np

from mnist_core.importing import hdf5
from mnist_core.importing.architecture import Architecture, Weighted
from mnist_core.importing.errors import ImportModelError
from mnist_core.importing.hdf5 import Weight
from mnist_core.network.summary import snake_case, summarize
from mnist_core.utils.text import short_repr

Folders = dict[str, dict[str, Weight]]
"""Weights by the names of the layer and of the variable in the file."""


def read(file: h5py.File, architecture: Architecture) -> dict[str, np.ndarray]:
    """Return all weights by path, such as conv2d_1/kernel: float32. Raises ImportModelError.

    The bias of a convolution before batch normalization is merged into the moving mean.
    """
    found = _in_order(file, architecture.weighted)
    arrays: dict[str, np.ndarray] = {}
    shift: np.ndarray | None = None
    rows = [row for row in summarize(architecture.network).rows if row.keras.weights]
    for row, (which, there) in zip(rows, found, strict=True):
        needed = row.keras.weights
        values = {
            variable: weight.read(needed.get(variable, needed.get("kernel", (0,))[-1:]))
            for variable, weight in there.items()
        }
        if "moving_mean" in values:
            _check_variance(which, values["moving_variance"])
            if shift is not None:  # x + bias - mean = x - (mean - bias)
                values["moving_mean"] = values["moving_mean"] - shift
        shift = None if "bias" in needed else values.pop("bias", None)
        for variable, shape in needed.items():  # a variable that is switched off has no effect
            empty = np.ones if variable == "gamma" else np.zeros
            arrays[f"{row.name}/{variable}"] = values.get(variable, empty(shape, np.float32))
    return arrays


def _check_variance(which: str, variance: np.ndarray) -> None:
    if (variance < 0).any():
        raise ImportModelError(
            f"the moving_variance of {which} must be 0 or more; its least is {variance.min():g}: "
            "the file is damaged, so save the network again"
        )


def _in_order(
    file: h5py.File, weighted: tuple[Weighted, ...]
) -> list[tuple[str, dict[str, Weight]]]:
    """Return each layer's name, for errors, and its weights in the file by variable."""
    layers = hdf5.child(file, "layers")
    if isinstance(layers, h5py.Group):
        folders = _folders(layers)
        names, numbered = _keras_3(weighted), True
    else:
        old = hdf5.child(file, "model_weights") or file
        if not isinstance(old, h5py.Group):
            raise ImportModelError(
                "the part model_weights must be a group of layers: save the network again"
            )
        folders = _folders(old)
        names, numbered = _keras_2(old, folders, weighted), False
    _check_complete(set(names), {name for name in folders if folders[name]})
    return [
        (short_repr(name), _variables(name, layer, folders[name], numbered))
        for name, layer in zip(names, weighted, strict=True)
    ]


def _folders(group: h5py.Group) -> Folders:
    """Return the weights below a group, by layer and variable. Raises ImportModelError."""
    folders: Folders = {}
    for weight in hdf5.weights(group):
        folder, _, rest = weight.path.partition("/")
        variable = rest.rpartition("/")[2].partition(":")[0]  # Keras 2: kernel:0
        if variable in folders.setdefault(folder, {}):
            raise ImportModelError(
                f"a weight may be there once; {short_repr(weight.path)} is there again"
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
            f"every layer needs its weights; the file has none of {short_repr(missing[0])}: save "
            "the "
            "network after it was trained or built"
        )
    if more := sorted(there - needed):
        raise ImportModelError(
            f"all weights must belong to a layer; {short_repr(more[0])} belongs to none: save the "
            "network anew, or build the one that the weights were saved from"
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
            f"{', '.join(map(short_repr, sorted(there)))}: save the network anew"
        )
    return there


def _numbered(order: tuple[str, ...], number: str) -> str:
    """Return the variable with this number, or the number itself if there is no such variable."""
    return order[int(number)] if number in map(str, range(len(order))) else number
