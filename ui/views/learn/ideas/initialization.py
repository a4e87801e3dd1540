"""The idea Initialization: activations and gradients of a deep network before its first step."""

import streamlit as st

from mnist_core.teaching.concepts import initialization as theory
from mnist_core.teaching.concepts.initialization import (
    HIDDEN,
    IMAGES,
    SATURATED,
    UNITS,
    ZEROS,
    Signal,
)
from mnist_core.utils.text import percent, two_digits
from ui.charts.ideas import initialization as charts
from ui.session import address
from ui.views.learn.ideas.idea import Idea, Where
from ui.views.learn.ideas.layout import controls_and_figure
from ui.widgets import chart
from ui.widgets.controls import choice, pills

WORDS = {
    theory.ZEROS: "every weight is 0",
    theory.SMALL: "drawn from a normal distribution with standard deviation 0.01",
    theory.LARGE: "drawn from a normal distribution with standard deviation 1",
    theory.GLOROT: "designed for tanh, and Keras's default",
    theory.HE: "designed for ReLU",
}
FAINT, STRONG = 0.02, 100.0  # activations beyond these have vanished or exploded
SLOW, WILD = 1e-4, 1.0  # likewise gradients of weights

SYMMETRY = (
    "**No line**: in every hidden layer the spread is 0, which a logarithmic axis cannot show. "
    f"All {UNITS} units of a layer compute the same value and get the same gradient, so every "
    "step leaves them **alike**, like one unit. Only random weights break this **symmetry**."
)


@st.fragment
def show() -> None:
    controls, figure = controls_and_figure()
    with controls:
        activation = choice(
            "Activation", ["relu", "tanh", "sigmoid"], "idea_initialization_activation"
        )
        name = pills("Initial weights", theory.NAMES, "idea_initialization_name")
        st.caption(f"{name}: {WORDS[name]}.")
    signals = {each: theory.first_signal(each, activation) for each in theory.NAMES}
    with controls:
        _words(signals[name], name, activation)
    with figure:
        chart.show(
            charts.spreads(signals, name),
            f"Standard deviation of activations and of gradients in each layer with {activation}, "
            f"for five initializations; {name} in front",
        )


def _words(signal: Signal, name: str, activation: str) -> None:
    """Draw the size of activations and gradients, and how many units are useless."""
    if name == ZEROS:
        st.markdown(SYMMETRY)
        return
    first, last = signal.outputs[[1, HIDDEN]]
    forward = "it **vanishes**" if last < FAINT else "it **explodes**" if last > STRONG else ""
    if not forward:
        forward = "it **keeps its size**" if 1 / 3 < last / first < 3 else "it shrinks"
    early, late = signal.gradients[[0, HIDDEN - 1]]
    backward = "it **vanishes**" if early < SLOW else "it **explodes**" if early > WILD else ""
    st.markdown(
        f"- **Spread of activations**, layer 1 to {HIDDEN}: {two_digits(first)} → "
        f"{two_digits(last)}; {forward}.\n"
        f"- **Spread of gradients**, layer {HIDDEN} back to 1: {two_digits(late)} → "
        f"{two_digits(early)}"
        f"{'; ' + backward if backward else ''}.\n"
        f"- {_useless(signal, activation)}\n"
        f"- **Loss**: {two_digits(signal.loss)} (guessing gives 2.303)."
    )


def _useless(signal: Signal, activation: str) -> str:
    if activation == "relu":
        return f"**Dead units**: {signal.dead} of {HIDDEN * UNITS} are 0 on all {IMAGES} images."
    share = percent(signal.saturated, 0)
    return f"**Saturated**: at {share} of the activations, the slope is below {SATURATED}."


IDEA = Idea(
    name="initialization",
    title="Initialization",
    says="Training starts from initial weights. Each layer multiplies by its weights, forward "
    "and again backward. If they are a little too small, activations and gradients "
    "**vanish** over many layers; if too large, they **explode**. Good initial weights are "
    "random and just large enough to prevent both.",
    formulas=(
        r"\operatorname{Var}[z] = n_\text{in} \operatorname{Var}[w] \; \mathbb{E}[x^2]",
        r"\text{Glorot: } \operatorname{Var}[w] = \frac{2}{n_\text{in} + n_\text{out}}",
        r"\text{He: } \operatorname{Var}[w] = \frac{2}{n_\text{in}}",
    ),
    symbols="$x$: an input of a layer; $w$: a weight, drawn with mean 0; $z$: the sum of a unit; "
    r"$n_\text{in}$, $n_\text{out}$: inputs and units of the layer. Activations keep "
    r"their size if $n_\text{in} \operatorname{Var}[w]$ is 1, gradients if $n_\text{out} "
    r"\operatorname{Var}[w]$ is 1. Glorot's variance lies between the two. *Glorot "
    r"uniform* draws from $-a$ to $a$ with $a = \sqrt{6 / (n_\text{in} + n_\text{out})}$; "
    "the variance is then $a^2 / 3$. ReLU sets about half of the sums to 0, which halves "
    r"$\mathbb{E}[x^2]$; the 2 in He's formula makes up for this. Biases start at 0. The "
    "figure shows 64 training images in six hidden layers of 64 units. Spread of "
    "activations: the standard deviation of a unit's value between images. Spread of "
    "gradients: the standard deviation over a layer's weights. A gradient says how the "
    "loss, the mean cross-entropy, changes with a weight. Every network in this app "
    "starts with `glorot_uniform`, Keras's default. Keras cuts `he_normal` off at two "
    "standard deviations and keeps the variance. Sources: Glorot and Bengio 2010; He et "
    "al. 2015.",
    to_try="Which initial weights keep both lines flat with tanh, and which with ReLU? Take tanh "
    "and *Too large*: the activations keep their size, so what is wrong? Can any initial "
    "weights keep the first layer's gradient from vanishing with the sigmoid?",
    where=(
        Where("learn", "Slopes of activations through many layers", {"idea": "activations"}),
        Where("learn", "Batch normalization keeps the scale", {"idea": "batch-norm"}),
        Where("build", "Build a deep network of sigmoids", {"network": "F" + 6 * " D64sigmoid"}),
        Where("look", "See the gradients of your own runs", {address.LOOK_TAB: "Weights"}),
    ),
    show=show,
)
