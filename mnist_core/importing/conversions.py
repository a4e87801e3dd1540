"""Converts the settings of a layer of Keras 2 or 3 to the settings of an app's layer."""

from collections.abc import Callable
from math import isclose
from typing import get_args

from mnist_core.importing.chain import Entry, check_origin
from mnist_core.network.layers import Activation
from mnist_core.utils.text import short_repr, without_markup

EPSILON = 0.001  # of batch normalization, as Keras has it

Settings = dict[str, object]


def _convolution(entry: Entry) -> Settings:
    _plain(entry, groups=1, dilation_rate=[1, 1], data_format="channels_last")
    return {
        "kind": "conv2d",
        "filters": entry.config.get("filters"),
        "kernel_size": _side(entry, "kernel_size"),
        "strides": _side(entry, "strides"),
        "padding": entry.config.get("padding"),
        **_common(entry),
    }


def _dense(entry: Entry) -> Settings:
    return {"kind": "dense", "units": entry.config.get("units"), **_common(entry)}


def _common(entry: Entry) -> Settings:
    """Return activation and L2 penalty; other penalties, which only training needs, are dropped."""
    penalty = entry.config.get("kernel_regularizer")
    settings = penalty.get("config") if isinstance(penalty, dict) else None
    l2 = settings.get("l2") if isinstance(settings, dict) else None
    return {
        "activation": activation(entry, entry.config.get("activation")),
        "l2": float(f"{l2:.6g}") if isinstance(l2, float) and 0 <= l2 <= 1 else 0.0,
    }


def _pooling(kind: str) -> Callable[[Entry], Settings]:
    def convert(entry: Entry) -> Settings:
        _plain(entry, data_format="channels_last")
        size, strides = _side(entry, "pool_size"), _side(entry, "strides")
        made = {"kind": kind, "pool_size": size, "padding": entry.config.get("padding")}
        return made if strides == size else made | {"strides": strides}

    return convert


def _average(entry: Entry) -> Settings:
    _plain(entry, data_format="channels_last", keepdims=False)
    return {"kind": "global_average_pooling2d"}


def _flatten(entry: Entry) -> Settings:
    _plain(entry, data_format="channels_last")
    return {"kind": "flatten"}


def _dropout(entry: Entry) -> Settings:
    return {"kind": "dropout", "rate": entry.config.get("rate")}


def _normalization(entry: Entry) -> Settings:
    epsilon = entry.config.get("epsilon", EPSILON)
    if not isinstance(epsilon, float) or not isclose(epsilon, EPSILON, rel_tol=1e-6):
        raise entry.refuse(
            f"its epsilon must be Keras's own, {EPSILON}; received {short_repr(epsilon)}: train "
            "the "
            "network without setting it"
        )
    return {"kind": "batch_normalization"}


LAYERS: dict[str, Callable[[Entry], Settings]] = {
    "Conv2D": _convolution,
    "MaxPooling2D": _pooling("max_pooling2d"),
    "AveragePooling2D": _pooling("average_pooling2d"),
    "GlobalAveragePooling2D": _average,
    "BatchNormalization": _normalization,
    "Dropout": _dropout,
    "Flatten": _flatten,
    "Dense": _dense,
}


def check_numbers(entry: Entry, settings: Settings) -> None:
    """Refuse "4", 4.0 and true for 4, which pydantic would accept but Keras never writes."""
    for name in ("filters", "units", "kernel_size", "pool_size", "strides"):
        if name in settings and type(settings[name]) is not int:
            raise entry.refuse(
                f"{name} must be a whole number; received {short_repr(settings[name])}: save the "
                "network anew with Keras"
            )


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


def _side(entry: Entry, name: str) -> object:
    """Return the side of a square window. Raises ImportModelError if its sides differ."""
    value = entry.config.get(name)
    if isinstance(value, list) and len(value) == 2 and value[0] == value[1]:
        return value[0]
    if isinstance(value, int):
        return value
    raise entry.refuse(
        f"{name} must be the same in both directions; received {short_repr(value)}: train the "
        "network "
        "with a square one"
    )


def _plain(entry: Entry, **needed: object) -> None:
    """Raise ImportModelError unless each setting has Keras's default or is left out."""
    for name, value in needed.items():
        received = entry.config.get(name, value)
        if received != value:
            raise entry.refuse(
                f"{name} must be {value}, Keras's default; received {short_repr(received)}: "
                "train the "
                "network with the default"
            )


def activation(entry: Entry, given: object) -> str:
    """Return the name of an activation, given as a function's name or as a layer's config."""
    if given is None:
        return "linear"
    if isinstance(given, dict) and given.get("class_name") in list(ACTIVATIONS):
        check_origin(given, f"{entry.words}, its activation {given['class_name']}")
        config = given.get("config")
        return ACTIVATIONS[given["class_name"]](entry, config if isinstance(config, dict) else {})
    if not isinstance(given, str) or given not in (*get_args(Activation), "softmax"):
        raise entry.refuse(
            f"its activation must be one of {', '.join(get_args(Activation))}; received "
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
                    "train the "
                    f"network with activation='{name}'"
                )
        return name

    return convert


def _leaky(entry: Entry, config: Settings) -> str:
    """Convert a LeakyReLU layer: Keras 2 calls the slope alpha, and its default there is 0.3."""
    slope = config.get("negative_slope", config.get("alpha", 0.3))
    return _fixed("leaky_relu", negative_slope=0.2)(entry, {"negative_slope": slope})


ACTIVATIONS: dict[str, Callable[[Entry, Settings], str]] = {
    "Activation": lambda entry, config: activation(entry, config.get("activation")),
    "ReLU": _fixed("relu", max_value=None, negative_slope=0, threshold=0),
    "LeakyReLU": _leaky,
    "ELU": _fixed("elu", alpha=1),
    "Softmax": _fixed("softmax", axis=-1),
}
