"""The parts of the idea Backpropagation about a convolution and about pooling."""

from typing import cast

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.teaching.concepts import backpropagation_cnn as theory
from mnist_core.teaching.concepts.backpropagation import NUDGE
from mnist_core.teaching.concepts.convolution import EXAMPLE, SlidingProduct, slide
from mnist_core.teaching.concepts.pooling import NOTES, Kind, Pooled, pool
from mnist_core.teaching.concepts.tables import checked
from mnist_core.utils.errors import MnistError
from ui.charts.ideas import backpropagation as charts
from ui.charts.ideas.layers import written
from ui.session import state
from ui.views.learn.ideas import tables
from ui.views.learn.ideas.layout import controls_and_figure
from ui.views.learn.ideas.tex import ROUNDED, aligned, exact, products, tex
from ui.widgets import chart, messages, touch
from ui.widgets.controls import choice, side_by_side, slider

KEY = "idea_backpropagation"
KERNEL, CONVOLUTION_ERROR = f"{KEY}_kernel", f"{KEY}_convolution_error"
INPUTS, POOLING_ERROR = f"{KEY}_inputs", f"{KEY}_pooling_error"
OF_KERNEL, OF_INPUT = "The kernel K", "The input I"
SIZE = 2
"""Side of the windows of the pooling, and its stride."""
FIRST_INPUTS = np.nan_to_num(NOTES, nan=1)


def show_convolution(bar: DeltaGenerator) -> None:
    """Draw kernel and error on the left, the sliding tables on the right, and a check below.

    bar: the row of the buttons above.
    """
    of = _choice(bar, "Gradient of", [OF_KERNEL, OF_INPUT], f"{KEY}_of")
    controls, figure = controls_and_figure()
    try:
        with controls:
            place = _place((3, 3) if of == OF_KERNEL else EXAMPLE.shape, of[-1])
            with st.container(horizontal=True):
                error = _table("**Error E**", CONVOLUTION_ERROR, theory.CONVOLUTION_ERROR)
                kernel = _table("**Kernel K**", KERNEL, theory.KERNEL)
            st.caption(
                "The **error** $E$ is the gradient sent back by the next layer: how fast the loss "
                "rises with each output."
            )
            tables.restart_button("Reset", f"{KEY}_reset", KERNEL, CONVOLUTION_ERROR)
    except MnistError as problem:
        messages.show_error(problem)
        return
    if of == OF_KERNEL:
        slid, titles = theory.kernel_gradient(EXAMPLE, error), ("input I", "error E", "∂L/∂K")
    else:
        slid, titles = theory.image_gradient(error, kernel), ("E, padded", "K, turned", "∂L/∂I")
    with figure:
        chart.show(
            charts.convolution(slid, titles, place, st.context.theme.type, _height()),
            f"{titles[1]} slides over {titles[0]}; row {place[0]}, column {place[1]} of the "
            f"gradient {titles[2]} is {written(slid.output[place])}",
        )
        st.latex(_products(slid, place, of[-1]))
        if not exact(slid, place):
            st.caption(ROUNDED)
    _measured_convolution(of, kernel, error, place, slid.output[place])


def _measured_convolution(
    of: str, kernel: np.ndarray, error: np.ndarray, place: tuple[int, int], found: float
) -> None:
    """Draw what the gradient of one number means, and what a nudge measures."""
    if of == OF_KERNEL:
        measured = theory.measured_slope(
            lambda moved: slide(EXAMPLE, moved).output, kernel, error, place
        )
        says = (
            "All nine places of the output use this weight. So its gradient is a sum of nine "
            "products: the pixel under the weight, times the error of that place. That is the "
            "**correlation** of input and error."
        )
    else:
        measured = theory.measured_slope(
            lambda moved: slide(moved, kernel).output, EXAMPLE, error, place
        )
        says = (
            "As the window moves right and down, the weight on this pixel moves left and up. So "
            "the kernel slides over the error **turned by 180°**, with zeros around the error. "
            "That is a true convolution, called *full*, with the flip that Keras leaves out of "
            "the forward pass."
        )
    _say(says, measured, found, "weight" if of == OF_KERNEL else "pixel")


