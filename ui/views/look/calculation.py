"""The calculation of one value of a layer: products, sum, bias and activation, step by step."""

from collections.abc import Callable, Mapping
from functools import partial
from math import isclose

import numpy as np
import streamlit as st

from mnist_core.insight import steps
from mnist_core.network.layers import IMAGE_SHAPE, Shape
from mnist_core.network.spec import Network
from mnist_core.network.summary import Row
from mnist_core.utils.text import probability
from ui.charts import digits
from ui.charts import feature_maps as charts
from ui.session import state
from ui.views.look import selected_value, tile_grids
from ui.widgets import chart, formulas, touch

AROUND = "look_maps"
"""Key of the fragment around the calculation, which frames the map chosen here."""
MOST = 10
"""The largest terms of a sum that get a bar each; all others share one bar."""
LARGEST_WINDOW = 7
"""The largest side of a window whose numbers can be read; a global pooling has larger ones."""
SMALL = 3
"""Largest side of tables of which three fit next to one another on a phone."""
ROUNDED = "Rounded for display, so the last digit may differ."


@st.fragment  # a step does not redraw the layers and their maps
def show(
    network: Network,
    row: Row,
    weights: Mapping[str, np.ndarray],
    inputs: np.ndarray,
    output: np.ndarray,
    source: str,
    shortcut: np.ndarray | None = None,
) -> None:
    """Draw the choice of a value of the layer, and its calculation.

    inputs, output: of the layer, without the batch axis; source: the name of the input; shortcut:
    the second input of an addition.
    """
    st.header("One value, step by step")
    place = _choose(row, output)
    step = steps.step_at(network, row, weights, inputs, place, shortcut)
    maps = steps.flattened(network, row)
    box, channel = _origin(row, step, inputs, place)
    if output.ndim == 3 or channel is not None:
        tile_grids.pair(row.name, inputs, output, place, box, channel or 0, source)
    match step:
        case steps.ConvolutionStep():
            _convolution(row, step, (channel or 0) if step.channel is None else 0)
        case steps.PoolStep():
            if len(step.values) <= LARGEST_WINDOW:
                table = charts.Cells("window", step.values, mark=step.winner)
                _cells(row, [table], "The window of the input with its numbers")
        case steps.DenseStep():
            _dense(row, step, place, maps)
        case steps.SoftmaxStep():
            _softmax(row, step, place, maps)
    st.latex(formulas.line(step, place))
    _agree(step, float(output[place]))
    with st.expander("The formula", icon=":material/function:"):
        formulas.explain(row, step, place, inputs.shape)


