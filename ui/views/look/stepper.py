"""One value of a layer, step by step: what is multiplied and summed, the bias, the activation."""

from collections.abc import Callable, Mapping
from functools import partial
from math import isclose

import numpy as np
import streamlit as st

from mnist_core.insight import steps
from mnist_core.network.layers import Shape
from mnist_core.network.spec import IMAGE_SHAPE, Network
from mnist_core.network.summary import Row
from ui.charts import maps as charts
from ui.charts import style
from ui.session import state
from ui.views.look import places, walls
from ui.widgets import formulas, touch

AROUND = "look_maps"
"""The fragment round the stepper: a map chosen here is framed there."""
MOST = 10
"""Terms of a sum that are drawn one by one, the largest ones; the others are drawn as one."""
SMALL = 3
"""Three tables of up to so many cells a side fit beside one another, also on a phone."""
ROUNDED = "Shown with few decimals, computed with all of them, so the last digit may differ."


@st.fragment  # a step leaves the strip and the wall as they are
def show(
    network: Network,
    row: Row,
    weights: Mapping[str, np.ndarray],
    inputs: np.ndarray,
    output: np.ndarray,
    source: str,
) -> None:
    """Choose a value of the layer and see where it comes from. source: the name of its input."""
    st.subheader("One value, step by step")
    place = _choose(row, output)
    step = steps.step_at(network, row, weights, inputs, place)
    maps = steps.flattened(network, row)
    box, channel = _origin(row, step, inputs, place)
    if output.ndim == 3 or channel is not None:
        walls.pair(row.name, inputs, output, place, box, channel or 0, source)
    match step:
        case steps.ConvolutionStep():
            _convolution(row, step, channel or 0)
        case steps.PoolStep():
            table = charts.Cells("window", step.values, mark=step.winner)
            _cells(row, [table], "The window of the input with its numbers")
        case steps.DenseStep():
            _dense(row, step, place, maps)
        case steps.SoftmaxStep():
            _softmax(row, step, place, maps)
    st.latex(formulas.line(step, place))
    _agree(step, float(output[place]))
    with st.expander(formulas.title(row, step, inputs.shape), icon=":material/function:"):
        formulas.explain(row, step, place, inputs.shape)


