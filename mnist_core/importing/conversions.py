"""Converts the settings of a layer of Keras 2 or 3 to the settings of an app's layer."""

from collections.abc import Callable
from math import isclose
from typing import TypeGuard

from mnist_core.importing.chain import Entry, check_origin
from mnist_core.network.activations import NAMES, Activation
from mnist_core.network.layers import LAYERS
from mnist_core.network.layers.batch_normalization import EPSILON
from mnist_core.utils.text import short_repr, without_markup

Settings = dict[str, object]

LEAKY_SLOPE = 0.2  # of the function leaky_relu


def convert(entry: Entry) -> Settings:
    """Return the settings of the app's layer of the same class. Raises ImportModelError."""
    layer = LAYERS[entry.kind]
    for name, value in layer.fixed.items():
        _check_fixed(entry, name, value)
    settings: Settings = {"kind": layer.model_fields["kind"].default}
    for name, field in layer.model_fields.items():
        if name not in ("kind", "batch_normalization"):  # a layer of its own in the file
            settings[name] = _setting(entry, name, field.annotation)
    if settings.get("strides") == settings.get("pool_size", 0):  # as Keras writes None
        del settings["strides"]
    return settings


def _setting(entry: Entry, name: str, annotation: object) -> object:
    """Return a setting of the app's layer. annotation: the type of its field."""
    if name == "l2":
        return _l2(entry)
    value = entry.config.get(name)
    if name == "shared":
        return _is_shared(entry)
    if name == "negative_slope":
        return _slope(entry.config)
    if annotation == Activation:
        return activation(entry, value)
    if annotation is int or (annotation == int | None and value is not None):
        return _whole(entry, name, _side(entry, name, value))
    return value


def _l2(entry: Entry) -> float:
    """Return the L2 penalty; other penalties, which only training needs, are dropped."""
    penalty = entry.config.get("kernel_regularizer")
    settings = penalty.get("config") if isinstance(penalty, dict) else None
    l2 = settings.get("l2") if isinstance(settings, dict) else None
    return float(f"{l2:.6g}") if isinstance(l2, float) and 0 <= l2 <= 1 else 0.0


def _check_fixed(entry: Entry, name: str, value: object) -> None:
    """Raise ImportModelError unless an argument is left out or has its only value."""
    received = entry.config.get(name, value)
    close = received == value
    if isinstance(value, float):
        close = isinstance(received, float) and isclose(received, value, rel_tol=1e-6)
    if not close:
        raise entry.refuse(
            f"{name} must be {value}, Keras's default; received {short_repr(received)}: train the "
            "network with the default"
        )


def _whole(entry: Entry, name: str, value: object) -> object:
    """Return an integer. Refuses "4", 4.0 and true for 4, which Keras never writes."""
    if type(value) is not int:
        raise entry.refuse(
            f"{name} must be a whole number; received {short_repr(value)}: save the network again "
            "with Keras"
        )
    return value


def _is_shared(entry: Entry) -> bool:
    """Return whether a PReLU has one slope per map. Raises ImportModelError on other sharing."""
    axes = entry.config.get("shared_axes")
    if axes not in (None, [], [1, 2]):
        raise entry.refuse(
            f"shared_axes must be [1, 2], or None for a slope per value; received "
            f"{short_repr(axes)}: train the network with one of these"
        )
    return bool(axes)


def _slope(config: Settings) -> object:
    """Return the slope of LeakyReLU: Keras 2 calls it alpha, and its default there is 0.3."""
    slope = config.get("negative_slope", config.get("alpha", 0.3))
    return float(f"{slope:.6g}") if isinstance(slope, float) else slope  # a float32 of Keras 2


def channels_last(entry: Entry, is_flat: bool) -> None:
    """Change the settings of a layer with channels first to the same layer with channels last.

    is_flat: whether it reads a vector. Raises ImportModelError if there is no such layer.
    """
    config = entry.config
    if "data_format" in config:
        if config["data_format"] != "channels_first" and entry.kind != "Flatten":
            raise entry.refuse(
                "its data_format must be channels_first, like the input's; received "
                f"{short_repr(config['data_format'])}: train the network with one format"
            )
        config["data_format"] = "channels_last"
    if is_flat:
        return
    for name, first, last in (("axis", (1, [1]), -1), ("shared_axes", ([2, 3],), [1, 2])):
        if config.get(name) is not None:
            if config[name] not in first:
                raise entry.refuse(
                    f"{name} must be {first[-1]} for channels-first images; "
                    f"received {short_repr(config[name])}: train the network with channels last"
                )
            config[name] = last


