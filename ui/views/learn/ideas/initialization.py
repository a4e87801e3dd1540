"""The idea Initialization: activations and gradients of a deep network before its first step."""

import streamlit as st

from mnist_core.teaching.concepts import initialization as theory
from mnist_core.teaching.concepts.initialization import HIDDEN, IMAGES, UNITS, ZEROS, Pass
from mnist_core.utils.text import percent
from ui.charts.ideas import initialization as charts
from ui.views.learn.ideas.idea import Idea, Where
from ui.views.learn.ideas.layout import controls_and_figure
from ui.widgets import chart
from ui.widgets.controls import choice, pills

WORDS = {
    theory.ZEROS: "every weight is 0",
    theory.SMALL: "normal, standard deviation 0.01",
    theory.LARGE: "normal, standard deviation 1",
    theory.GLOROT: "made for tanh; Keras's default",
    theory.HE: "made for ReLU",
}
FAINT, STRONG = 0.02, 100.0  # activations beyond these have vanished or exploded
SLOW, WILD = 1e-4, 1.0  # likewise gradients of weights
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

SYMMETRY = (
    "**No line**: in every hidden layer the spread is 0, which a logarithmic axis cannot show. "
    f"All {UNITS} units of a layer compute the same and get the same gradient. So they **stay "
    "alike** with every step, as if the layer had one unit: nothing breaks the **symmetry**. "
    "Random weights do."
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
    x, labels = theory.batch()
    passes = {
        each: theory.run(theory.initial_weights(each), activation, x, labels)
        for each in theory.NAMES
    }
    with controls:
        _words(passes[name], name)
    with figure:
        chart.show(
            charts.spreads(passes, name),
            f"Standard deviation of activations and of gradients in each layer with {activation}, "
            f"for five initializations; {name} in front",
        )


def _words(passed: Pass, name: str) -> None:
    """Draw what becomes of activations and gradients, and how many units are of no use."""
    if name == ZEROS:
        st.markdown(SYMMETRY)
        return
    first, last = passed.output_spreads[[1, HIDDEN]]
    forward = "they **vanish**" if last < FAINT else "they **explode**" if last > STRONG else ""
    if not forward:
        forward = "they **keep their size**" if 1 / 3 < last / first < 3 else "they shrink"
    early, late = passed.gradient_spreads[[0, HIDDEN - 1]]
    backward = "they **vanish**" if early < SLOW else "they **explode**" if early > WILD else ""
    st.markdown(
        f"- **Activations**, layer 1 to {HIDDEN}: {_number(first)} → {_number(last)}; {forward}.\n"
        f"- **Gradients**, layer {HIDDEN} to 1: {_number(late)} → {_number(early)}"
        f"{'; ' + backward if backward else ''}.\n"
        f"- {_useless(passed)}\n"
        f"- **Loss**: {_number(passed.loss)} (guessing gives 2.303)."
    )


def _number(value: float) -> str:
    """Return a number with two digits, a power of ten in Unicode, since LaTeX would wrap."""
    digits, _, power = f"{value:.2g}".partition("e")
    return f"{digits}·10{str(int(power)).translate(RAISED)}" if power else digits


def _useless(passed: Pass) -> str:
    if passed.activation == "relu":
        return (
            f"**Dead** here: {passed.dead} of {HIDDEN * UNITS} units are 0 on all {IMAGES} images."
        )
    return f"**Saturated**: {percent(passed.saturated, 0)} of the activations, slope below 0.1."


IDEA = Idea(
    name="initialization",
    title="Initialization",
    says="Training needs somewhere to start. Each layer multiplies the signal by its weights, on "
    "the way forward and again on the way back, so weights that are a little too small or too "
    "large make it **vanish** or **explode** over many layers. Good initial weights are random and "
    "just large enough to keep its size. Here 64 training images go once through six hidden "
    "layers of 64 units, forward and back.",
    formulas=(
        r"\operatorname{Var}[z] = n_\text{in} \operatorname{Var}[w] \; \mathbb{E}[x^2]",
        r"\text{Glorot: } \operatorname{Var}[w] = \frac{2}{n_\text{in} + n_\text{out}}",
        r"\text{He: } \operatorname{Var}[w] = \frac{2}{n_\text{in}}",
    ),
    symbols=r"$x$: an input of a layer; $w$: a weight, drawn with mean 0; $z$: the sum of a unit; "
    r"$n_\text{in}$, $n_\text{out}$: inputs and units of the layer. To keep the size forward, "
    r"$n_\text{in} \operatorname{Var}[w]$ must be 1; backward, "
    r"$n_\text{out} \operatorname{Var}[w]$ must be 1. Glorot is between the two; *Glorot uniform* "
    r"draws from $-a$ to $a$ with $a = \sqrt{6 / (n_\text{in} + n_\text{out})}$, and $a^2 / 3$ is "
    r"that variance. ReLU sets half of the sums to 0, which halves $\mathbb{E}[x^2]$; the 2 of He "
    r"makes up for it. Biases start at 0. What is drawn is the standard deviation over a whole "
    r"layer: of its activations, and of the gradient of the mean cross-entropy with respect to its "
    r"weights. Every network in this app starts with `glorot_uniform`, Keras's default. Keras cuts "
    r"`he_normal` off at two standard deviations and keeps the variance. Sources: Glorot and "
    "Bengio 2010; He et al. 2015.",
    to_try="Which initial weights keep both lines flat with tanh, and which with ReLU? Take tanh "
    "and *Too large*: the activations keep their size, so what is wrong? With the sigmoid, do any "
    "initial weights save the gradient of the first layer?",
    where=(
        Where("learn", "Slopes of activations through many layers", {"idea": "activations"}),
        Where("learn", "Batch normalization keeps the scale", {"idea": "batch-norm"}),
        Where("build", "Build a deep network", {"network": "F D64 D64 D64 D64 D64 D64"}),
    ),
    show=show,
)
