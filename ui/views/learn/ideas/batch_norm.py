"""The idea Batch normalization."""

import numpy as np
import streamlit as st

from mnist_core.teaching.concepts import regularize
from mnist_core.teaching.concepts.regularize import EPSILON, Batches, Statistics
from mnist_core.utils.text import percent, plural
from ui.charts.ideas import regularize as charts
from ui.views.learn.ideas.idea import FEATURE_MAPS, Idea, Where
from ui.views.learn.ideas.layout import controls_and_figure
from ui.views.learn.ideas.tex import aligned, term, tex
from ui.widgets import chart
from ui.widgets.controls import choice, select_slider, side_by_side, slider

TRAINING, PREDICTION = "This batch", "Moving averages"
SIZES = (2, 4, 8, 16, 32, 64, 128, 256)
NO_SPREAD = 1e-12  # a smaller variance is rounding: all values are equal


@st.fragment
def show() -> None:
    controls, figure = controls_and_figure()
    with controls:
        with side_by_side():
            mean = slider("Mean of x", -5.0, 5.0, 3.0, 0.1, key="idea_batch_norm_mean")
            scale = slider(
                "Standard deviation of x", 0.0, 5.0, 2.0, 0.1, key="idea_batch_norm_scale"
            )
        with side_by_side():
            gamma = slider(
                "Scale γ",
                -3.0,
                3.0,
                1.0,
                0.1,
                key="idea_batch_norm_gamma",
                help="Learned in training; starts at 1.",
            )
            beta = slider(
                "Shift β",
                -5.0,
                5.0,
                0.0,
                0.1,
                key="idea_batch_norm_beta",
                help="Learned in training; starts at 0.",
            )
        with side_by_side():
            size = select_slider("Batch size", SIZES, 32, key="idea_batch_norm_size")
            count = slider("Batches seen", 1, 1000, 100, key="idea_batch_norm_count")
        mode = choice(
            "Normalize with",
            [TRAINING, PREDICTION],
            "idea_batch_norm_mode",
            help="This batch: as in training. Moving averages: as at prediction.",
        )
    seen, true = regularize.batches(mean, scale, size, count), Statistics(mean, scale**2)
    x, used = seen.x[-1], seen.last if mode == TRAINING else seen.moving
    hats = regularize.normalize(x, used)
    y = gamma * hats + beta
    with figure:
        chart.show(
            charts.strips(x, hats, y),
            f"The {len(x)} values of a batch as points: raw, normalized, and after γ and β, each "
            "row with its mean and standard deviation",
        )
        chart.show(
            charts.moving(seen, true),
            f"Mean and variance of each of {count} batches, and their moving averages, which start "
            "at 0 and 1",
        )
    with controls:
        _by_hand(x[0], used, hats[0], gamma, beta, y[0])
    _batch(seen, y)
    _moving(seen, true)


def _batch(seen: Batches, y: np.ndarray) -> None:
    """Draw mean and standard deviation of the last batch, before and after. y: (n,), after."""
    x = seen.x[-1]
    st.markdown(
        f"Batch {len(seen.x)}, **{plural(len(x), 'value')}** of one channel: x has mean "
        f"{x.mean():.3f} and standard deviation {x.std():.3f}; y has mean {y.mean():.3f} and "
        f"standard deviation {y.std():.3f}."
    )
    if seen.last.variance < NO_SPREAD:
        st.info(
            f"All values of the batch are equal, so its variance is 0: only ε = {EPSILON:g} "
            "prevents a division by zero.",
            icon=":material/info:",
        )


def _by_hand(x: float, used: Statistics, hat: float, gamma: float, beta: float, y: float) -> None:
    """Draw the arithmetic of the first value of the batch."""
    st.markdown("By hand, the first value of the batch:")
    root = rf"\sqrt{{{used.variance:.3f} + 0.001}}"
    st.latex(
        aligned(
            rf"\hat x &= \frac{{{x:.3f} - {term(used.mean, 3)}}}{{{root}}} = {tex(hat, 3)}",
            rf"y &= {gamma:g} \cdot {term(hat, 3)} + {term(beta)} = {tex(y, 3)}",
        )
    )


def _moving(seen: Batches, true: Statistics) -> None:
    """Draw how the moving averages follow the batches, in words."""
    count, size = seen.x.shape
    forgotten = 1 - regularize.MOMENTUM**count
    st.markdown(
        f"After {count:,} {'batch' if count == 1 else 'batches'} the moving mean is "
        f"**{seen.moving.mean:.3f}** (all values: {true.mean:.3f}) and the moving variance "
        f"**{seen.moving.variance:.3f}** (all values: {true.variance:.3f}). On average both have "
        f"gone $1 - 0.99^{{{count}}}$ = {percent(forgotten, 1)} of the way from 0 and 1."
    )
    noise = true.variance**0.5 / size**0.5
    st.markdown(
        rf"The mean of one batch of {size} strays by $\sigma / \sqrt m$ = {noise:.3f} around the "
        "mean of all values. So in training an image's result depends a little on its batch."
    )


IDEA = Idea(
    name="batch-norm",
    title="Batch normalization",
    says="A layer learns more easily when its inputs keep to one scale. **Batch normalization** "
    "gives each channel mean 0 and variance 1 over the batch, then lets training choose a "
    "new scale γ and shift β. A single image to predict has no batch, so the layer keeps "
    "moving averages from training.",
    formulas=(
        r"\begin{aligned} \mu_B &= \frac{1}{m} \sum_{i=1}^{m} x_i \\ "
        r"\sigma_B^2 &= \frac{1}{m} \sum_{i=1}^{m} (x_i - \mu_B)^2 \end{aligned}",
        r"\begin{aligned} \hat x_i &= \frac{x_i - \mu_B}{\sqrt{\sigma_B^2 + \varepsilon}} \\ "
        r"y_i &= \gamma\,\hat x_i + \beta \end{aligned}",
        r"\begin{aligned} \mu &\leftarrow 0.99\,\mu + 0.01\,\mu_B \\ "
        r"\sigma^2 &\leftarrow 0.99\,\sigma^2 + 0.01\,\sigma_B^2 \end{aligned}",
        r"\text{at prediction: } y = \gamma\,\frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta",
        r"(x_i + b) - (\mu_B + b) = x_i - \mu_B",
    ),
    symbols="$x_i$: the $m$ values of one channel in a batch (after a convolution all pixels of "
    r"all its images, so $m$ is batch size × height × width); $\mu_B$, $\sigma_B^2$: "
    r"their mean and variance (divided by $m$, not $m - 1$); $\gamma$, $\beta$: trained; "
    r"$\mu$, $\sigma^2$: moving averages, which begin at 0 and 1 and are not trained: **4 "
    r"parameters per channel, 2 of them trained**. Keras: momentum 0.99, $\varepsilon = "
    r"0.001$; PyTorch calls the other share its momentum, 0.1, and takes $\varepsilon = "
    "10^{-5}$. The last line says why the layer before needs no bias $b$: the mean takes "
    r"it away again, and $\beta$ does its work. So this app leaves it out where a "
    "convolution has batch normalization.",
    to_try="Move the mean and the standard deviation of x: in training y hardly changes. Then "
    "normalize with the moving averages after few batches: why is y so far off, and how "
    "many batches fix it? With batches of 2, what values can x̂ have at all?",
    where=(
        Where("build", "Build a network that has it", {"network": "C8bn M C16bn M F D64"}),
        Where("look", "Follow the arithmetic in your own trained network", FEATURE_MAPS),
    ),
    show=show,
)
