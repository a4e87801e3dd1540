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
    "l2": r"Adds $\lambda \sum w^2$ to the loss, which keeps weights small; 0 is off.",
}
_STEPS = {"l2": (0.0001, "%.4f")}
"""Step and format of numbers whose step is not 0.05."""
SLOTS = 124, 124, 116  # pixels: how many, how large a window, which kind
"""Widths of the three columns of settings in a row of layers."""

SLOTS_ON_PHONE = 78, 78, 104

MORE = 42
"""Width of the button that shows the other settings."""

HEADINGS = "Filters, units", "Window", "Activation"


def add_layer(draft: drafts.Draft, name: str) -> None:
    """Add a layer: before the one that makes a vector if it needs an image, else last."""
    vector = [at for at, (_, layer) in enumerate(draft.layers) if layer.makes_vector]
    before = LAYERS[name].needs_image and not LAYERS[name].makes_vector and vector
    draft.add(KINDS[name].new, vector[0] if before else len(draft.layers))


def show_menu(draft: drafts.Draft, at: int, chosen: bool) -> None:
    """Draw the name of a layer as the menu that moves or removes it.

    at: its position, from 0; chosen: whether its name is in the main color.
    """
    number, layer = draft.layers[at]
    kind = type(layer).__name__
    ways = {"Move up": at > 0, "Move down": at < len(draft.layers) - 1, "Remove": True}
    own = key(number, "menu")
    name = f"**{at + 1} {kind}**"
    st.menu_button(
        f":primary[{name}]" if chosen else name,
        [way for way, possible in ways.items() if possible],
        icon=KINDS[kind].icon,
        type="tertiary",
        key=own,
        on_click=lambda: _rearrange(draft, at, state.require(own, str)),
    )


def _rearrange(draft: drafts.Draft, at: int, way: str) -> None:
    """Move or remove the layer at a position."""
    moved = draft.layers.pop(at)
    if way != "Remove":
        draft.layers.insert(at + (1 if way == "Move down" else -1), moved)


def edit_main(number: int, layer: AnyLayer, at: int) -> AnyLayer:
    """Draw the widgets of a layer's main settings in the current row; return the layer as edited.

    They are in three columns, so that those of all layers stand below each other. at: the position
    of the layer, from 0.
    """
    kind, given = KINDS[type(layer).__name__], dict[str, object]()
    phone = touch.on_phone()
    for slot, width in enumerate(SLOTS_ON_PHONE if phone else SLOTS):
        name = next((name for name in kind.edited if _slot(layer, name) == slot), None)
        if name:
            given[name] = _edit(number, layer, name, at, width)
        elif not phone:
            st.space(width)
    return _changed(layer, given)


def edit_more(number: int, layer: AnyLayer, at: int) -> AnyLayer:
    """Draw the widgets of the settings that are rarely changed; return the layer as edited."""
    names = KINDS[type(layer).__name__].more
    with st.container(horizontal=True, vertical_alignment="bottom"):
        return _changed(layer, {name: _edit(number, layer, name, at) for name in names})


def more_words(layer: AnyLayer) -> str:
    """Return the names of the settings of `edit_more`, empty without any."""
    return ", ".join(_LABELS.get(name, name) for name in KINDS[type(layer).__name__].more)


def _changed(layer: AnyLayer, given: dict[str, object]) -> AnyLayer:
    """Return a layer with other settings; strides of the window are None, as Keras writes it."""
    edited = layer.model_copy(update=given)
    if isinstance(edited, Pooling) and edited.strides == edited.pool_size:
        return edited.model_copy(update={"strides": None})
    return edited


def _slot(layer: AnyLayer, name: str) -> int:
    """Return the column of a setting: 0 for a count or rate, 1 for a window, 2 for a kind."""
    annotation = type(layer).model_fields[name].annotation
    if annotation is bool or get_origin(annotation) is Literal:
        return 2
    return int(name.endswith("_size"))


def _edit(number: int, layer: AnyLayer, name: str, at: int, width: int | None = None) -> object:
    """Draw the widget of one setting; return its value.

    width: in pixels, in a row whose columns have headings; None among the others, with its label.
    """
    seen, wide = ("collapsed", width) if width else ("visible", 160)
    value, annotation = getattr(layer, name), type(layer).model_fields[name].annotation
    own, label = key(number, name), _LABELS.get(name, name)
    if width:  # read aloud only
        label = f"{label} of layer {at + 1}"
    if annotation is bool:
        return st.toggle(label, value, key=own, help=None if width else _HELP.get(name))
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
    """Draw why a field of a layer refused a number just now, if one did."""
    number_field.show_refusal(*(key(number, name) for name in type(layer).model_fields))


def key(number: int, name: str) -> str:
    """Return the key of a widget of a layer. number: of the layer in its draft."""
    return state.key(f"l{number}", name)
