"""The idea Softmax: from logits to probabilities, temperature, and numerical stability."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st
from scipy.special import softmax

from mnist_core.teaching.concepts import softmax as theory
from mnist_core.teaching.concepts.softmax import SoftmaxResult
from mnist_core.utils.text import probability
from ui.charts.feature_maps import signed
from ui.charts.ideas import outputs as charts
from ui.session import address, state
from ui.views.learn.ideas.idea import FEATURE_MAPS, Idea, Where
from ui.views.learn.ideas.layout import controls_and_figure
from ui.views.learn.ideas.tex import tex
from ui.widgets import chart
from ui.widgets.controls import number, select_slider, side_by_side, slider

MOST = 10
BOX = 98  # pixels: three boxes fit into a row
NOTES = (2.0, 1.0, 0.1)
EXAMPLES = {
    "Course notes": NOTES,
    "Notes' exercise": (110.0, -35.1, 0.2, 1.1, 10.0),
    "Two classes": (1.0, 0.0),
    "Beyond float64": (710.0, 0.0),
}
TEMPERATURES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
WAYS = (
    ("As the formula says, in float32", np.float32, False),
    ("As the formula says, in float64", np.float64, False),
    ("Largest subtracted, in float32", np.float32, True),
)
_COUNT, _T, _SHIFT = "idea_softmax_count", "idea_softmax_temperature", "idea_softmax_shift"


def take(logits: Sequence[float]) -> None:
    """Put an example into the boxes, and reset the added constant and the temperature."""
    for key, value in ((_COUNT, len(logits)), (_T, 1.0), (_SHIFT, 0)):
        state.put(key, value)
    for at, logit in enumerate(logits):
        state.put(_key(at), logit)


def _key(at: int) -> str:
    return state.key("idea_softmax", f"z{at + 1}")


@st.fragment
def show() -> None:
    if not state.has(_COUNT):
        take(NOTES)
    controls, figure = controls_and_figure()
    with controls:
        with side_by_side(gap="xsmall"):
            for words, logits in EXAMPLES.items():
                key = state.key("idea_softmax_take", words)
                st.button(words, key=key, on_click=take, args=(logits,))
        logits = _logits()
        temperature = select_slider(
            "Temperature $T$",
            TEMPERATURES,
            format_func="{:g}".format,
            key=_T,
            help="Divides all logits by T. Below 1, the largest probability grows; above 1, the "
            "probabilities become more equal. A network trains and predicts with 1.",
        )
        shift = slider(
            "Add the same number to all logits",
            *(0, 1000),
            key=_SHIFT,
            help="Only differences between logits count, so this changes nothing, unless the "
            "numbers become too large for the computer: see the three ways below.",
        )
    scaled = (logits + shift) / temperature
    probabilities = softmax(scaled)
    with figure:
        _picture(logits, temperature, probabilities)
    st.latex(arithmetic(scaled, probabilities))
    _ways(scaled)


def _logits() -> np.ndarray:
    """Draw the boxes of 2 to 10 logits; return them: (n,) float64."""
    with side_by_side():
        count = number("Classes", 2, MOST, key=_COUNT, width=BOX)
        for at in range(count):
            state.setdefault(_key(at), 0.0)
        given = [
            number(
                f"Logit $z_{{{at + 1}}}$",
                *(-1000.0, 1000.0, None, 0.1),
                format="%.6g",
                key=_key(at),
                width=BOX,
            )
            for at in range(count)
        ]
    if None in given:
        st.info("An empty logit counts as 0.", icon=":material/info:")
    return np.array([value or 0.0 for value in given])


def _picture(logits: np.ndarray, temperature: float, probabilities: np.ndarray) -> None:
    """Draw the probabilities, and the curve of one class."""
    largest = int(probabilities.argmax())
    shares = ", ".join(probability(float(value)) for value in probabilities)
    chart.show(charts.shares(probabilities, largest), f"Softmax gives the classes {shares}")
    st.caption(f"The probabilities sum to 1. Class {largest + 1} has the largest logit.")
    rest = theory.combined_logit(logits, largest, temperature)
    curve = theory.of_one_logit(logits, largest, temperature)
    z, p = float(logits[largest]), float(probabilities[largest])
    chart.show(
        charts.one_logit(curve, largest + 1, z, p, rest),
        f"Probability of class {largest + 1} over its logit: a sigmoid, now at {p:.3f}",
    )
    who = "the other logit"
    if len(logits) > 2:
        who = r"all others together, $r = T \ln \sum_j e^{z_j / T}$"
    st.caption(
        rf"The probability of class {largest + 1} as only its logit changes: "
        rf"$\sigma((z - r) / T)$, the sigmoid, with $r$ = {signed(f'{rest:.4g}')}: {who}."
    )


def arithmetic(scaled: np.ndarray, probabilities: np.ndarray) -> str:
    """Return the calculation of the largest probability in LaTeX. scaled: (n,), z / T.

    With large exponents, the largest is subtracted first, so that the numbers stay readable.
    """
    at = int(probabilities.argmax())
    subtracted = float(scaled.max()) if np.abs(scaled).max() > 20 else 0.0
    exponents = [f"e^{{{tex(value)}}}" for value in scaled - subtracted]
    raised = np.exp(scaled - subtracted)
    result = rf"\frac{{{raised[at]:.4g}}}{{{raised.sum():.5g}}} = {probabilities[at]:.4f}"
    if len(exponents) <= 3:
        total = " + ".join(exponents)
        return rf"p_{{{at + 1}}} = \frac{{{exponents[at]}}}{{{total}}} = {result}"
    # longer sums take two lines, or a phone cuts them off
    total = " + ".join([*exponents[:2], r"\dots", exponents[-1]])
    return (
        rf"\begin{{gathered}} p_{{{at + 1}}} = \frac{{{exponents[at]}}}{{{total}}} \\ = {result} "
        r"\end{gathered}"
    )


def _ways(scaled: np.ndarray) -> None:
    """Draw the same softmax computed in three ways, as a computer rounds it."""
    st.markdown("**How a computer works it out**")
    for column, (title, dtype, stable) in zip(st.columns(3, gap="medium"), WAYS, strict=True):
        way = theory.compute_softmax(scaled, dtype, stable)
        with column.container(border=True):
            st.markdown(title)
            if way.failed:
                st.markdown(f":material/error: **{way.failed}**")
            else:
                st.markdown(":material/check_circle: **Right**")
            st.table(_table(way, stable), border="horizontal", hide_index=True, alt=title)
    limit32, limit64 = (theory.largest_exponent(dtype) for dtype in (np.float32, np.float64))
    st.caption(
        f"exp(x) is finite up to x = {limit32:.2f} in float32 and {limit64:.2f} in float64. With "
        "the largest subtracted, no exponent is above 0, so nothing can overflow. Keras computes "
        "it that way. Here z is each logit plus the added number, divided by T."
    )


def _table(way: SoftmaxResult, stable: bool) -> pd.DataFrame:
    """Return a row per class and one for the sum, with numbers as the computer prints them."""
    with np.errstate(all="ignore"):
        total = way.probabilities.sum()
    return pd.DataFrame(
        {
            "Class": [*map(str, range(1, len(way.exponentials) + 1)), "sum"],
            "exp(z − max)" if stable else "exp(z)": [
                f"`{value:.4g}`" for value in (*way.exponentials, way.total)
            ],
            "p": [f"`{value:.4g}`" for value in (*way.probabilities, total)],
        }
    )


IDEA = Idea(
    name="softmax",
    title="Softmax",
    says="The last layer gives each digit a score, its **logit**, which may be any number. "
    "**Softmax** turns the scores into probabilities: all positive, summing to 1, in the "
    "same order. Only differences count: a lead of 1 gives *e* ≈ 2.718 times the "
    "probability.",
    formulas=(
        r"p_i = \frac{e^{z_i / T}}{\sum_{j=1}^{n} e^{z_j / T}}",
        r"\frac{e^{z_i + c}}{\sum_j e^{z_j + c}} = \frac{e^c\, e^{z_i}}{e^c \sum_j e^{z_j}} = "
        r"\frac{e^{z_i}}{\sum_j e^{z_j}}",
        r"p_i = \frac{e^{z_i - z_{\max}}}{\sum_j e^{z_j - z_{\max}}}, \quad z_{\max} = \max_j z_j",
        r"n = 2:\; p_1 = \frac{1}{1 + e^{-(z_1 - z_2)/T}} = "
        r"\sigma\!\left(\tfrac{z_1 - z_2}{T}\right)",
    ),
    symbols="$z_i$: logit of class $i$; $p_i$: its probability; $n$: number of classes, 10 for "
    r"digits; $T > 0$: temperature, 1 in a network; $c$: any number; $z_{\max}$: the "
    r"largest logit; $\sigma$: the sigmoid. The second and third lines are for $T = 1$; "
    "otherwise, replace $z_i$ with $z_i / T$.",
    to_try="The notes' logits 2, 1 and 0.1 give 0.659, 0.242 and 0.099, rounded in the notes to "
    "0.7, 0.2 and 0.1. Their 110 overflows the plain formula in float32, whose limit is "
    "88.72. In float64 it does not overflow, but 710 does. Then add 1000 to all logits: the bars "
    "do not change.",
    where=(
        Where("look", "See the logits of a real image", FEATURE_MAPS),
        Where("draw", "Draw a digit and see its ten probabilities"),
        Where("results", "Are its probabilities right?", {address.RESULTS_TAB: "Calibration"}),
        Where("build", "Build a network that ends in softmax"),
    ),
    show=show,
)
