"""Converts the settings of a layer of Keras 2 or 3 to the settings of an app's layer."""

from collections.abc import Callable
from math import isclose

from mnist_core.importing.chain import Entry, check_origin
from mnist_core.network.activations import NAMES, Activation
from mnist_core.network.layers import LAYERS
from mnist_core.utils.text import short_repr, without_markup

Settings = dict[str, object]


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
                    "train the "
                    f"network with activation='{name}'"
                )
        return name

    return convert


def _relu(entry: Entry, config: Settings) -> str:
    """Convert a ReLU layer: with max_value=6 it is relu6."""
    name = "relu6" if config.get("max_value") == 6 else "relu"
    most = 6 if name == "relu6" else None
    return _fixed(name, max_value=most, negative_slope=0, threshold=0)(entry, config)


def _leaky(entry: Entry, config: Settings) -> str:
    """Convert a LeakyReLU layer: Keras 2 calls the slope alpha, and its default there is 0.3."""
    slope = config.get("negative_slope", config.get("alpha", 0.3))
    return _fixed("leaky_relu", negative_slope=0.2)(entry, {"negative_slope": slope})


ACTIVATIONS: dict[str, Callable[[Entry, Settings], str]] = {
    "Activation": lambda entry, config: activation(entry, config.get("activation")),
    "ReLU": _relu,
    "LeakyReLU": _leaky,
    "ELU": _fixed("elu", alpha=1),
    "Softmax": _fixed("softmax", axis=-1),
}
