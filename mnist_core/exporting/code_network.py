"""Keras code of a spec's network; text only, no TensorFlow."""

from mnist_core.network.layers import AnyLayer, BatchNormalization, Conv2D, Dense, Dropout, Pooling
from mnist_core.network.spec import CLASSES, Spec


def network_code(spec: Spec) -> str:
    """Return code that builds the model; its output is float32 in mixed precision as well."""
    lines = [line for layer in spec.network.layers for line in _layer(layer)]
    exact = "" if spec.training.precision == "float32" else ', dtype="float32"'
    lines += [f'layers.Dense({CLASSES}, activation="softmax"{exact})']
    body = "\n".join(f"        {line}," for line in ["keras.Input((28, 28, 1))", *lines])
    return f"model = keras.Sequential(\n    [\n{body}\n    ]\n)"


def _layer(layer: AnyLayer) -> list[str]:
    """Return one line of code, or three for a Conv2D with batch normalization."""
    name = type(layer).__name__
    match layer:
        case Conv2D():
            changed = options(strides=(layer.strides, 1), padding=(layer.padding, "valid"))
            normalized = layer.batch_normalization
            bias = ", use_bias=False" if normalized else _activation(layer.activation)
            l2 = _l2(layer.l2)
            first = f"layers.Conv2D({layer.filters}, {layer.kernel_size}{changed}{bias}{l2})"
            if not normalized:
                return [first]
            return [
                first,
                "layers.BatchNormalization()",
                f'layers.Activation("{layer.activation}")',
            ]
        case Dense():
            tail = _activation(layer.activation) + _l2(layer.l2)
            return [f"layers.Dense({layer.units}{tail})"]
        case Pooling():
            changed = options(strides=(layer.strides, None), padding=(layer.padding, "valid"))
            return [f"layers.{name}({layer.pool_size}{changed})"]
        case Dropout():
            return [f"layers.Dropout({layer.rate!r})"]
        case BatchNormalization():
            return ["layers.BatchNormalization()"]
        case _:
            return [f"layers.{name}()"]


def options(**given: tuple[object, object]) -> str:
    """Return the arguments that differ from Keras's default. given: (value, default) by name."""
    parts = [
        f', {name}="{value}"' if isinstance(value, str) else f", {name}={value!r}"
        for name, (value, default) in given.items()
        if value != default
    ]
    return "".join(parts)


def _activation(name: str) -> str:
    return "" if name == "linear" else f', activation="{name}"'


def _l2(penalty: float) -> str:
    return f", kernel_regularizer=keras.regularizers.L2({penalty!r})" if penalty else ""
