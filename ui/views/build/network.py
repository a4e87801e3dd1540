"""The network on the page Build: editors of its layers, its errors, and its summary."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.network import repair
from mnist_core.network.layers import AnyLayer
from mnist_core.network.notation import write_layer
from mnist_core.network.summary import Row, Summary, summarize_valid
from mnist_core.network.value import SpecError
from mnist_core.storage import quota
from mnist_core.utils.text import format_shape
from ui.charts import network
from ui.charts.layers import KINDS
from ui.session import drafts, state, teacher_link
from ui.widgets import chart, layer_editor, messages, scroll, touch

_ADD, _CHOSEN, _TURN = "build_add", "build_chosen", "build_turn"
NAME, ADD = 184, 176  # pixels
AFTER, AFTER_ON_PHONE = (104, 76), (88, 60)  # pixels: the shape and the parameters of a layer
MORE_HEIGHT = 100  # pixels: the line with a layer's other settings


@dataclass
class Places:
    """Placeholders for a layer's shape, parameters and error, filled once these are known."""

    shape: DeltaGenerator
    parameters: DeltaGenerator
    error: DeltaGenerator


def show_layers(draft: drafts.Draft) -> SpecError | None:
    """Draw a row per layer; return the network's error, None if it is valid.

    The error appears below the layer that causes it. Rows are read-only where a teacher's link
    hides the editors.
    """
    hidden = teacher_link.is_hidden("build.layers")
    if not hidden:
        _headings(draft)
    draw = _fixed_row if hidden else _row
    places = [draw(draft, at) for at in range(len(draft.layers))]
    layers = [layer for _, layer in draft.layers]
    rows = summarize_valid(layers)
    for at, place in enumerate(places):  # the shapes are known only now
        place.shape.caption(_output(rows, at))
        place.parameters.caption(f"{sum(row.parameters for row in rows if row.layer == at):,}")
    st.caption(":material/output: Output layer, always added: Dense, 10 units, softmax.")
    problem = repair.problem(tuple(layers), quota.network_limits())
    if problem:
        at = len(places) - 1 if problem.layer is None else min(problem.layer, len(places) - 1)
        with places[at].error if places else st.container():
            show_problem(draft, problem)
    return problem


def _add_box(draft: drafts.Draft) -> None:
    """Draw the box that adds a layer: a select box, since keyboards cannot reach a menu's items."""

    def add() -> None:
        if (kind := state.get(_ADD)) in KINDS:  # a browser may send anything
            layer_editor.add_layer(draft, str(kind))
        state.put(_ADD, None)

    st.selectbox(
        "Add a layer",
        list(KINDS),
        None,
        key=_ADD,
        on_change=add,
        placeholder="Add a layer",
        label_visibility="collapsed",
        icon=":material/add:",
        width=ADD,
    )


def _headings(draft: drafts.Draft) -> None:
    """Draw the column headings and the box that adds a layer; on a phone, the box alone."""
    if touch.on_phone():
        _add_box(draft)
        return
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        with st.container(width=NAME):
            _add_box(draft)
        for words, width in zip(layer_editor.HEADINGS, layer_editor.SLOTS, strict=True):
            st.caption(words, width=width)
        st.caption("Output", width=AFTER[0])
        st.caption("Parameters", width=AFTER[1])


def _row(draft: drafts.Draft, at: int) -> Places:
    """Draw a layer with its settings; return placeholders for its shape, parameters and error.

    On a phone, the settings have a separate line.
    """
    number, layer = draft.layers[at]
    chosen = state.get(_CHOSEN) == number
    phone = touch.on_phone()
    row = st.container(horizontal=True, vertical_alignment="center", gap="xsmall", wrap=not phone)
    with row.container(width="stretch" if phone else NAME):
        _name_button(at, number, layer, chosen)
    with st.container(horizontal=True, gap="xsmall") if phone else row:
        layer_editor.edit_main(draft, at)
        if chosen and (turn := state.get(_TURN, 0)):
            scroll.here(turn, MORE_HEIGHT)
    after = _after(row)
    if chosen:
        layer_editor.edit_more(draft, at)
    layer_editor.show_refusal(number, layer)
    return Places(*after, st.container())


