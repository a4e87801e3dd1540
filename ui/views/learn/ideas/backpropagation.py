"""The idea Backpropagation: backward through a small network, a convolution and pooling."""

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.teaching.concepts import backpropagation as theory
from mnist_core.teaching.concepts.backpropagation import BIAS, FIRST, OUTPUT, Pass
from mnist_core.utils.errors import MnistError
from ui.charts.ideas import backpropagation as charts
from ui.session import address, state
from ui.views.learn.ideas import backpropagation_cnn, tables
from ui.views.learn.ideas.idea import Idea, Where
from ui.views.learn.ideas.layout import controls_and_figure
from ui.views.learn.ideas.tex import aligned, term, tex
from ui.widgets import chart, messages
from ui.widgets.controls import choice, pills, select_slider, side_by_side, slider

DENSE, CONVOLUTION, POOLING = "Dense units", "A convolution", "Pooling"
TABLE = "idea_backpropagation_table"
UNITS = ["h1", "h2", "p"]
ROWS = ["weight 1", "weight 2", "bias"]
FORWARD, BACKWARD = "Forward: values", "Backward: gradients"
RATES = (0.1, 0.5, 1.0, 2.0, 5.0)
NAMES = {
    (0, 0): "x1 → h1", (1, 0): "x2 → h1", (2, 0): "bias of h1",
    (0, 1): "x1 → h2", (1, 1): "x2 → h2", (2, 1): "bias of h2",
    (0, 2): "h1 → p", (1, 2): "h2 → p", (2, 2): "bias of p",
}  # fmt: skip
"""The parameters by row and column, as they are offered."""


@st.fragment
def show() -> None:
    """Draw the choice of the layer that the error goes back through, and its part."""
    bar = side_by_side()
    with bar:
        part = choice(
            "Backward through", [DENSE, CONVOLUTION, POOLING], "idea_backpropagation_part"
        )
    if part == DENSE:
        _network(bar)
    elif part == CONVOLUTION:
        backpropagation_cnn.show_convolution(bar)
    else:
        backpropagation_cnn.show_pooling(bar)


def _network(bar: DeltaGenerator) -> None:
    """Draw the numbers on the left, the network on the right, and one gradient below.

    bar: the row of the buttons above.
    """
    with bar:
        shown = choice("Pass", [FORWARD, BACKWARD], "idea_backpropagation_pass")
    controls, figure = controls_and_figure()
    with controls:
        x, label = _example()
        st.markdown("**Weights and biases**, one column per unit")
        parameters = tables.editor(
            TABLE, FIRST, "The weights and biases of three units", ROWS, UNITS, width=66
        )
        try:
            passed = theory.run(parameters, x, label)
        except MnistError as error:
            messages.show_error(error)
            return
        _steps(passed)
    with figure:
        place = st.container()
        name = pills("Parameter", [*NAMES.values()], "idea_backpropagation_one")
        chosen = next(at for at, words in NAMES.items() if words == name)
        with place:
            chart.show(
                charts.network(passed, shown == BACKWARD, chosen, st.context.theme.type),
                f"Two inputs, two hidden units and the output {passed.p:.3f}; loss "
                f"{passed.loss:.4f}",
            )
    _by_hand(passed, chosen)


def _example() -> tuple[np.ndarray, int]:
    """Draw the choice of the inputs and the label."""
    with side_by_side():
        x = [
            slider(f"x{at}", -2.0, 2.0, first, 0.1, key=state.key("idea_backpropagation", "x", at))
            for at, first in ((1, 1.0), (2, 0.5))
        ]
        label = choice("Label y", [0, 1], "idea_backpropagation_label")
    return np.array(x), label


def _steps(passed: Pass) -> None:
    """Draw the loss, and the buttons that take steps."""
    rate = select_slider(
        "Learning rate η", RATES, 0.5, "{:g}".format, key="idea_backpropagation_rate"
    )
    with st.container(horizontal=True):
        for times, words in ((1, "One step"), (10, "Ten steps")):
            st.button(
                words,
                icon=":material/south_east:",
                key=state.key("idea_backpropagation_step", times),
                on_click=_step,
                args=(passed, rate, times),
            )
        tables.restart_button("Reset", "idea_backpropagation_restart", TABLE)
    after = theory.run(theory.step(passed, rate), passed.x, passed.label).loss
    st.markdown(f"Loss **{passed.loss:.4f}**; after one step it would be **{after:.4f}**.")


def _step(passed: Pass, rate: float, times: int) -> None:
    tables.replace(TABLE, theory.step(passed, rate, times))


def _by_hand(passed: Pass, chosen: tuple[int, int]) -> None:
    """Draw the chain of derivatives of one parameter, and what a nudge measures."""
    measured = theory.measured_slope(passed, *chosen)
    st.latex(_chain(passed, *chosen))
    st.markdown(
        f"**Check it without calculus:** move this parameter up and down by {theory.NUDGE:g} and "
        f"measure the loss. The measured slope is **{measured:z.5f}**; backpropagation says "
        f"**{passed.gradient[chosen]:z.5f}**. One backward pass finds all nine slopes. Measuring "
        "takes two forward passes per parameter: 55,124 for note-5."
    )


