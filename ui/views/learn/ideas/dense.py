"""The idea A dense layer: Z = XW + b on editable numbers, with one result written out."""

import numpy as np
import streamlit as st

from mnist_core.teaching.concepts import dense as theory
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import plural
from ui.charts.ideas import layers as charts
from ui.session import state
from ui.views.learn.ideas import tables
from ui.views.learn.ideas.idea import FEATURE_MAPS, Idea, Where
from ui.views.learn.ideas.layout import controls_and_figure
from ui.views.learn.ideas.tex import aligned, term, tex
from ui.widgets import chart, messages
from ui.widgets.controls import choice, side_by_side, toggle

X = np.array([[1, 0, 0.5, 2], [0, 1, 1, -1]])
W = np.array([[1, -1, 0.5], [0.5, 2, -1], [-2, 0, 1], [0, 0.5, -0.5]])
B = np.array([[0.5, -1, 0.25]])
IMAGES = ["image 0", "image 1"]
INPUTS = [f"x{number}" for number in range(4)]
UNITS = [f"unit {number}" for number in range(3)]
KEYS = ("idea_dense_x", "idea_dense_w", "idea_dense_b")


@st.fragment
def show() -> None:
    controls, figure = controls_and_figure()
    with controls:
        images, row, unit, activated = _choices()
        x, w, b = _tables()
        try:
            layer = theory.dense(x[:images], w, b[0])
        except MnistError as error:
            messages.show_error(error)
            return
    with figure:
        results = "A" if activated else "Z"
        chart.show(
            charts.dense(layer, row, unit, activated, st.context.theme.type),
            f"X on the left, W above, b below it, and {results} where their rows and columns "
            f"cross; framed: image {row}, unit {unit}",
        )
    _explain(layer, row, unit, activated)


def _tables() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw the editable tables; return X, W and b."""
    with st.expander("Change the numbers", icon=":material/edit:"):
        st.markdown("**X**, a row per image")
        x = tables.editor(
            KEYS[0], X, "The inputs X: two images of four values", IMAGES, INPUTS, width=56
        )
        st.markdown("**W**, a column per unit")
        w = tables.editor(
            KEYS[1], W, "The weights W: four inputs, three units", INPUTS, UNITS, width=74
        )
        st.markdown("**b**, a bias per unit")
        b = tables.editor(KEYS[2], B, "The biases b of three units", ["b"], UNITS, width=74)
        tables.restart_button("Reset the numbers", "idea_dense_restart", *KEYS)
    return x, w, b


def _choices() -> tuple[int, int, int, bool]:
    """Draw the choices; return the images, the image, the unit, and whether ReLU follows."""
    images = choice(
        "Images in the batch",
        [1, 2],
        "idea_dense_batch",
        first=2,
        help="With a batch of 1, only the first row of X is used.",
    )
    with side_by_side():
        row = choice("Image", range(images), state.key("idea_dense_row", images))
        unit = choice("Unit", range(3), "idea_dense_unit")
    activated = toggle("Apply ReLU", key="idea_dense_relu")
    return images, row, unit, activated


def _explain(layer: theory.Dense, row: int, unit: int, activated: bool) -> None:
    """Draw the calculation of the chosen result, the shapes, and the parameter count."""
    terms = [
        rf"{term(x, 3)} \cdot {term(w, 3)}"
        for x, w in zip(layer.x[row], layer.w[:, unit], strict=True)
    ]
    z = float(layer.z[row, unit])
    lines = [
        rf"z_{{{row},{unit}}} &= {terms[0]} + {terms[1]}",
        rf"&\quad + {terms[2]} + {terms[3]}",
        rf"&\quad + {term(layer.b[unit], 3)} = {tex(z, 3)}",
    ]
    if activated:
        lines.append(rf"a_{{{row},{unit}}} &= \max(0, {tex(z, 3)}) = {tex(max(z, 0.0), 3)}")
    st.latex(aligned(*lines))
    (batch, wide), out = layer.x.shape, len(layer.b)
    st.latex(
        rf"\underbrace{{({batch}, {wide})}}_{{X}} \cdot \underbrace{{({wide}, {out})}}_{{W}} + "
        rf"\underbrace{{({out},)}}_{{b}} = \underbrace{{({batch}, {out})}}_{{Z}}"
    )
    again = "the same b is added to each row (broadcasting)" if batch > 1 else "b is added to it"
    st.markdown(
        f"XW has {plural(batch, 'row')} of {out}, and {again}. Parameters: {wide} · {out} weights "
        f"+ {out} biases = **{layer.parameters}**, however many images the batch has. In note-5: "
        "400 · 64 + 64 = 25,664, and 64 · 10 + 10 = 650 for the output layer."
    )


IDEA = Idea(
    name="dense",
    title="A dense layer",
    says="Each **unit** of a dense layer sees all inputs: it multiplies each by its own weight, "
    "then adds up the products and its bias. One matrix product computes all units for all "
    "images of a batch, so it is fast. Each result stands where a row of X meets a column "
    "of W.",
    formulas=(
        r"Z = X W + b",
        r"z_{i,j} = \sum_{m=0}^{\text{in} - 1} x_{i,m}\, W_{m,j} + b_j",
        r"\begin{aligned} & (\text{batch}, \text{in}) \cdot (\text{in}, \text{out}) "
        r"+ (\text{out},) \\ & \quad = (\text{batch}, \text{out}) \end{aligned}",
        r"\text{parameters} = \text{in} \cdot \text{out} + \text{out}",
    ),
    symbols="$X$: the inputs, a row per image. $W$: the weights (Keras: `kernel`), a column per "
    "unit. $b$: the biases. $Z$: the pre-activations; an activation comes next, $A = "
    "f(Z)$. Those of the output layer are called logits. $i$: image, $j$: unit, $m$: "
    "input, counted from 0. Some books write $z = Wx + b$ with an image in a column: the "
    "same numbers, with $W$ transposed.",
    to_try="Make unit 0 answer only to the third input: set its other weights to 0. Then switch "
    "ReLU on and silence a unit for both images: which number do you change?",
    where=(
        Where("look", "Choose a dense layer: the sum behind a unit", FEATURE_MAPS),
        Where("build", "Count parameters in Build"),
    ),
    show=show,
)
