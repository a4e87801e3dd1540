"""Keras code of a spec's network; text only, no TensorFlow."""

from collections.abc import Mapping, Sequence

from mnist_core.network.layers import KerasLayer, Penalty
from mnist_core.network.spec import Spec
from mnist_core.network.summary import Row, summarize


def network_code(spec: Spec) -> str:
    """Return code that builds the model; its output is float32 in mixed precision as well."""
    *hidden, output = (row.keras for row in summarize(spec.network).rows)
    exact = {} if spec.training.precision == "float32" else {"dtype": "float32"}
    if any(layer.path != "main" for layer in hidden):
        return _functional(summarize(spec.network).rows, exact)
    lines = ["keras.Input((28, 28, 1))", *map(_line, hidden), _line(output, **exact)]
    body = "\n".join(f"        {line}," for line in lines)
    return f"model = keras.Sequential(\n    [\n{body}\n    ]\n)"


def _functional(rows: Sequence[Row], exact: Mapping[str, object]) -> str:
    """Return code that calls layer after layer, with the shortcuts around blocks.

    exact: further options of the output layer.
    """
    blocks = {row.layer for row in rows if row.keras.path == "both"}
    lines, before = ["image = keras.Input((28, 28, 1))", "x = image"], -1
    for row in rows:
        if row.layer != before and row.layer in blocks:
            lines.append("shortcut = x")
        before = row.layer
        made = _line(row.keras, **(exact if row.name == "output" else {}))
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