def normalization(entry: Entry) -> tuple[tuple[str, ...], dict[str, object]]:
    """Return what a Rescaling or Normalization layer multiplies by and adds.

    Returns the names of its weights in the file, and the weights of the equal BatchNormalization,
    as far as the settings contain them. Raises ImportModelError.
    """
    config = entry.config
    if entry.kind == "Rescaling":
        factors = {"gamma": config.get("scale"), "beta": config.get("offset", 0.0)}
        if not all(is_number(value) for value in factors.values()):
            raise entry.refuse(
                "its scale and offset must be one number each; received "
                f"{short_repr(list(factors.values()))}: train the network with one of each"
            )
        return (), {**factors, "moving_mean": 0.0, "moving_variance": 1 - EPSILON}
    axis = config.get("axis", -1)
    if config.get("invert") or axis not in (None, [], -1, 3, [-1], [3]):
        raise entry.refuse(
            f"it must have axis=-1 or None, and invert=False; received axis={short_repr(axis)}, "
            f"invert={short_repr(config.get('invert', False))}: train the network with these"
        )
    given = {name: _one_number(config.get(name)) for name in ("mean", "variance")}
    if config.get("mean") is None:
        return ("mean", "variance", "count"), {}
    if not all(is_number(value) for value in given.values()):
        raise entry.refuse(
            f"its mean and variance must be one number each; received {short_repr(given)}: call "
            "its adapt() on the training images"
        )
    return (), given


def _one_number(value: object) -> object:
    """Return the number in a list of lists of one number, as Keras writes it."""
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value


def is_number(value: object) -> TypeGuard[float]:
    """Return whether a value is a finite number of a moderate size."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e30


def policy(entry: Entry) -> str:
    """Return the dtype policy of a layer, such as mixed_bfloat16; empty if the file has none."""
    given = entry.config.get("dtype")
    if isinstance(given, dict):
        config = given.get("config")
        given = config.get("name") if isinstance(config, dict) else None
    return without_markup(given[:30]) if isinstance(given, str) else ""


def is_division_by_255(entry: Entry) -> bool:
    """Whether a Rescaling layer divides by 255, as the app does with every image."""
    scale, offset = entry.config.get("scale"), entry.config.get("offset", 0)
    return isinstance(scale, float) and isclose(scale, 1 / 255, rel_tol=1e-6) and offset == 0


def _side(entry: Entry, name: str, value: object) -> object:
    """Return the one number of a square setting, which Keras writes for each side.

    Raises ImportModelError if the sides differ.
    """
    while isinstance(value, list):
        if len(value) != 2 or value[0] != value[1]:
            raise entry.refuse(
                f"{name} must be the same in both directions; received {short_repr(value)}: train "
                "the network with the same value for both"
            )
        value = value[0]
    return value


def activation(entry: Entry, given: object) -> str:
    """Return the name of an activation, given as a function's name or as a layer's config."""
    if given is None:
        return "linear"
    if isinstance(given, dict) and given.get("class_name") in list(ACTIVATIONS):
        check_origin(given, f"{entry.words}, its activation {given['class_name']}")
        config = given.get("config")
        return ACTIVATIONS[given["class_name"]](entry, config if isinstance(config, dict) else {})
    if not isinstance(given, str) or given not in (*NAMES, "softmax"):
        raise entry.refuse(
            f"its activation must be one of {', '.join(NAMES)}; received "
            f"{short_repr(given)}: train the network with one of these"
        )
    return given


def _fixed(name: str, **needed: float | None) -> Callable[[Entry, Settings], str]:
    """Return a converter for an activation layer whose settings must equal its function's."""

    def convert(entry: Entry, config: Settings) -> str:
        for setting, value in needed.items():
            received = config.get(setting, value)
            close = received == value
            if isinstance(received, float) and value is not None:
                close = isclose(received, value, abs_tol=1e-6)
            if not close:
                raise entry.refuse(
                    f"{setting} of {name} must be {value}; received {short_repr(received)}: "
                    f"train the network with activation='{name}'"
                )
        return name

    return convert


def _relu(entry: Entry, config: Settings) -> str:
    """Convert a ReLU layer: with max_value=6 it is relu6."""
    name = "relu6" if config.get("max_value") == 6 else "relu"
    most = 6 if name == "relu6" else None
    return _fixed(name, max_value=most, negative_slope=0, threshold=0)(entry, config)


def _leaky(entry: Entry, config: Settings) -> str:
    """Convert a LeakyReLU whose slope is that of the function; others are a layer of their own."""
    return _fixed("leaky_relu", negative_slope=LEAKY_SLOPE)(
        entry, {"negative_slope": _slope(config)}
    )


def is_function(entry: Entry) -> bool:
    """Whether another layer can name this layer's function as its activation."""
    return entry.kind in ACTIVATIONS and (
        entry.kind != "LeakyReLU" or _slope(entry.config) == LEAKY_SLOPE
    )


ACTIVATIONS: dict[str, Callable[[Entry, Settings], str]] = {
    "Activation": lambda entry, config: activation(entry, config.get("activation")),
    "ReLU": _relu,
    "LeakyReLU": _leaky,
    "ELU": _fixed("elu", alpha=1),
    "Softmax": _fixed("softmax", axis=-1),
}