def _choose(row: Row, output: np.ndarray) -> Shape:
    """Draw the widgets for an index of the output; return the index."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if row.name == "output":
            digit = selected_value.number(row.name, "digit", output)
            selected_value.number_box("Digit", row.name, "digit", 10)
            return (digit,)
        if output.ndim == 1:
            unit = selected_value.number(row.name, "unit", output)
            selected_value.number_box("Unit", row.name, "unit", len(output), on_change=_framed)
            return (unit,)
        chosen = selected_value.number(row.name, "map", np.moveaxis(output, -1, 0))
        selected_value.number_box("Map", row.name, "map", output.shape[-1], on_change=_framed)
        return (*selected_value.position(row.name, output[..., chosen]), chosen)


def _framed() -> None:
    """Redraw the whole tab, whose maps frame the value chosen here."""
    st.rerun(AROUND)


def _origin(
    row: Row, step: steps.Step, inputs: np.ndarray, place: Shape
) -> tuple[charts.Box | None, int | None]:
    """Return the part of the input that a value depends on, and the channel to show."""
    match step:
        case steps.ConvolutionStep(window=window, channel=channel):
            if channel is None:
                channel = selected_value.number(row.name, "channel", step.channel_sums)
            return (window.top, window.left, *window.inside.shape), channel
        case steps.PoolStep(window=window):
            return (window.top, window.left, *window.inside.shape), place[-1]
        case steps.FromStep(place=None):
            return None, place[2]
        case steps.FromStep(place=source) if source and len(source) == 3:
            return (*source[:2], 1, 1), source[2]
        case steps.DenseStep() if len(place) == 3:
            return (*place[:2], 1, 1), int(np.abs(step.contributions).argmax())
        case steps.NormalizationStep() | steps.SlopeStep() | steps.SumStep() if len(place) == 3:
            return (*place[:2], 1, 1), place[2]
    return (*place[:2], 1, 1) if len(place) == 3 else None, None


def _convolution(row: Row, step: steps.ConvolutionStep, channel: int) -> None:
    """Draw window, kernel and products of a channel, and the sums of the strongest channels."""
    outside = ~step.window.inside
    tables = [
        charts.Cells("window", step.window.values[..., channel], outside),
        charts.Cells("× kernel", step.kernel[..., channel]),
        charts.Cells("= products", step.products[..., channel]),
    ]
    if len(step.kernel) <= SMALL:
        _cells(row, tables, "The window of the input, the kernel and their products")
    else:  # on a phone one below the other, so that the numbers stay readable
        for table, column in zip(tables, st.columns(3), strict=True):
            with column:
                _cells(row, [table], f"{table.title} of channel {channel}")
    if outside.any():
        st.caption(f"\\* {outside.sum()} zeros that `same` padding puts around the input.")
    if len(step.channel_sums) == 1:
        return
    st.markdown(
        f"The products of channel {channel} add up to "
        f"{charts.signed(f'{step.channel_sums[channel]:z.4f}')}. The kernel has a slice per input "
        f"channel, and all {len(step.channel_sums)} sums are added:"
    )
    selected_value.number_box(
        "Input channel", row.name, "channel", len(step.channel_sums), width=180
    )
    order, names, values = _strongest(step.channel_sums, "channel {}".format)
    theme, chosen = st.context.theme.type, order.index(channel) if channel in order else -1
    chart.show(
        charts.contributions(names, values, theme, "sum of the products", chosen),
        "Sums of the strongest channels: " + _said(names, values),
        state.key("look", row.name, "channels"),
        partial(_take_channel, row.name, order),
    )


def _take_channel(name: str, order: list[int], point: state.Point) -> None:
    if point["point_index"] < len(order):  # the last bar is the sum of all other channels
        selected_value.select(name, channel=order[point["point_index"]])


def _strongest(
    terms: np.ndarray, name: Callable[[int], str]
) -> tuple[list[int], list[str], np.ndarray]:
    """Return the indices of the largest terms of a sum, and the names and values of all bars.

    The last bar is the sum of all other terms.
    """
    order = np.argsort(-np.abs(terms), kind="stable")[:MOST]
    names, values = [name(number) for number in order], terms[order]
    if len(terms) > MOST:
        names.append(f"{len(terms) - MOST:,} others")
        values = np.append(values, terms.sum() - values.sum())
    return order.tolist(), names, values


def _said(names: list[str], values: np.ndarray) -> str:
    return charts.signed(
        ", ".join(f"{name} {value:+.3f}" for name, value in zip(names, values, strict=True))
    )


def _dense(row: Row, step: steps.DenseStep, place: Shape, maps: Shape | None) -> None:
    """Draw the ten largest products of input and weight. maps: the input's shape before Flatten."""
    word = "map" if len(place) == 3 else "unit"
    _, names, values = _strongest(
        step.contributions, lambda number: _source(number, maps) if maps else f"{word} {number}"
    )
    named = " Names are places before flattening." if maps else ""
    st.markdown(f"What each input adds (value times weight), largest first.{named}")
    chart.show(
        charts.contributions(names, values, st.context.theme.type, "input × weight"),
        "The largest terms of the sum: " + _said(names, values),
        state.key("look", row.name, "terms"),
    )


def _source(number: int, maps: Shape) -> str:
    """Return the position of a flattened value as text. maps: (h, w, c)."""
    row, column, channel = np.unravel_index(number, maps)
    if maps == IMAGE_SHAPE:
        return f"pixel ({row}, {column})"
    return f"row {row}, col {column}, map {channel}"


def _softmax(row: Row, step: steps.SoftmaxStep, place: Shape, maps: Shape | None) -> None:
    """Draw the ten logits and probabilities, and the terms of the chosen digit's logit."""
    left, right = st.columns(2)
    chosen = int(step.probabilities.argmax())
    with left:
        st.markdown("**Logits**: higher is more likely")
        chart.show(
            charts.logits(step.logits, chosen),
            "Logits of 0 to 9: "
            + charts.signed(", ".join(f"{logit:z.2f}" for logit in step.logits)),
            "look_logits",
        )
    with right:
        st.markdown("**Probabilities**: the same after softmax; together 100 %")
        chart.show(
            digits.probabilities(step.probabilities, chosen),
            "Probabilities of 0 to 9: "
            + ", ".join(probability(float(share)) for share in step.probabilities),
            "look_probabilities",
        )
    _dense(row, step.dense, place, maps)


def _cells(row: Row, tables: list[charts.Cells], alt: str) -> None:
    height = min(290, 40 + 60 * len(tables[0].values))
    if len(tables) > 1 and touch.on_phone():
        height = 160
    chart.show(
        charts.cells(tables, st.context.theme.type, height),
        alt,
        state.key("look", row.name, "cells", tables[0].title),
    )


def _agree(step: steps.Step, there: float) -> None:
    """Draw the value computed here beside the network's own, as a check."""
    same = isclose(step.value, there, rel_tol=1e-4, abs_tol=1e-5)
    verdict = "the same" if same else "different, by more than float32 rounds"
    both = f"Computed here: {step.value:z.5f}. TensorFlow put out {there:z.5f}: {verdict}."
    few = "" if isinstance(step, steps.FromStep) else f"{ROUNDED} "
    st.caption(few + charts.signed(both))