def _chain(passed: Pass, row: int, column: int) -> str:
    """Return in LaTeX how the gradient of a parameter is a product of local derivatives."""
    out = passed.z_out_grad
    lines = [f"{_slope('z_p')} &= p - y = {tex(passed.p)} - {passed.label} = {tex(out)}"]
    unit, slope, inputs = "p", out, passed.h
    if column != OUTPUT:
        unit, slope, inputs = column + 1, passed.z_grad[column], passed.x
        weight, h, h_grad = (
            values[column] for values in (passed.weights_out, passed.h, passed.h_grad)
        )
        lines += [
            rf"{_slope(f'h_{unit}')} &= {_slope('z_p')} \cdot w = {term(out)} \cdot {term(weight)} "
            f"= {tex(h_grad)}",
            rf"{_slope(f'z_{unit}')} &= {_slope(f'h_{unit}')} \cdot h_{unit} (1 - h_{unit}) "
            rf"= {term(h_grad)} \cdot {tex(h)} \cdot {tex(1 - h)} = {tex(slope)}",
        ]
    if row == BIAS:
        lines.append(f"{_slope('b')} &= {_slope(f'z_{unit}')} = {tex(slope)}")
    else:
        name = f"{'h' if column == OUTPUT else 'x'}_{row + 1}"
        lines.append(
            rf"{_slope('w')} &= {_slope(f'z_{unit}')} \cdot {name} = {term(slope)} \cdot "
            f"{term(inputs[row])} = {tex(passed.gradient[row, column])}"
        )
    return aligned(*lines)


def _slope(of: str) -> str:
    return rf"\frac{{\partial L}}{{\partial {of}}}"


IDEA = Idea(
    name="backpropagation",
    title="Backpropagation",
    says="How does a network know which way to move each weight? It goes through the layers "
    "backward. Each unit, also called a **neuron**, multiplies what the next layer sends "
    "back by its own slope: the **chain rule**. One backward pass gives the gradient of "
    "every weight.",
    formulas=(
        r"z_j = \sum_i x_i\, w_{i,j} + b_j, \qquad h_j = \sigma(z_j) = \frac{1}{1 + e^{-z_j}}",
        r"L = -\,y \ln p - (1 - y) \ln(1 - p)",
        r"\frac{\partial L}{\partial w_{i,j}} = \frac{\partial L}{\partial h_j} \cdot "
        r"\underbrace{h_j (1 - h_j)}_{\sigma'(z_j)} \cdot x_i",
        r"w \leftarrow w - \eta\, \frac{\partial L}{\partial w}",
        r"\frac{\partial L}{\partial K(m,n)} = \sum_{i,j} I(i+m,\, j+n)\, E(i,j)",
        r"\frac{\partial L}{\partial I(i,j)} = \sum_{m,n} E(i-m,\, j-n)\, K(m,n)",
        r"\frac{\partial L}{\partial x} = \begin{cases} "
        r"E & \text{max pooling, if } x \text{ wins} \\ "
        r"0 & \text{max pooling, if it loses} \\ E / k^2 & \text{average pooling} \end{cases}",
    ),
    symbols=r"$x$: the inputs; $w$: a weight; $b$: a bias; $z$: the sum of a unit; $\sigma$: the "
    r"sigmoid, with the slope $\sigma' = \sigma (1 - \sigma)$; $h$: the output of a "
    "hidden unit; $p$: the output of the last unit; $y$: the label, 0 or 1; $L$: the "
    r"loss; $\eta$: the learning rate. At the output, sigmoid and cross-entropy together "
    r"give $\partial L / \partial z_p = p - y$; softmax with cross-entropy gives the same "
    "for each of ten classes. $I$, $K$, $S$: input, kernel and output of a convolution. "
    "$E$: the error, the gradient of the loss with respect to the layer's output "
    r"($\partial L / \partial S$ for a convolution), taken as 0 outside the table. In the "
    "pooling formula, $x$ is one input value, $E$ the error of its window (windows do "
    "not overlap), $k$ the side of the window. Source: Rumelhart, Hinton and Williams "
    "1986.",
    to_try="*Dense units:* work out the gradient of *x1 → h1* before you look. Set x1 to 0: "
    "which gradients vanish, and why? Set the bias of h1 to 10, so that h1 is nearly 1: "
    "why do the weights into h1 stop learning? *A convolution:* set all errors but one to "
    "0. What is the gradient of the kernel now? Why does the gradient of the input show "
    "the kernel *not* turned? *Pooling:* lower the winner until another value wins, and "
    "watch the error move.",
    where=(
        Where("learn", "Every gradient of a real network", {"idea": "training-step"}),
        Where("learn", "What an optimizer does with the gradient", {"idea": "descent"}),
        Where("learn", "Slopes of activations through many layers", {"idea": "activations"}),
        Where("learn", "The flip of the kernel, forward", {"idea": "convolution"}),
        Where("learn", "Pooling, forward", {"idea": "pooling"}),
        Where("look", "The gradient of the input: saliency", {address.LOOK_TAB: "Saliency"}),
        Where("train", "Watch 27,562 gradients at work"),
    ),
    show=show,
)
