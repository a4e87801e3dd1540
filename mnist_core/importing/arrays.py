"""The weights of a file, found by the order of its layers, as our networks name and shape them."""

import h5py
import numpy as np

from mnist_core.importing import hdf5
from mnist_core.importing.architecture import KERNEL, MOVING, SCALING, Architecture, Weighted
from mnist_core.importing.errors import ImportModelError
from mnist_core.importing.hdf5 import Weight
from mnist_core.network.layers import Conv2D, Shape
from mnist_core.network.spec import Network
from mnist_core.network.summary import OUTPUT, summarize
from mnist_core.utils.text import shown

Folders = dict[str, dict[str, Weight]]
"""The weights of each layer by the file's name of the layer and of the variable."""

_SNAKE = {"Conv2D": "conv2d", "Dense": "dense", "BatchNormalization": "batch_normalization"}


def shapes(network: Network) -> dict[str, dict[str, Shape]]:
    """The shapes of all weights that `records.weights` has: by layer, then by variable."""
    made: dict[str, dict[str, Shape]] = {}
    before = network.shapes()
    for row in summarize(network).rows:
        inputs, outputs = before[row.layer][-1], row.output_shape[-1]
        layer = (*network.layers, OUTPUT)[row.layer]
        if row.type == "BatchNormalization":
            made[row.name] = dict.fromkeys(SCALING + MOVING, (outputs,))
        elif row.type == "Dense":
            made[row.name] = {"kernel": (inputs, outputs), "bias": (outputs,)}
        elif row.type == "Conv2D" and isinstance(layer, Conv2D):
            made[row.name] = {"kernel": (layer.kernel_size, layer.kernel_size, inputs, outputs)}
            if not layer.batch_normalization:
                made[row.name]["bias"] = (outputs,)
    return made


def read(file: h5py.File, architecture: Architecture) -> dict[str, np.ndarray]:
    """All weights by path, such as conv2d_1/kernel: float32 arrays. Raises BringError."""
    found = _in_order(file, architecture.weighted)
    arrays: dict[str, np.ndarray] = {}
    shift: np.ndarray | None = None
    for (name, needed), (which, there) in zip(
        shapes(architecture.network).items(), found, strict=True
    ):
        values = {
            variable: weight.read(needed.get(variable, needed.get("kernel", (0,))[-1:]))
            for variable, weight in there.items()
        }
        if "moving_mean" in values:
            _check_variance(which, values["moving_variance"])
            if shift is not None:  # normalization takes away what the convolution added
                values["moving_mean"] = values["moving_mean"] - shift
        shift = None if "bias" in needed else values.pop("bias", None)
        for variable, shape in needed.items():  # what a layer goes without changes nothing
            empty = np.ones if variable == "gamma" else np.zeros
            arrays[f"{name}/{variable}"] = values.get(variable, empty(shape, np.float32))
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
    """What the file has of each layer, named in words and by variable."""
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
    _same(set(names), {name for name in folders if folders[name]})
    return [
        (shown(name), _variables(name, layer, folders[name], numbered))
        for name, layer in zip(names, weighted, strict=True)
    ]


def _folders(group: h5py.Group) -> Folders:
    folders: Folders = {}
    for weight in hdf5.weights(group):
        folder, _, rest = weight.path.partition("/")
        variable = rest.rpartition("/")[2].partition(":")[0]  # Keras 2: kernel:0
        if variable in folders.setdefault(folder, {}):
            raise ImportModelError(
                f"a weight may be there once; {shown(weight.path)} is there again"
            )
        folders[folder][variable] = weight
    return folders


def _keras_3(weighted: tuple[Weighted, ...]) -> list[str]:
    """conv2d, conv2d_1, dense: the layers of a class are numbered in their order."""
    counts: dict[str, int] = {}
    names = []
    for layer in weighted:
        name = _SNAKE[layer.kind]
        number = counts[name] = counts.get(name, -1) + 1
        names.append(f"{name}_{number}" if number else name)
    return names


def _keras_2(group: h5py.Group, folders: Folders, weighted: tuple[Weighted, ...]) -> list[str]:
    """The names of the layer list; without one, those that the file lists and that have weights."""
    if all(layer.name for layer in weighted):
        return [layer.name for layer in weighted]
    listed = hdf5.layer_names(group)
    if listed is None:
        raise ImportModelError(
            "a file of weights has a group of layers, or lists them in layer_names; this one has "
            f"neither, but {shown(sorted(group)[:5])}: save it with Keras's model.save"
        )
    names = [name for name in dict.fromkeys(listed) if folders.get(name)]
    if len(names) != len(weighted):
        raise ImportModelError(
            f"the network has {len(weighted)} layers with weights; the file has {len(names)}: "
            "build the network that the weights were saved from"
        )
    return names


def _same(needed: set[str], there: set[str]) -> None:
    """Refuse weights that are missing, or that belong to no layer."""
    if missing := sorted(needed - there):
        raise ImportModelError(
            f"every layer needs its weights; the file has none of {shown(missing[0])}: save the "
            "network after it was trained or built"
        )
    if more := sorted(there - needed):
        raise ImportModelError(
            f"all weights must belong to a layer; {shown(more[0])} belongs to none: save the "
            "network anew, or build the one that the weights were saved from"
        )


def _variables(
    name: str, layer: Weighted, there: dict[str, Weight], numbered: bool
) -> dict[str, Weight]:
    """By the names of variables; Keras 3 numbers them."""
    if numbered:
        order = KERNEL if layer.kind == "Conv2D" else layer.variables
        there = {_numbered(order, number): weight for number, weight in there.items()}
    extra = {"bias"} if not layer.name and layer.kind == "Conv2D" else set()
    if not set(layer.variables) <= set(there) <= set(layer.variables) | extra:
        raise ImportModelError(
            f"{shown(name)} must have {', '.join(layer.variables)}; the file has "
            f"{', '.join(map(shown, sorted(there)))}: save the network anew"
        )
    return there


def _numbered(order: tuple[str, ...], number: str) -> str:
    """The variable of a number; a number too many stays what it is."""
    return order[int(number)] if number in map(str, range(len(order))) else number
