"""A spec as the Keras script that a person would write; text only, no TensorFlow."""

from mnist_core.layers import AnyLayer, BatchNormalization, Conv2D, Dense, Dropout, Pooling
from mnist_core.plan import steps
from mnist_core.spec import CLASSES, Augmentation, Spec, Split

_OPTIMIZERS = {
    "adam": "Adam",
    "adamw": "AdamW",
    "rmsprop": "RMSprop",
    "sgd": "SGD",
    "nadam": "Nadam",
}


def keras_code(spec: Spec) -> str:
    """The whole run: seed, network, optimizer, data, training, test.

    What Keras has no short way for, the one_cycle schedule and augmentation, is a comment.
    """
    parts = (_head(spec), _network(spec), _compile(spec), _data(spec), _fit(spec))
    return "\n\n".join(parts) + "\n"


def _head(spec: Spec) -> str:
    lines = ["import keras", "from keras import layers"]
    if spec.split.kind == "fold":
        lines += ["from sklearn.model_selection import StratifiedKFold"]
    lines += ["", f"keras.utils.set_random_seed({spec.training.seed})"]
    if _is_mixed(spec):
        lines += [f'keras.mixed_precision.set_global_policy("{spec.training.precision}")']
    return "\n".join(lines)


def _is_mixed(spec: Spec) -> bool:
    return spec.training.precision != "float32"


def _network(spec: Spec) -> str:
    """The output stays float32 in mixed precision too: probabilities need the digits."""
    lines = [line for layer in spec.network.layers for line in _layer(layer)]
    exact = ', dtype="float32"' if _is_mixed(spec) else ""
    lines += [f'layers.Dense({CLASSES}, activation="softmax"{exact})']
    body = "\n".join(f"        {line}," for line in ["keras.Input((28, 28, 1))", *lines])
    return f"model = keras.Sequential(\n    [\n{body}\n    ]\n)"


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


def _compile(spec: Spec) -> str:
    training = spec.training
    rate, before = _learning_rate(spec)
    settings = f"learning_rate={rate}" + _options(
        momentum=(training.momentum, 0.0),
        nesterov=(training.nesterov, False),
        weight_decay=(training.weight_decay, None),
    )
    loss = f'"{training.loss}"'
    if training.label_smoothing:
        smoothing = f"label_smoothing={training.label_smoothing!r}"
        loss = f"keras.losses.CategoricalCrossentropy({smoothing})"
    return (
        f"{before}"
        "model.compile(\n"
        f"    optimizer=keras.optimizers.{_OPTIMIZERS[training.optimizer]}({settings}),\n"
        f"    loss={loss},\n"
        '    metrics=["accuracy"],\n'
        ")\nmodel.summary()"
    )


def _learning_rate(spec: Spec) -> tuple[str, str]:
    """What the optimizer is given, and the lines before that it needs."""
    peak, total = repr(spec.training.learning_rate), steps(spec).in_all
    schedules = "learning_rate = keras.optimizers.schedules."
    match spec.training.schedule:
        case "cosine":
            return "learning_rate", f"{schedules}CosineDecay({peak}, decay_steps={total})\n"
        case "step":
            # Keras keeps a rate through its boundary: the last step of that stretch, from 0.
            half, three_quarters = (total + 1) // 2 - 1, (3 * total + 3) // 4 - 1
            return "learning_rate", (
                f"{schedules}PiecewiseConstantDecay(\n"
                f"    [{half}, {three_quarters}], [{peak}, {peak} / 10, {peak} / 100]\n)\n"
            )
        case "one_cycle":
            return peak, (
                f"# Not done here: the app raises the rate from 0 to {peak} over a quarter of the\n"
                f"# {total:,} steps, then lowers it evenly to a hundredth (one_cycle).\n"
            )
        case _:
            return peak, ""


def _data(spec: Spec) -> str:
    lines = ["(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()"]
    if limit := spec.split.limit:
        lines += [f"x_train, y_train = x_train[:{limit}], y_train[:{limit}]"]
    if spec.split.kind == "fold":
        lines += _fold(spec.split)
    lines += [
        'x_train = x_train[..., None].astype("float32") / 255  # (n, 28, 28, 1) in [0, 1]',
        'x_test = x_test[..., None].astype("float32") / 255',
    ]
    if spec.training.loss == "categorical_crossentropy":
        lines += [
            f"y_train = keras.utils.to_categorical(y_train, {CLASSES})",
            f"y_test = keras.utils.to_categorical(y_test, {CLASSES})",
        ]
    if spec.split.kind in ("last", "fraction", "fold"):
        train, validation = f":{spec.split.boundary}", f"{spec.split.boundary}:"
        if spec.split.kind == "fold":
            train, validation = "train", "validation"
        lines += [
            f"x_val, y_val = x_train[{validation}], y_train[{validation}]",
            f"x_train, y_train = x_train[{train}], y_train[{train}]",
        ]
    return "\n".join(lines)


def _fold(split: Split) -> list[str]:
    """The rows of a fold; drawn before the labels become one-hot."""
    return [
        f"# Fold {split.fold} of {split.folds}; Python counts from 0.",
        f"folds = StratifiedKFold({split.folds}, shuffle=True, random_state={split.seed})",
        f"train, validation = list(folds.split(x_train, y_train))[{split.fold - 1}]",
    ]


def _fit(spec: Spec) -> str:
    training = spec.training
    lines = [
        *_augmentation(training.augmentation),
        "model.fit(",
        "    x_train,",
        "    y_train,",
        f"    batch_size={training.batch_size},",
        f"    epochs={training.epochs},",
    ]
    if spec.split.kind != "none":
        held_out = "test" if spec.split.kind == "test" else "val"
        lines += [f"    validation_data=(x_{held_out}, y_{held_out}),"]
    if training.early_stopping:
        lines += [
            "    callbacks=[",
            "        keras.callbacks.EarlyStopping(",
            f'            monitor="val_loss", patience={training.early_stopping}, '
            "restore_best_weights=True",
            "        )",
            "    ],",
        ]
    return "\n".join([*lines, ")", "model.evaluate(x_test, y_test)"])


def _augmentation(changes: Augmentation) -> list[str]:
    """Comment lines that say what the app does besides."""
    told = [
        words
        for words, amount in (
            (f"shifted by up to {changes.shift} pixels", changes.shift),
            (f"turned by up to {changes.rotation:g} degrees", changes.rotation),
            (f"zoomed by up to {100 * changes.zoom:g} %", changes.zoom),
        )
        if amount
    ]
    if not told:
        return []
    return [
        "# Not done here: the app changes every training image anew in each epoch:",
        f"# {', '.join(told)}.",
    ]
