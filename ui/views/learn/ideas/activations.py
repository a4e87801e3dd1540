"""The idea Activations: curves, slopes, and gradients through many layers."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from mnist_core.network.activations import NAMES, activation, derivative
from mnist_core.teaching.concepts.initialization import SATURATED
from ui.charts import style
from ui.charts.activations import WORDS
from ui.charts.ideas import activations as charts
from ui.charts.ideas.layers import written
from ui.views.learn.ideas.idea import FEATURE_MAPS, Idea, Where
from ui.views.learn.ideas.layout import controls_and_figure
from ui.views.learn.ideas.tex import aligned
from ui.widgets import chart
from ui.widgets.controls import slider, toggle

MOST = 3
VANISHED = 0.01
STEEPEST_SIGMOID = 0.25

GELU = (
    r"$\Phi(z) = \tfrac{1}{2}(1 + \mathrm{erf}(z / \sqrt{2}))$ is the share of the standard "
    r"normal distribution below $z$, $\varphi(z) = e^{-z^2/2} / \sqrt{2\pi}$ its density. This is "
    "the exact GELU, Keras's default; some libraries approximate it with tanh."
)


@st.fragment
def show() -> None:
    controls, figure = controls_and_figure()
    with controls:
        names = st.multiselect(
            "Activations, up to three",
            NAMES,
            default=["relu", "sigmoid"],
            max_selections=MOST,
            key="idea_activations_names",
            persist_state="session",
        )
        z = slider("z", -6.0, 6.0, 1.0, 0.1, key="idea_activations_z")
        if not names:
            st.info("Choose at least one activation above.", icon=":material/info:")
            return
        for name, (_, _, symbol) in zip(names, style.SERIES, strict=False):
            st.markdown(f"{style.SIGNS[symbol]} {_here(name, z)}")
    said = ", ".join(names)
    with figure:
        st.markdown("**What comes out**, with the tangent at z")
        chart.show(charts.values(names, z), f"Curves of {said} with their tangents at z = {z:.1f}")
        st.markdown("**How steep it is**: what training has to work with")
        chart.show(charts.slopes(names, z), f"Derivatives of {said}, marked at z = {z:.1f}")
    _deep(names, z)
    with st.expander("Formulas"):
        _formulas(names)


def _here(name: str, z: float) -> str:
    """Return value and slope at z as text, and what the slope means for training."""
    value, slope = float(activation(name, z)), float(derivative(name, z))
    if slope == 0:
        means = (
            "no gradient gets through. A unit for which this holds on every image is **dead**: "
            "its weights have nothing to learn from"
        )
    elif abs(slope) < SATURATED:
        dips = name in ("gelu", "silu")  # these are flat at their dip too
        flat = "nearly flat" if dips else "**saturated**"
        means = f"{flat}: hardly any gradient gets through"
    elif slope == 1:
        means = "the gradient gets through as it is"
    else:
        means = f"the gradient is multiplied by {written(slope)}"
    corner = ""
    if z == 0 and name in ("relu", "relu6", "leaky_relu", "selu"):
        corner = " At z = 0 it has a corner; this is the slope that TensorFlow takes there."
    return (
        f"**{name}** at z = {written(z)}: value {_number(value)}, slope {_number(slope)}: {means}."
        f"{corner}"
    )


def _deep(names: Sequence[str], z: float) -> None:
    """Draw the product of the slopes of many layers."""
    st.markdown("**Many layers deep**: backward, the gradient is multiplied by each slope in turn")
    controls, figure = controls_and_figure()
    with controls:
        depth = slider("Layers deep", 1, 20, 5, key="idea_activations_depth")
        residual = toggle(
            "A shortcut around each layer",
            key="idea_activations_residual",
            help="As in a residual block: y = x + f(x).",
        )
        slopes = {name: float(derivative(name, z)) + residual for name in names}
        st.markdown("\n".join(f"- {_left(*each, depth, residual)}" for each in slopes.items()))
    if any(slopes.values()):
        layers = np.arange(1.0, depth + 1)
        with figure:
            chart.show(
                charts.gradients(
                    {name: np.abs(slope**layers) for name, slope in slopes.items()}, depth
                ),
                f"What is left of the gradient after 1 to {depth} layers: {', '.join(names)}",
            )
    if residual:
        st.markdown(
            "The shortcut adds 1 to every slope, so the gradient reaches the first layer even "
            "where f is flat. In real blocks batch normalization keeps f small, so the product "
            "does not grow either."
        )
    st.caption(
        "This takes the same z in every layer and leaves out the weights. They multiply the "
        "gradient too, so good initial weights and batch normalization matter."
    )


def _left(name: str, slope: float, depth: int, residual: bool) -> str:
    """Return what is left of the gradient behind many layers with this slope, in Markdown."""
    words = "nothing is left after the first layer (no curve: a logarithmic axis has no 0)"
    if slope:
        words = f"{_number(slope)} to the power of {depth} = **{_number(slope**depth)}**"
    if name == "sigmoid" and not residual:
        most = STEEPEST_SIGMOID**depth
        words += f"; at best, with z = 0 everywhere, 0.25 to the power of {depth} = "
        words += _number(most) + (": the gradient **vanishes**" if most < VANISHED else "")
    return f"{name}: {words}."


def _formulas(names: Sequence[str]) -> None:
    for name in names:
        words = WORDS[name]
        st.markdown(f"**{name}**: {words.about}")
        st.latex(aligned(f"f(z) &= {words.formula}", f"f'(z) &= {words.slope}"))
        if name == "gelu":
            st.markdown(GELU)


def _number(value: float) -> str:
    """Return a number with three decimals, or as a power of ten where that would be 0."""
    if value == 0 or abs(value) >= 0.001:
        return written(value)
    digits, power = f"{value:.1e}".split("e")
    return rf"${digits} \cdot 10^{{{int(power)}}}$"


IDEA = Idea(
    name="activations",
    title="Activations",
    says="Without an activation between them, any number of dense layers or convolutions could "
    "be replaced by one: a chain of linear steps is linear. The bend makes depth "
    "worthwhile. ReLU is the usual choice: it is cheap to compute, and for all z > 0 its "
    "slope is 1, so it never saturates there.",
    formulas=(
        r"a = f(z)",
        r"\frac{\partial L}{\partial z} = \frac{\partial L}{\partial a} \cdot f'(z)",
        r"\prod_{l=1}^{d} f'(z_l) \;\le\; 0.25^{\,d} \quad \text{for the sigmoid}",
        r"y = x + f(x) \quad\Rightarrow\quad \frac{\partial y}{\partial x} = 1 + f'(x)",
    ),
    symbols="$z$: pre-activation. $a$: what the layer passes on. $f'$: derivative, the slope of "
    "$f$. $L$: loss. $d$: number of layers, $z_l$: the pre-activation of layer $l$. The "
    "first layers get the longest product, so they learn least where slopes are small. "
    "As in Keras, `leaky_relu` has slope 0.2 below 0, `gelu` is exact, and `selu` has "
    "the two constants of its paper (1.0507 and 1.6733). The last line is a shortcut, as "
    "in a residual block: the 1 lets the gradient through.",
    to_try="Which $z$ lets the most gradient through the sigmoid? How much is left 10 layers "
    "deep, with and without shortcuts? At $z = -1$, compare ReLU with leaky ReLU: which "
    "can still learn?",
    where=(
        Where("learn", "How large initial weights should be", {"idea": "initialization"}),
        Where("build", "Choose activations in Build"),
        Where("build", "Build a residual network", {"network": "C16 Res16 Res32s2 GAP"}),
        Where("look", "See ReLU silence a feature map", FEATURE_MAPS),
    ),
    show=show,
)