def _name_button(at: int, number: int, layer: AnyLayer, chosen: bool) -> None:
    """Draw a layer's name as a button that opens and closes the line with its other settings."""
    kind = type(layer).__name__
    name = f"{KINDS[kind].icon} **{at + 1} {kind}**"
    st.button(
        f":primary[{name}]" if chosen else name,
        icon=f":material/expand_{'less' if chosen else 'more'}:",
        icon_position="right",
        key=layer_editor.key(number, "more"),
        help="Edit, move or remove",
        type="tertiary",
        on_click=state.put,
        args=(_CHOSEN, None if chosen else number),
    )


def _after(row: DeltaGenerator) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return a row's placeholders for the shape and the parameters of its layer."""
    shape, count = AFTER_ON_PHONE if touch.on_phone() else AFTER
    return row.container(width=shape), row.container(width=count)


def _fixed_row(draft: drafts.Draft, at: int) -> Places:
    """Draw a layer without widgets; return placeholders for its shape, parameters and error."""
    layer = draft.layers[at][1]
    row = st.container(horizontal=True, vertical_alignment="center", gap="xsmall")
    with row:
        name = type(layer).__name__
        st.markdown(f"{KINDS[name].icon} **{at + 1} {name}** `{write_layer(layer)}`", width=300)
    return Places(*_after(row), st.container())


def _output(rows: tuple[Row, ...], at: int) -> str:
    """Return the output shape of the layer at an index as text, or that it has none yet."""
    shapes = [row.output_shape for row in rows if row.layer == at]
    return format_shape(shapes[-1]) if shapes else "no shape yet"


def show_problem(draft: drafts.Draft, error: SpecError) -> None:
    """Draw an error of the network, and a button for each fix with the effect of the fix."""
    messages.show_error(error)
    layers = tuple(layer for _, layer in draft.layers)
    for index, way in enumerate(repair.repairs(layers, quota.network_limits())):
        with st.container(
            horizontal=True, vertical_alignment="center", gap="small", wrap=touch.on_phone()
        ):
            st.button(
                way.words,
                icon=":material/build:",
                key=state.key("build_repair", index),
                type="primary" if index == 0 else "secondary",
                on_click=draft.replace_layers,
                args=(way.layers,),
            )
            st.caption(repair.effect(layers, way.layers))


def show_diagram(draft: drafts.Draft, rows: tuple[Row, ...]) -> None:
    """Draw the network across the page, scaled by layer shapes; a click opens a layer."""

    def choose(point: state.Point) -> None:
        at = state.whole_number(point)
        if at is not None and 0 <= at < len(draft.layers):  # neither image nor output
            state.put(_CHOSEN, draft.layers[at][0])
            state.increment(_TURN)

    chart.show(
        network.diagram(rows, wide=not touch.on_phone()),
        "Network diagram: "
        + ", ".join(
            f"{row.name} {format_shape(row.output_shape)}{' frozen' * row.frozen}" for row in rows
        ),
        "build_diagram",
        None if teacher_link.is_hidden("build.layers") else choose,
    )


def show_summary(summary: Summary) -> None:
    """Draw the totals, and the table that shows how parameters are counted."""
    with st.container(horizontal=True):
        st.metric("Trainable parameters", f"{summary.trainable:,}")
        st.metric("Non-trainable", f"{summary.non_trainable:,}")
        st.metric("Memory", f"{summary.bytes / 1024:,.2f} KB", help="4 bytes per parameter.")
        st.metric(
            "Multiply-adds per image",
            f"{summary.multiply_adds:,}",
            help="Multiplications of a weight by a value, each followed by an addition.",
        )
    touch.room_above_table()
    st.dataframe(
        pd.DataFrame([_line(row) for row in summary.rows]),
        hide_index=True,
        column_config={
            "Multiply-adds": st.column_config.NumberColumn(format="localized", width=110),
            "Parameters, and how they are counted": st.column_config.TextColumn(width="large"),
        },
        alt="Every layer with its output shape, its parameters and how they are counted",
    )


def _line(row: Row) -> dict[str, str | int]:
    field = f"{row.receptive_field} × {row.receptive_field}"
    return {
        "Layer": ", ".join(filter(None, [row.name, row.activation, "frozen" * row.frozen])),
        "Output shape": format_shape(row.output_shape),
        "Parameters, and how they are counted": row.arithmetic,
        "Multiply-adds": row.multiply_adds,
        "Receptive field": field,
    }