def show_pooling(bar: DeltaGenerator) -> None:
    """Draw input and error on the left, where the error goes on the right, and a check below.

    bar: the row of the buttons above.
    """
    kind = cast(Kind, _choice(bar, "Pooling", ["Max", "Average"], f"{KEY}_pooling").lower())
    controls, figure = controls_and_figure()
    try:
        with controls:
            place = _place(FIRST_INPUTS.shape, "x")
            with st.container(horizontal=True):
                inputs = _table("**Input x**", INPUTS, FIRST_INPUTS)
                error = _table("**Error E**", POOLING_ERROR, theory.POOLING_ERROR)
            tables.restart_button("Reset", f"{KEY}_reset", INPUTS, POOLING_ERROR)
    except MnistError as problem:
        messages.show_error(problem)
        return
    pooled = pool(inputs, kind, SIZE, SIZE)
    gradient = theory.pooling_gradient(pooled, error)
    with figure:
        chart.show(
            charts.pooling(pooled, error, gradient, place, st.context.theme.type, _height()),
            f"Each error of the output goes back into its window; row {place[0]}, column "
            f"{place[1]} of the input gets {written(gradient[place])}",
        )
    measured = theory.measured_slope(
        lambda moved: pool(moved, kind, SIZE, SIZE).values, inputs, error, place
    )
    _say(_receives(pooled, error, place), measured, gradient[place], "value")
    if not np.isclose(measured, gradient[place], atol=1e-6):
        st.caption(
            "The two largest values of this window are equal, or so close that the nudge changes "
            "the winner: the measurement is off. The error goes to the larger one. If they are "
            "exactly equal, there is no slope, and TensorFlow takes the first."
        )


def _receives(pooled: Pooled, error: np.ndarray, place: tuple[int, int]) -> str:
    """Return in words what part of its window's error one value of the input gets."""
    row, column = (side // SIZE for side in place)
    sent = written(error[row, column])
    if pooled.winners is None:
        share = written(error[row, column] / SIZE**2)
        return f"The {SIZE**2} values of a window share its error: {sent} / {SIZE**2} = {share}."
    value, top = written(pooled.inputs[place]), written(pooled.values[row, column])
    if tuple(pooled.winners[row, column]) == place:
        return f"{value} is the **winner** of its window and gets the whole error, {sent}."
    if pooled.inputs[place] == pooled.values[row, column]:
        return f"{value} ties with the winner, which comes first and gets the whole error."
    return (
        f"{value} is not the winner ({top} is), so it gets **nothing**: a small change in it "
        "leaves the output as it is."
    )


def _choice(bar: DeltaGenerator, label: str, options: list[str], key: str) -> str:
    """Draw buttons of which one is chosen in a row that is there already; return the choice."""
    with bar:
        return choice(label, options, key)


def _say(says: str, measured: float, found: float, one: str) -> None:
    st.markdown(says)
    st.markdown(
        f"**Check it without calculus:** move this {one} up and down by {NUDGE:g} and measure the "
        "loss. A simple stand-in serves here: the sum of each output times its error. The "
        f"measured slope is **{measured:z.4f}**; backpropagation says **{found:z.4f}**."
    )


def _table(label: str, key: str, first: np.ndarray) -> np.ndarray:
    """Draw a small table to edit, under its label. Raises TableError."""
    rows, columns = ([str(at) for at in range(side)] for side in first.shape)
    name = f"the table “{label.strip('*')}”"
    with st.container(width="content", gap="xsmall"):
        st.markdown(label)
        return checked(
            tables.editor(key, first, f"The numbers of {name}", rows, columns, width=42), name
        )


def _place(shape: tuple[int, ...], name: str) -> tuple[int, int]:
    """Draw the choice of one number of the gradient; return its row and column."""
    with side_by_side():
        row, column = (
            slider(f"{axis} of ∂L/∂{name}", 0, side - 1, 1, key=state.key(KEY, axis.lower(), name))
            for axis, side in zip(("Row", "Column"), shape, strict=True)
        )
    return row, column


def _products(slid: SlidingProduct, place: tuple[int, int], name: str) -> str:
    """Return the products of one number of the gradient and their sum in LaTeX."""
    of = rf"\frac{{\partial L}}{{\partial {name}({place[0]},{place[1]})}}"
    first, *rest = products(slid.window(*place), slid.laid)
    equal = "=" if exact(slid, place) else r"\approx"
    total = f"{equal} {{}} & {tex(slid.output[place], 2)}"
    return aligned(f"{of} = {{}} & {first}", *(f"& + {line}" for line in rest), total)


def _height() -> int:
    return 170 if touch.on_phone() else 210