def _choose(row: Row, output: np.ndarray) -> Shape:
    """Widgets for an index of the output."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if row.name == "output":
            digit = places.number(row.name, "digit", output)
            places.box(row.name, "digit", "Digit", 10)
            return (digit,)
        if output.ndim == 1:
            unit = places.number(row.name, "unit", output)
            places.box(row.name, "unit", "Unit", len(output), 150, _framed)
            return (unit,)
        chosen = places.number(row.name, "map", np.moveaxis(output, -1, 0))
        places.box(row.name, "map", "Map", output.shape[-1], on_change=_framed)
        return (*places.position(row.name, output[..., chosen]), chosen)


def _framed() -> None:
    """Draw all of the tab again: the wall frames what has been chosen in a box here."""
    st.rerun(AROUND)


def _origin(
    row: Row, step: steps.Step, inputs: np.ndarray, place: Shape
) -> tuple[charts.Box | None, int | None]:
    """The part of the input that a value comes from, and in which channel to show it."""
    match step:
        case steps.ConvolutionStep(window=window):
            sums = step.channel_sums
            return (window.top, window.left, *window.inside.shape), places.number(
                row.name, "channel", sums
            )
        case steps.PoolStep(window=window):
            return (window.top, window.left, *window.inside.shape), place[-1]
        case steps.MeanStep():
            return (0, 0, *inputs.shape[:2]), place[-1]
        case steps.FromStep(place=source) if len(source) == 3:
            return (*source[:2], 1, 1), source[2]
        case steps.DenseStep() if len(place) == 3:
            return (*place[:2], 1, 1), int(np.abs(step.contributions).argmax())
        case steps.NormalizationStep() if len(place) == 3:
            return (*place[:2], 1, 1), place[2]
    return (*place[:2], 1, 1) if len(place) == 3 else None, None


def _convolution(row: Row, step: steps.ConvolutionStep, channel: int) -> None:
    """Window, kernel and products of a channel; the sums of the strongest channels."""
    outside = ~step.window.inside
    tables = [
        charts.Cells("window", step.window.values[..., channel], outside),
        charts.Cells("× kernel", step.kernel[..., channel]),
        charts.Cells("= products", step.products[..., channel]),
    ]
    if len(step.kernel) <= SMALL:
        _cells(row, tables, "The window of the input, the kernel and their products")
    else:  # on a phone below one another, or nobody could read the numbers
        for table, column in zip(tables, st.columns(3), strict=True):
            with column:
                _cells(row, [table], f"{table.title} of channel {channel}")
    if outside.any():
        st.caption(f"\\* {outside.sum()} zeros that `same` padding puts round the input.")
    if len(step.channel_sums) == 1:
        return
    st.markdown(
        f"The products of channel {channel} add up to "
        f"{charts.signed(f'{step.channel_sums[channel]:z.4f}')}. The kernel has a slice for each "
        f"of the {len(step.channel_sums)} input channels, and all of their sums are added:"
    )
    places.box(row.name, "channel", "Input channel", len(step.channel_sums), 180)
    order, names, values = _strongest(step.channel_sums, "channel {}".format)
    key = state.key("look", row.name, "channels")
    st.plotly_chart(
        charts.contributions(
            names,
            values,
            st.context.theme.type,
            "sum of the products",
            order.index(channel) if channel in order else -1,
        ),
        key=key,
        on_select=touch.on_select(
            partial(places.take, key, partial(_take_channel, row.name, order))
        ),
        selection_mode="points",
        alt="Sums of the strongest channels: " + _said(names, values),
        config=style.CONFIG,
    )


def _take_channel(name: str, order: list[int], point: int) -> None:
    if point < len(order):  # the last bar stands for all others
        places.put(name, channel=order[point])


def _strongest(
    terms: np.ndarray, name: Callable[[int], str]
) -> tuple[list[int], list[str], np.ndarray]:
    """The largest terms of a sum: their numbers; then names and values, all others as one."""
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
    """Input times weight, the largest ten. maps: the shape of its input before a Flatten."""
    word = "map" if len(place) == 3 else "unit"
    _, names, values = _strongest(
        step.contributions, lambda number: _source(number, maps) if maps else f"{word} {number}"
    )
    named = " Each is named by its place before the maps were flattened." if maps else ""
    st.markdown(f"What each input adds, its value times its weight, the largest first.{named}")
    st.plotly_chart(
        charts.contributions(names, values, st.context.theme.type, "input × weight"),
        key=state.key("look", row.name, "terms"),
        alt="The largest terms of the sum: " + _said(names, values),
        config=style.CONFIG,
    )


def _source(number: int, maps: Shape) -> str:
    """Where a flattened value comes from. maps: (h, w, c)."""
    row, column, channel = np.unravel_index(number, maps)
    if maps == IMAGE_SHAPE:
        return f"pixel ({row}, {column})"
    return f"row {row}, col {column}, map {channel}"


def _softmax(row: Row, step: steps.SoftmaxStep, place: Shape, maps: Shape | None) -> None:
    """Ten logits, ten probabilities; what the chosen digit's logit is made of."""
    left, right = st.columns(2)
    chosen = int(step.probabilities.argmax())
    with left:
        st.markdown("**Logits**: any number, more is more likely")
        st.plotly_chart(
            charts.logits(step.logits, chosen, st.context.theme.type),
            key="look_logits",
            alt="Logits of 0 to 9: "
            + charts.signed(", ".join(f"{logit:z.2f}" for logit in step.logits)),
            config=style.CONFIG,
        )
    with right:
        st.markdown("**Probabilities**: the same after softmax; together 100 %")
        st.plotly_chart(
            style.probabilities(step.probabilities, chosen),
            key="look_probabilities",
            alt="Probabilities of 0 to 9: "
            + ", ".join(f"{share:.1%}" for share in step.probabilities),
            config=style.CONFIG,
        )
    _dense(row, step.dense, place, maps)


def _cells(row: Row, tables: list[charts.Cells], alt: str) -> None:
    height = min(290, 40 + 60 * len(tables[0].values))
    if len(tables) > 1 and touch.on_phone():
        height = 160
    st.plotly_chart(
        charts.cells(tables, st.context.theme.type, height),
        key=state.key("look", row.name, "cells", tables[0].title),
        alt=alt,
        config=style.CONFIG,
    )


def _agree(step: steps.Step, there: float) -> None:
    """Both values, so that nobody has to believe us."""
    same = isclose(step.value, there, rel_tol=1e-4, abs_tol=1e-5)
    verdict = "the same" if same else "not the same beyond the rounding of float32"
    both = f"Computed here: {step.value:z.5f}. TensorFlow put out {there:z.5f}: {verdict}."
    few = "" if isinstance(step, steps.FromStep) else f"{ROUNDED} "
    st.caption(few + charts.signed(both))
