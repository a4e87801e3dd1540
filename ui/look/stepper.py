"""One value of a layer, step by step: what is multiplied and summed, the bias, the activation."""

from collections.abc import Mapping
from functools import partial
from math import isclose

import numpy as np
import streamlit as st

from mnist_core.insight import steps
from mnist_core.layers import Shape
from mnist_core.spec import Network
from mnist_core.summary import Row
from ui.charts import maps as charts
from ui.charts import style
from ui.look import formulas, places

MOST = 10
"""Terms of a sum that are drawn one by one, the largest ones; the others are drawn as one."""


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
    box, channel = _origin(row, step, inputs, place)
    if output.ndim == 3 or channel is not None:
        _pair(row, inputs, output, place, box, channel or 0, source)
    match step:
        case steps.ConvolutionStep():
            _convolution(row, step, channel or 0)
        case steps.PoolStep():
            title = "window"
            table = charts.Cells(title, step.values, mark=step.winner)
            _cells(row, [table], "The window of the input with its numbers")
        case steps.DenseStep():
            _dense(row, step)
        case steps.SoftmaxStep():
            _softmax(row, step)
    st.latex(formulas.line(step))
    _agree(row, step.value, float(output[place]))
    with st.expander("The formula, with these numbers", icon=":material/function:"):
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
            places.box(row.name, "unit", "Unit", len(output), 150)
            return (unit,)
        chosen = places.number(row.name, "map", np.moveaxis(output, -1, 0))
        places.box(row.name, "map", "Map", output.shape[-1])
        return (*places.position(row.name, output[..., chosen]), chosen)


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


def _pair(
    row: Row,
    inputs: np.ndarray,
    output: np.ndarray,
    place: Shape,
    box: charts.Box | None,
    channel: int,
    source: str,
) -> None:
    """One channel of the input with what is used of it framed; beside it the map, to click on."""
    theme = st.context.theme.type
    left, right = st.columns(2)
    with left:
        title = f"Map {channel} of {source}" if source != "the image" else "The image"
        st.markdown(f"**{title}**, framed: what this value is made of")
        st.plotly_chart(
            charts.large(inputs[..., channel], theme, box),
            key=f"look_{row.name}_input",
            alt=f"{title} with a frame round what the value is made of",
            config=style.CONFIG,
        )
    if output.ndim == 1:
        return
    key = f"look_{row.name}_large"
    width = output.shape[1]
    with right:
        st.markdown(f"**Map {place[2]} of {row.name}**: click on a value to take it apart")
        st.plotly_chart(
            charts.large(output[..., place[2]], theme, (place[0], place[1], 1, 1)),
            key=key,
            on_select=partial(places.take, key, partial(_take_position, row.name, width)),
            selection_mode="points",
            alt=f"Map {place[2]} of {row.name}, the chosen value framed",
            config=style.CONFIG,
        )


def _take_position(name: str, width: int, point: int) -> None:
    row, column = divmod(point, width)
    places.put(name, row=row, column=column)


def _convolution(row: Row, step: steps.ConvolutionStep, channel: int) -> None:
    """Window, kernel and products of a channel; the sums of the strongest channels."""
    outside = ~step.window.inside
    tables = [
        charts.Cells("window", step.window.values[..., channel], outside),
        charts.Cells("× kernel", step.kernel[..., channel]),
        charts.Cells("= products", step.products[..., channel]),
    ]
    _cells(row, tables, "The window of the input, the kernel and their products")
    if outside.any():
        st.caption(f"\\* {outside.sum()} zeros that `same` padding puts round the input.")
    if len(step.channel_sums) == 1:
        return
    st.markdown(
        f"The products of channel {channel} add up to {step.channel_sums[channel]:.4f}. The kernel "
        f"has a slice for each of the {len(step.channel_sums)} input channels, and all of their "
        "sums are added:"
    )
    places.box(row.name, "channel", "Input channel", len(step.channel_sums), 180)
    order, names, values = _strongest(step.channel_sums, "channel")
    key = f"look_{row.name}_channels"
    st.plotly_chart(
        charts.contributions(
            names,
            values,
            st.context.theme.type,
            "sum of the products",
            order.index(channel) if channel in order else -1,
        ),
        key=key,
        on_select=partial(places.take, key, partial(_take_channel, row.name, order)),
        selection_mode="points",
        alt="Sums of the strongest channels: " + _said(names, values),
        config=style.CONFIG,
    )


def _take_channel(name: str, order: list[int], point: int) -> None:
    if point < len(order):  # the last bar stands for all others
        places.put(name, channel=order[point])


def _strongest(terms: np.ndarray, word: str) -> tuple[list[int], list[str], np.ndarray]:
    """The largest terms of a sum: their numbers; then names and values, all others as one."""
    order = np.argsort(-np.abs(terms), kind="stable")[:MOST]
    names, values = [f"{word} {number}" for number in order], terms[order]
    if len(terms) > MOST:
        names.append(f"{len(terms) - MOST:,} others")
        values = np.append(values, terms.sum() - values.sum())
    return order.tolist(), names, values


def _said(names: list[str], values: np.ndarray) -> str:
    return ", ".join(f"{name} {value:+.3f}" for name, value in zip(names, values, strict=True))


def _dense(row: Row, step: steps.DenseStep) -> None:
    """Input times weight, the largest ten."""
    _, names, values = _strongest(step.contributions, "input")
    st.markdown("What each input adds, its value times its weight, the largest first:")
    st.plotly_chart(
        charts.contributions(names, values, st.context.theme.type, "input × weight"),
        key=f"look_{row.name}_terms",
        alt="The largest terms of the sum: " + _said(names, values),
        config=style.CONFIG,
    )


def _softmax(row: Row, step: steps.SoftmaxStep) -> None:
    """Ten logits, ten probabilities; what the chosen digit's logit is made of."""
    left, right = st.columns(2)
    chosen = int(step.probabilities.argmax())
    with left:
        st.markdown("**Logits**: any number, more is more likely")
        st.plotly_chart(
            charts.logits(step.logits, chosen, st.context.theme.type),
            key="look_logits",
            alt="Logits of 0 to 9: " + ", ".join(f"{logit:.1f}" for logit in step.logits),
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
    _dense(row, step.dense)


def _cells(row: Row, tables: list[charts.Cells], alt: str) -> None:
    size = len(tables[0].values)
    st.plotly_chart(
        charts.cells(tables, st.context.theme.type, min(290, 40 + 60 * size)),
        key=f"look_{row.name}_cells",
        alt=alt,
        config=style.CONFIG,
    )


def _agree(row: Row, here: float, there: float) -> None:
    """Both values, so that nobody has to believe us."""
    same = isclose(here, there, rel_tol=1e-4, abs_tol=1e-5)
    verdict = "the same" if same else "not the same beyond the rounding of float32"
    st.caption(f"Summed up here: {here:.5f}. TensorFlow put out {there:.5f}: {verdict}.")
