"""Widgets that edit the layers of a draft: one for each setting, with the limits of the spec."""

from typing import Literal, get_args, get_origin

import streamlit as st

from mnist_core.network.layers import LAYERS, AnyLayer, Pooling
from mnist_core.network.value import limits
from ui.charts.layers import KINDS
from ui.session import drafts, state
from ui.widgets import number_field, touch

_LABELS = {
    "batch_normalization": "batch normalization",
    "l2": "L2 penalty",
    "negative_slope": "slope",
    "shared": "one slope per map",
}
_HELP = {
    "batch_normalization": "Brings each map to mean 0 and variance 1 over the batch, before the "
    "activation.",
    "l2": r"Adds $\lambda \sum w^2$ to the loss, to keep weights small; 0 is off.",
}
_STEPS = {"l2": (0.0001, "%.4f")}
"""Step and format of numbers whose step is not 0.05."""
SLOTS = 124, 124, 116  # pixels: number, window, kind
"""Widths of the three columns of settings in the row of a layer."""

SLOTS_ON_PHONE = 78, 78, 104

HEADINGS = "Filters, units", "Window", "Activation"


def add_layer(draft: drafts.Draft, name: str) -> None:
    """Add a layer: before the first vector layer if it needs an image, else last."""
    vector = [at for at, (_, layer) in enumerate(draft.layers) if layer.makes_vector]
    before = LAYERS[name].needs_image and not LAYERS[name].makes_vector and vector
    draft.add(KINDS[name].new, vector[0] if before else len(draft.layers))


def edit_main(draft: drafts.Draft, at: int) -> None:
    """Draw the widgets of a layer's main settings in the current row, and edit the draft.

    The widgets are in three columns, which line up across layers. at: of the layer, from 0.
    """
    number, layer = draft.layers[at]
    kind, given = KINDS[type(layer).__name__], dict[str, object]()
    phone = touch.on_phone()
    for slot, width in enumerate(SLOTS_ON_PHONE if phone else SLOTS):
        name = next((name for name in kind.edited if _slot(layer, name) == slot), None)
        if name:
            given[name] = _edit(number, layer, name, at, width)
        elif not phone:
            st.space(width)
    draft.layers[at] = number, _changed(layer, given)


def edit_more(draft: drafts.Draft, at: int) -> None:
    """Draw the rarely changed settings of a layer, and the buttons that move or remove it.

    The draft is edited. at: position of the layer, from 0.
    """
    number, layer = draft.layers[at]
    last = len(draft.layers) - 1
    with st.container(horizontal=True, vertical_alignment="bottom"):
        edited = {name: _edit(number, layer, name, at) for name in KINDS[type(layer).__name__].more}
        draft.layers[at] = number, _changed(layer, edited)
        for words, icon, to in (
            ("Up", "arrow_upward", at - 1),
            ("Down", "arrow_downward", at + 1),
            ("Remove", "delete", None),
        ):
            st.button(
                words,
                icon=f":material/{icon}:",
                key=key(number, words),
                type="tertiary",
                disabled=to is not None and not 0 <= to <= last,
                on_click=_rearrange,
                args=(draft, at, to),
            )


def _rearrange(draft: drafts.Draft, at: int, to: int | None) -> None:
    """Move a layer to another position; remove it if there is none."""
    moved = draft.layers.pop(at)
    if to is not None:
        draft.layers.insert(to, moved)


def _changed(layer: AnyLayer, given: dict[str, object]) -> AnyLayer:
    """Return a layer with new settings; strides equal to the window become None, as in Keras."""
    edited = layer.model_copy(update=given)
    if isinstance(edited, Pooling) and edited.strides == edited.pool_size:
        return edited.model_copy(update={"strides": None})
    return edited


def _slot(layer: AnyLayer, name: str) -> int:
    """Return the column of a setting: 0 for a number or rate, 1 for a window, 2 for a kind."""
    annotation = type(layer).model_fields[name].annotation
    if annotation is bool or get_origin(annotation) is Literal:
        return 2
    return int(name.endswith("_size"))


def _edit(number: int, layer: AnyLayer, name: str, at: int, width: int | None = None) -> object:
    """Draw the widget of one setting; return its value.

    width: in pixels, in the row of the layer; None below the row.
    """
    value, annotation = getattr(layer, name), type(layer).model_fields[name].annotation
    own, label = key(number, name), _LABELS.get(name, name)
    if annotation is bool:
        return st.toggle(label, value, key=own, help=None if width else _HELP.get(name))
    seen, wide = "visible", width or 140
    if width and not touch.on_phone():  # the column has a heading; the label is for screen readers
        label, seen = f"{label} of layer {at + 1}", "collapsed"
    if get_origin(annotation) is Literal:
        options = list(get_args(annotation))
        return st.selectbox(
            label, options, options.index(value), key=own, width=wide, label_visibility=seen
        )
    if annotation is float:
        step, form = _STEPS.get(name, (0.05, "%.2f"))
        least, most = map(float, limits(type(layer), name, step))
        look = {"step": step, "format": form, "help": _HELP.get(name)}
        most = max(most, value)
    else:
        least, most = map(int, limits(type(layer), name))
        look = {"step": 1, "placeholder": "as pool_size"}
    look |= {"width": wide, "label_visibility": seen}
    return number_field.number_field(label, least, most, value, own, **look)


def show_refusal(number: int, layer: AnyLayer) -> None:
    """Draw why a field of a layer has just refused a number, if one has."""
    number_field.show_refusal(*(key(number, name) for name in type(layer).model_fields))


def key(number: int, name: str) -> str:
    """Return the key of a widget of a layer. number: of the layer in its draft."""
    return state.key(f"l{number}", name)
