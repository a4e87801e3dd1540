"""The idea Dropout."""

import numpy as np
import streamlit as st

from mnist_core.teaching.concepts import regularize
from mnist_core.teaching.concepts.regularize import ACTIVATIONS, Dropped
from mnist_core.utils.text import percent, plural
from ui.charts.ideas import regularize as charts
from ui.session import address
from ui.views.learn.ideas.idea import Idea, Where
from ui.views.learn.ideas.layout import controls_and_figure
from ui.widgets import chart
from ui.widgets.controls import choice, draw_again, slider

TRAINING, PREDICTION = "In training", "At prediction"
UNITS = len(ACTIVATIONS)
STRONGEST = int(ACTIVATIONS.argmax())


@st.fragment
def show() -> None:
    controls, figure = controls_and_figure()
    with controls:
        mode = choice("Mode", [TRAINING, PREDICTION], "idea_dropout_mode")
        rate = slider("Rate r", 0.0, 0.9, 0.2, 0.05, key="idea_dropout_rate")
        unit = slider(
            "Unit with the frame",
            *(0, UNITS - 1, STRONGEST),
            key="idea_dropout_unit",
            help="Counted from 0, row by row, as Keras counts them.",
        )
        draws = slider("Draws n", 1, 1000, 50, key="idea_dropout_draws")
        again = draw_again("Draw again", "idea_dropout_again")
    drawn = regularize.drop(ACTIVATIONS, rate, draws, again)
    row = -1 if mode == PREDICTION else draws - 1
    with figure:
        chart.show(
            charts.units(drawn, row, unit, st.context.theme.type),
            f"{UNITS} units as 8 × 8 cells, before and after dropout with rate {rate:g}; a cross "
            "marks each dropped unit",
        )
        chart.show(
            charts.running(drawn, unit),
            f"Mean of unit {unit} over 1 to {draws} draws, beside its value without dropout",
        )
    _units(drawn, row, unit)
    _mean(drawn, unit)


def _units(drawn: Dropped, row: int, unit: int) -> None:
    """Draw what was dropped in words, and the arithmetic of the framed unit.

    row: of the draw, or -1 for a prediction.
    """
    x, rate = drawn.x, drawn.rate
    kept = drawn.kept[row]
    if row < 0:
        st.markdown(
            f"At prediction **nothing is dropped** and nothing is scaled: y = x. Unit {unit} stays "
            f"{x[unit]:.2f}, and the sum of all units stays {x.sum():.1f}."
        )
        return
    gone = int((~kept).sum())
    silent = int((~kept & (x == 0)).sum())
    st.markdown(
        f"Draw {row + 1}: **{gone} of {UNITS} dropped** ({percent(gone / UNITS, 1)}; expected: "
        f"r · {UNITS} = {rate * UNITS:.1f}), of which {silent} were 0 anyway. The sum of all units "
        f"is {x.sum():.1f} before dropout and {drawn.y[row].sum():.1f} after it."
    )
    came, factor = ("kept", 1) if kept[unit] else ("dropped", 0)
    st.latex(  # two lines, as KaTeX cuts off the top of a single fraction
        rf"\begin{{gathered}} d_{{{unit}}} = {factor} \text{{, unit {unit} is {came}}} \\ "
        rf"y_{{{unit}}} = \frac{{{factor} \cdot {x[unit]:.2f}}}{{1 - {rate:g}}} = "
        rf"{drawn.y[row, unit]:.2f} \end{{gathered}}"
    )


def _mean(drawn: Dropped, unit: int) -> None:
    """Draw the mean of one unit over many draws in words."""
    draws, spread = len(drawn.y), drawn.spread(unit)
    st.markdown(
        f"Over {plural(draws, 'draw')} unit {unit} has a mean of {drawn.y[:, unit].mean():.3f}; "
        rf"without dropout it is {drawn.x[unit]:.2f}. A single draw is off by about $\sigma = x "
        rf"\sqrt{{r / (1 - r)}}$ = {spread:.3f}, the mean of $n$ draws by about $\sigma / \sqrt n$ "
        f"= {spread / np.sqrt(draws):.3f}."
    )


IDEA = Idea(
    name="dropout",
    title="Dropout",
    says="In training, **dropout** silences each unit with probability $r$, drawn again for "
    "every image. So no unit can rely on another one. The remaining units are scaled up: "
    "the next layer receives the same sum on average. In prediction all units are active "
    "and nothing is scaled. Here dropout acts on the 64 hidden units of the trained network "
    "*note-5* as it reads the first test image, a 7.",
    formulas=(
        r"y_i = \frac{d_i\,x_i}{1 - r}",
        r"d_i = \begin{cases} 0 & \text{with probability } r \\ "
        r"1 & \text{with probability } 1 - r \end{cases}",
        r"\mathbb{E}[y_i] = x_i \qquad \operatorname{Var}[y_i] = \frac{r}{1 - r}\,x_i^2",
        r"\text{at prediction: } y_i = x_i",
    ),
    symbols="$x_i$: what unit $i$ puts in; $y_i$: what comes out; $d_i$: the draw of this unit, "
    "independent of all others; $r$: the rate of **dropped** units, `rate` in Keras. The "
    "paper of 2014 scales at prediction instead, by the probability of being kept, which "
    "it calls $p$. Keras scales in training (inverted dropout), so a prediction needs no "
    r"extra work. Each unit is in or out, so 64 units make $2^{64} \approx 1.8 \cdot "
    "10^{19}$ thinned networks. They share their weights, and the whole network acts "
    "like their average, roughly. Dropout has no parameters to train.",
    to_try="Draw again a few times and watch the sum. With 1,000 draws, the mean settles at x. "
    "Raise the rate to 0.9: the mean is still right, but how far do the draws stray?",
    where=(
        Where("build", "See dropout in a network", {"network": "C8 M C16 M F D64 Drop0.2"}),
        Where("compare", "Compare runs with and without", {address.COMPARE_TAB: "Curves"}),
    ),
    show=show,
)
