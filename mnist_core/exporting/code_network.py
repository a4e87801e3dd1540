"""Keras code of a spec's network; text only, no TensorFlow."""

from mnist_core.network.layers import KerasLayer, Penalty
from mnist_core.network.spec import Spec
from mnist_core.network.summary import summarize


def network_code(spec: Spec) -> str:
    """Return code that builds the model; its output is float32 in mixed precision as well."""
    *hidden, output = (row.keras for row in summarize(spec.network).rows)
    exact = {} if spec.training.precision == "float32" else {"dtype": "float32"}
    lines = ["keras.Input((28, 28, 1))", *map(_line, hidden), _line(output, **exact)]
    body = "\n".join(f"        {line}," for line in lines)
    return f"model = keras.Sequential(\n    [\n{body}\n    ]\n)"


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
