"""A spec as the Keras code that a person would write; text only, no TensorFlow."""

from mnist_core.layers import AnyLayer, BatchNormalization, Conv2D, Dense, Dropout, Pooling
from mnist_core.spec import CLASSES, Spec, Training

_OPTIMIZERS = {
    "adam": "Adam",
    "adamw": "AdamW",
    "rmsprop": "RMSprop",
    "sgd": "SGD",
    "nadam": "Nadam",
}


def keras_code(spec: Spec) -> str:
    """The network, built and compiled. Its input is (n, 28, 28, 1) in [0, 1]."""
    lines = [line for layer in spec.network.layers for line in _layer(layer)]
    lines += [f'layers.Dense({CLASSES}, activation="softmax")']
    body = "\n".join(f"        {line}," for line in ["keras.Input((28, 28, 1))", *lines])
    return (
        "import keras\nfrom keras import layers\n\n"
        f"model = keras.Sequential(\n    [\n{body}\n    ]\n)\n"
        f"{_compile(spec.training)}\nmodel.summary()\n"
    )


def _layer(layer: AnyLayer) -> list[str]:
    """One line, or three for a Conv2D with batch normalization."""
    name = type(layer).__name__
    match layer:
        case Conv2D():
            options = _options(strides=(layer.strides, 1), padding=(layer.padding, "valid"))
            normalized = layer.batch_normalization
            bias = ", use_bias=False" if normalized else _activation(layer.activation)
            l2 = _l2(layer.l2)
            first = f"layers.Conv2D({layer.filters}, {layer.kernel_size}{options}{bias}{l2})"
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
            options = _options(strides=(layer.strides, None), padding=(layer.padding, "valid"))
            return [f"layers.{name}({layer.pool_size}{options})"]
        case Dropout():
            return [f"layers.Dropout({layer.rate!r})"]
        case BatchNormalization():
            return ["layers.BatchNormalization()"]
        case _:
            return [f"layers.{name}()"]


def _options(**given: tuple[object, object]) -> str:
    """Those arguments, each a value and Keras's default, that differ from the default."""
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


def _compile(training: Training) -> str:
    settings = f"learning_rate={training.learning_rate!r}" + _options(
        momentum=(training.momentum, 0.0),
        nesterov=(training.nesterov, False),
        weight_decay=(training.weight_decay, None),
    )
    loss = f'"{training.loss}"'
    if training.label_smoothing:
        smoothing = f"label_smoothing={training.label_smoothing!r}"
        loss = f"keras.losses.CategoricalCrossentropy({smoothing})"
    moved = ""
    if training.schedule != "constant":
        moved = f"  # the peak: the app moves it by the schedule {training.schedule}"
    return (
        "model.compile(\n"
        f"    optimizer=keras.optimizers.{_OPTIMIZERS[training.optimizer]}({settings}),{moved}\n"
        f"    loss={loss},\n"
        '    metrics=["accuracy"],\n'
        ")"
    )
