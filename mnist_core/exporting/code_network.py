"""Keras code for a spec's network; text only, no TensorFlow."""

from collections.abc import Mapping, Sequence

from mnist_core.network.layers import KerasLayer, Penalty
from mnist_core.network.spec import Spec
from mnist_core.network.summary import Row, summarize


def network_code(spec: Spec) -> str:
    """Return code that builds the model; its output is float32 in mixed precision as well.

    Its layers are named where they take over weights by name.
    """
    rows = summarize(spec.network).rows
    more = {row.name: {"name": row.name} if spec.transfer else {} for row in rows}
    if spec.training.precision != "float32":
        more["output"] = {"dtype": "float32"} | more["output"]
    if any(row.keras.path != "main" for row in rows):
        return _functional(rows, more)
    made = [_line(row.keras, **more[row.name]) for row in rows]
    lines = ["keras.Input((28, 28, 1))", *made]
    body = "\n".join(f"        {line}," for line in lines)
    return f"model = keras.Sequential(\n    [\n{body}\n    ]\n)"


def _functional(rows: Sequence[Row], more: Mapping[str, Mapping[str, object]]) -> str:
    """Return code that calls layer after layer, with the shortcuts around blocks.

    more: further options of each layer, by its name.
    """
    blocks = {row.layer for row in rows if row.keras.path == "both"}
    lines, before = ["image = keras.Input((28, 28, 1))", "x = image"], -1
    for row in rows:
        if row.layer != before and row.layer in blocks:
            lines.append("shortcut = x")
        before = row.layer
        made = _line(row.keras, **more[row.name])
        match row.keras.path:
            case "main":
                lines.append(f"x = {made}(x)")
            case "shortcut":
                lines.append(f"shortcut = {made}(shortcut)")
            case "both":
                lines.append(f"x = {made}([x, shortcut])")
    return "\n".join([*lines, "model = keras.Model(image, x)"])


def _line(layer: KerasLayer, **more: object) -> str:
    """Return the call that makes a layer."""
    given = [_value(argument) for argument in layer.arguments]
    given += [f"{name}={_value(value)}" for name, value in {**layer.options, **more}.items()]
    return f"layers.{layer.type}({', '.join(given)})"


def transfer_code(spec: Spec, file: str) -> str:
    """Return code that takes over the weights of a .npz file, and freezes layers."""
    lines = [
        f'start = np.load("{file}")  # weights by layer and name, such as conv2d_1/kernel',
        "for layer in model.layers:",
        '    arrays = [start.get(f"{layer.name}/{weight.name}") for weight in layer.weights]',
        "    shapes = [array.shape for array in arrays if array is not None]",
        "    if shapes and shapes == [tuple(weight.shape) for weight in layer.weights]:",
        "        layer.set_weights(arrays)  # a layer of another shape keeps its random weights",
    ]
    if spec.frozen:
        lines += [f"for name in {list(spec.frozen)}:"]
        lines += ["    model.get_layer(name).trainable = False"]
    return "\n".join(lines)


def options(**given: tuple[object, object]) -> str:
    """Return the arguments that differ from Keras's default. given: (value, default) by name."""
    parts = [
        f", {name}={_value(value)}" for name, (value, default) in given.items() if value != default
    ]
    return "".join(parts)


def _value(value: object) -> str:
    """Return the code of an argument."""
    if isinstance(value, Penalty):
        return f"keras.regularizers.L2({value.l2!r})"
    return f'"{value}"' if isinstance(value, str) else repr(value)
