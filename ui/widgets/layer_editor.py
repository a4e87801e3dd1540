"""Widgets that edit the layers of a draft."""

from typing import TypeVar, get_args

import streamlit as st
from streamlit.elements.lib.mutable_popover_container import PopoverContainer

from mnist_core.network.layers import (
    Activation,
    AnyLayer,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
    Padding,
)
from ui.session import drafts, state

NEW: dict[str, AnyLayer] = {
    "Conv2D": Conv2D(filters=16),
    "MaxPooling2D": MaxPooling2D(),
    "AveragePooling2D": AveragePooling2D(),
    "BatchNormalization": BatchNormalization(),
    "Dropout": Dropout(),
    "Flatten": Flatten(),
    "GlobalAveragePooling2D": GlobalAveragePooling2D(),
    "Dense": Dense(units=64),
}
"""The layers that "Add a layer" offers, each with its first settings."""

Choice = TypeVar("Choice")

_ACTIVATIONS: list[Activation] = list(get_args(Activation))
_PADDINGS: list[Padding] = list(get_args(Padding))
_NARROW, _WIDE = 80, 94  # pixels


def add_layer(draft: drafts.Draft, kind: str) -> None:
    """Add a layer: before Flatten if it needs an image as its input, else last."""
    kinds = [layer.kind for _, layer in draft.layers]
    vector = [i for i, k in enumerate(kinds) if k in ("flatten", "global_average_pooling2d")]
    of_images = kind in ("Conv2D", "MaxPooling2D", "AveragePooling2D")
    draft.add(NEW[kind], vector[0] if of_images and vector else len(draft.layers))


def move_layer(draft: drafts.Draft, at: int, by: int) -> None:
    """Swap a layer with the one before (by=-1) or after it (by=1)."""
    layers = draft.layers
    layers[at], layers[at + by] = layers[at + by], layers[at]


def remove_layer(draft: drafts.Draft, at: int) -> None:
    """Remove a layer. at: its position, from 0."""
    del draft.layers[at]


def edit_layer(number: int, layer: AnyLayer) -> AnyLayer:
    """Draw the widgets of a layer in the current container; return the layer as edited."""
    match layer:
        case Conv2D():
            return _edit_conv2d(number, layer)
        case MaxPooling2D() | AveragePooling2D():
            size = _whole(number, "pool_size", layer.pool_size, 1, 28)
            strides, padding = layer.strides, layer.padding
            with _more(number, "Strides and padding") as more:
                if more.open:
                    strides = st.number_input(
                        "strides",
                        min_value=1,
                        max_value=28,
                        value=layer.strides,
                        key=key(number, "strides"),
                        placeholder="as pool_size",
                    )
                    padding = _choice(number, "padding", _PADDINGS, layer.padding)
            own = None if strides == size else strides
            return type(layer)(pool_size=size, strides=own, padding=padding)
        case Dense():
            units = _whole(number, "units", layer.units, 1, 4096)
            activation = _choice(number, "activation", _ACTIVATIONS, layer.activation)
            with _more(number, "L2 penalty") as more:
                l2 = _penalty(number, layer.l2) if more.open else layer.l2
            return Dense(units=units, activation=activation, l2=l2)
        case Dropout():
            rate = st.number_input(
                "rate",
                0.0,
                max(0.95, layer.rate),
                layer.rate,
                0.05,
                key=key(number, "rate"),
                width=_WIDE,
            )
            return Dropout(rate=rate)
        case _:
            return layer


def _edit_conv2d(number: int, layer: Conv2D) -> Conv2D:
    filters = _whole(number, "filters", layer.filters, 1, 1024)
    kernel_size = _whole(number, "kernel_size", layer.kernel_size, 1, 7)
    activation = _choice(number, "activation", _ACTIVATIONS, layer.activation)
    more: dict[str, object] = {}
    with _more(number, "Padding, strides and more") as popover:
        if popover.open:
            more["padding"] = _choice(number, "padding", _PADDINGS, layer.padding)
            more["strides"] = _whole(number, "strides", layer.strides, 1, 7)
            more["batch_normalization"] = st.toggle(
                "batch normalization",
                layer.batch_normalization,
                key=key(number, "bn"),
                help="Brings each map to mean 0 and variance 1 over the batch, before the "
                "activation.",
            )
            more["l2"] = _penalty(number, layer.l2)
    main = {"filters": filters, "kernel_size": kernel_size, "activation": activation}
    return layer.model_copy(update=main | more)


def _more(number: int, words: str) -> PopoverContainer:
    """Draw a popover for settings that are rarely changed; its widgets exist while it is open."""
    return st.popover(":material/tune:", help=words, key=key(number, "more"), on_change="rerun")


def _whole(number: int, name: str, value: int, least: int, most: int) -> int:
    return st.number_input(name, least, most, value, key=key(number, name), width=_NARROW)


def _choice(number: int, name: str, options: list[Choice], value: Choice) -> Choice:
    at = options.index(value)
    return st.selectbox(name, options, at, key=key(number, name), width=_WIDE)


def _penalty(number: int, value: float) -> float:
    return st.number_input(
        "L2 penalty",
        0.0,
        1.0,
        value,
        0.0001,
        "%.4f",
        key=key(number, "l2"),
        help=r"Adds $\lambda \sum w^2$ to the loss, which keeps weights small; 0 is off.",
    )


def key(number: int, name: str) -> str:
    """Return the key of a widget of a layer. number: of the layer in its draft."""
    return state.key(f"l{number}", name)
