"""The network on the page Build: editors of its layers, its errors, and its summary."""

import pandas as pd
import streamlit as st

from mnist_core.network import repair
from mnist_core.network.layers import IMAGE_SHAPE, AnyLayer, Shape
from mnist_core.network.notation import write_layer
from mnist_core.network.summary import Row, Summary
from mnist_core.network.value import SpecError
from mnist_core.storage import quota
from mnist_core.utils.text import format_shape
from ui.charts import network
from ui.charts.layers import KINDS
from ui.session import drafts, state, teacher_link
from ui.widgets import chart, layer_editor, messages

_ADD = "build_add"


def show_layers(draft: drafts.Draft) -> None:
    """Draw the layers from input to output, read-only where a teacher's link hides the editors."""
    st.caption(":material/image: The image, 28 × 28 × 1")
    if teacher_link.is_hidden("build.layers"):
        layers = [layer for _, layer in draft.layers]
        for at, (layer, output) in enumerate(zip(layers, _outputs(layers), strict=True)):
            st.markdown(f"{_name(at, layer, output)} `{write_layer(layer)}`")
    else:
        _edit_layers(draft)
    st.caption(":material/output: The output layer: Dense, 10 units, softmax; always there")


def _edit_layers(draft: drafts.Draft) -> None:
    """Draw a card with an editor for each layer, and store the edited layers in the draft."""
    heads = []
    for at, (number, layer) in enumerate(draft.layers):
        with st.container(border=True, gap="small"):
            heads.append(st.container(horizontal=True, vertical_alignment="center", gap="small"))
            with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
                draft.layers[at] = (number, layer_editor.edit_layer(number, layer))
    layers = [layer for _, layer in draft.layers]
    for at, (head, output) in enumerate(zip(heads, _outputs(layers), strict=True)):
        with head:  # the shapes are known only now
            _head(draft, at, layers[at], output)
    with st.container(horizontal=True, gap="small"):
        st.menu_button(
            "Add a layer",
            list(KINDS),
            icon=":material/add:",
            key=_ADD,
            on_click=lambda: layer_editor.add_layer(draft, state.require(_ADD, str)),
        )


def _head(draft: drafts.Draft, at: int, layer: AnyLayer, output: Shape | None) -> None:
    number, last = draft.layers[at][0], len(draft.layers) - 1
    st.markdown(_name(at, layer, output), width="stretch")
    for icon, words, by in (("arrow_upward", "earlier", -1), ("arrow_downward", "later", 1)):
        st.button(
            f":material/{icon}:",
            key=layer_editor.key(number, words),
            help=f"Move {words}",
            type="tertiary",
            disabled=not 0 <= at + by <= last,
            on_click=layer_editor.move_layer,
            args=(draft, at, by),
        )
    st.button(
        ":material/delete:",
        key=layer_editor.key(number, "remove"),
        help="Remove this layer",
        type="tertiary",
        on_click=layer_editor.remove_layer,
        args=(draft, at),
    )


def _name(at: int, layer: AnyLayer, output: Shape | None) -> str:
    """Return a layer's heading: icon, position, kind and output shape. at: its index, from 0."""
    name = type(layer).__name__
    becomes = "cannot work" if output is None else format_shape(output)
    return f"{KINDS[name].icon} **{at + 1} {name}** → {becomes}"


def _outputs(layers: list[AnyLayer]) -> list[Shape | None]:
    """Return the output shape of each layer, None from the first invalid layer on."""
    inputs: Shape | None = IMAGE_SHAPE
    outputs: list[Shape | None] = []
    for layer in layers:
        try:
            inputs = inputs and layer.output_shape(inputs)
        except SpecError:
            inputs = None
        outputs.append(inputs)
    return outputs


def show_problem(draft: drafts.Draft, error: SpecError) -> None:
    """Draw an error of the network: its place and reason, and a button for each fix."""
    messages.show_error(error)
    found = repair.repairs(tuple(layer for _, layer in draft.layers), quota.network_limits())
    for index, way in enumerate(found):
        st.button(
            way.words,
            icon=":material/build:",
            key=state.key("build_repair", index),
            type="primary" if index == 0 else "secondary",
            on_click=draft.replace_layers,
            args=(way.layers,),
        )


def show_summary(summary: Summary) -> None:
    """Draw the diagram, the totals, and the table that shows how parameters are counted."""
    chart.show(
        network.diagram(summary),
        "The network drawn to its shapes: "
        + ", ".join(f"{row.name} {format_shape(row.output_shape)}" for row in summary.rows),
        "build_diagram",
    )
    with st.container(horizontal=True):
        st.metric("Trainable parameters", f"{summary.trainable:,}")
        st.metric("Non-trainable", f"{summary.non_trainable:,}")
        st.metric("Memory", f"{summary.bytes / 1024:,.2f} KB", help="4 bytes a parameter.")
        st.metric(
            "Multiply-adds an image",
            f"{summary.multiply_adds:,}",
            help="How often a weight is multiplied with a value and added, to read one image.",
        )
    st.dataframe(
        pd.DataFrame([_line(row) for row in summary.rows]),
        hide_index=True,
        column_config={"Multiply-adds": st.column_config.NumberColumn(format="localized")},
        alt="Every layer with its output shape, its parameters and how they are counted",
    )


def _line(row: Row) -> dict[str, str | int]:
    field = f"{row.receptive_field} × {row.receptive_field}"
    return {
        "Layer": f"{row.name}, {row.activation}" if row.activation else row.name,
        "Output shape": format_shape(row.output_shape),
        "Parameters, and how they are counted": row.arithmetic,
        "Multiply-adds": row.multiply_adds,
        "Sees pixels": field,
    }
