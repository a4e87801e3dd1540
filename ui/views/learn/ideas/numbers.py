"""The idea An image is numbers: a movable window of gray levels, and arithmetic on them."""

import random

import numpy as np
import streamlit as st

from mnist_core.dataset import mnist
from mnist_core.dataset.mnist import TEST_IMAGES
from ui.charts.ideas import spatial
from ui.session import state
from ui.views.learn.ideas.idea import Idea, Where
from ui.views.learn.ideas.layout import controls_and_figure
from ui.widgets import chart
from ui.widgets.controls import choice, number, side_by_side, slider

_IMAGE = "idea_numbers_image"
SIDE = 7
LAST = 28 - SIDE
WHITE = 255
STORED, SCALED = "0 to 255 (stored)", "0 to 1 (scaled)"
LEAVE, ADD, THRESHOLD, NEGATIVE = "Nothing", "Add", "Threshold", "Negative"


@st.fragment
def show() -> None:
    """Draw an image, and the numbers of the chosen window."""
    data = mnist.load()
    controls, figure = controls_and_figure()
    with controls:
        with side_by_side():
            at = number("Test image, 0 to 9,999", 0, 9_999, key=_IMAGE, width=165)
            st.button(
                "Random image", icon=":material/casino:", key="idea_numbers_any", on_click=_any
            )
        scale = choice("Numbers", [STORED, SCALED], "idea_numbers_scale")
        changed = _change(data.x_test[at])
        top = slider("Top row of the window", 0, LAST, 14, key="idea_numbers_row")
        left = slider("Left column of the window", 0, LAST, 12, key="idea_numbers_column")
    network = changed[..., np.newaxis].astype(np.float32) / WHITE
    shown = changed if scale == STORED else network[..., 0]
    box = (top, left, SIDE, SIDE)
    label = int(data.y_test[at])
    whole, part = figure.columns([2, 3], gap="small")
    with whole:
        st.markdown(f"**The picture**, label {label}")
        chart.show(
            spatial.image(shown, box, 250),
            f"A handwritten {label}; a frame marks rows {top} to {top + SIDE - 1} and columns "
            f"{left} to {left + SIDE - 1}",
        )
    with part:
        st.markdown(f"**Its numbers**, {SIDE} × {SIDE} of 28 × 28")
        chart.show(
            spatial.window(shown, box, 330),
            f"The numbers in the window, between {spatial.number(float(shown.min()), 3)} and "
            f"{spatial.number(float(shown.max()), 3)} in the whole picture",
        )
    with figure:
        _explain(changed, network, scale == STORED, (top + SIDE // 2, left + SIDE // 2))


def _any() -> None:
    state.put(_IMAGE, random.randrange(TEST_IMAGES))


def _change(image: np.ndarray) -> np.ndarray:
    """Draw the choice of an arithmetic; return the changed image. Both are (28, 28) uint8."""
    change = choice(
        "Apply to every number", [LEAVE, ADD, THRESHOLD, NEGATIVE], "idea_numbers_change"
    )
    if change == ADD:
        level = slider("Add", -255, 255, 100, key="idea_numbers_add")
        sign = "−" if level < 0 else "+"
        st.caption(
            f"min(max(I {sign} {abs(level)}, 0), 255). Without the limits 0 and 255, `uint8` "
            "would start over after 255: 250 + 10 would give 4."
        )
        return np.clip(image.astype(int) + level, 0, WHITE).astype(np.uint8)
    if change == THRESHOLD:
        level = slider("Threshold", 0, 255, 128, key="idea_numbers_threshold")
        st.caption(f"255 where I ≥ {level}, else 0: at most two numbers are left.")
        return np.where(image >= level, WHITE, 0).astype(np.uint8)
    if change == NEGATIVE:
        st.caption("255 − I: dark ink on light paper, as on the sheet that was scanned.")
        return WHITE - image
    return image


def _explain(image: np.ndarray, network: np.ndarray, stored: bool, at: tuple[int, int]) -> None:
    """Draw shape, dtype and memory of the image, and the arithmetic at the window's middle."""
    row, column = at
    scaled = float(network[row, column, 0])
    equal = "=" if spatial.number(scaled, 3) == f"{scaled:g}" else r"\approx"
    st.latex(rf"x_{{{row},{column},0}} = {image[at]} / 255 {equal} {spatial.number(scaled, 3)}")
    array, words = (image, "bytes") if stored else (network, "bytes, 4 per number")
    st.caption(
        f"Shown: shape `{array.shape}`, `{array.dtype}`, {array.size} numbers in {array.nbytes:,} "
        f"{words}. The formula is for the window's middle, row {row}, column {column}, counted "
        "from 0 at the top left."
    )


IDEA = Idea(
    name="numbers",
    title="An image is numbers",
    says="To a computer this picture is a table of 28 × 28 = 784 numbers, one per pixel: 0 is "
    "blank paper, 255 is full ink. A network sees nothing else. Move the window over the "
    "digit and read.",
    formulas=(
        r"x_{i,j,0} = \frac{I(i,j)}{255}",
        r"I(i,j) \in \{0, 1, \dots, 255\}",
        r"0 \le x_{i,j,0} \le 1",
    ),
    symbols="$I$: the stored image, shape (28, 28), `uint8`. $i$, $j$: row and column, counted "
    "from 0. $x$: what the network gets, shape (28, 28, 1), `float32`. The last index "
    "counts channels: a gray picture has one, so it is always 0. A batch of $N$ images "
    "has shape ($N$, 28, 28, 1). Small inputs make training easier: with inputs up to "
    "255, the same learning rate takes far too large steps in the first layer.",
    to_try="Slide the window across the edge of a stroke: the numbers rise from 0 to about 255 "
    "within two or three pixels. Then choose *Negative*, or add 100: the picture follows "
    "your arithmetic.",
    where=(
        Where("data", "Any image of the data set as numbers", {"set": "test", "image": "0"}),
        Where("draw", "Watch your own drawing become 28 × 28 numbers"),
    ),
    show=show,
)
