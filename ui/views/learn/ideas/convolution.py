"""The idea Convolution: a kernel that slides over an image, with the nine products written out."""

from functools import partial

import numpy as np
import streamlit as st

from mnist_core.dataset import mnist
from mnist_core.teaching.concepts import convolution
from mnist_core.teaching.concepts.convolution import SlidingProduct
from mnist_core.teaching.concepts.tables import checked
from mnist_core.utils.errors import MnistError
from ui.charts.ideas import spatial
from ui.session import address, state
from ui.views.learn.ideas import tables
from ui.views.learn.ideas.idea import FEATURE_MAPS, Idea, Where
from ui.views.learn.ideas.layout import controls_and_figure
from ui.views.learn.ideas.tex import ROUNDED, exact, products
from ui.widgets import chart, messages, playback, touch
from ui.widgets.controls import choice, number, pills, side_by_side, slider, toggle

EXAMPLE, DIGIT = "5 × 5 example", "A digit"
OWN = "Your own"
PLAYBACK = "idea_convolution_playback"
STARTS = {3: (1, 1), 26: (14, 15)}
"""Initial position by the side of the output: the middle, or a stroke of the first digit."""
NAMED = {kernel.name: kernel for kernel in convolution.KERNELS}
FIRST_OWN = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]], float)


def show() -> None:
    """Draw the idea, and while the kernel slides by itself, again for each position."""
    playback.show(PLAYBACK, _draw)


def _draw() -> None:
    """Draw the controls, the three tables, and the sum at the chosen position."""
    controls, figure = controls_and_figure()
    with controls:
        try:
            image = _picture()
            name, kernel = _kernel()
        except MnistError as error:
            messages.show_error(error)
            return
        flip = toggle(
            "Flip the kernel",
            key="idea_convolution_flip",
            help="Computes true convolution instead of Keras's correlation.",
        )
        slid = convolution.slide(image, kernel, flip)
        n, o = len(image), len(slid.output)
        place = _place(o)
    with figure:
        theme, height = st.context.theme.type, 190 if touch.on_phone() else 270
        chart.show(
            spatial.convolution(slid, place, theme, height),
            f"A {n} by {n} picture, a 3 by 3 kernel, and the {o} by {o} output, in which row "
            f"{place[0]}, column {place[1]} is {spatial.number(slid.output[place])}",
        )
        st.latex(_sum(slid, place, flip))
        rounded = "" if exact(slid, place) else f" {ROUNDED}"
        st.caption(
            "Pixel times weight, nine times, row by row. In K and S, red is above 0, blue below. "
            f"{n} − 3 + 1 = {o}: the window fits in {o} × {o} places, one per number of the "
            f"output.{rounded}"
        )
    if name in NAMED:
        st.markdown(f"**{name}.** {NAMED[name].does}")
    st.info(convolution.compare(image, kernel), icon=":material/flip_camera_android:")


def _picture() -> np.ndarray:
    """Return the editable 5 × 5 example, or a digit in [0, 1]. Raises TableError."""
    source = choice("Picture", [EXAMPLE, DIGIT], "idea_convolution_picture")
    if source == DIGIT:
        at = number("Test image, 0 to 9,999", 0, 9_999, key="idea_convolution_image")
        return mnist.load().x_test[at] / 255
    with st.expander("Change the numbers of the example", icon=":material/edit:"):
        image = _table("idea_convolution_example", convolution.EXAMPLE, "the picture")
        tables.restart_button(
            "Reset the numbers", "idea_convolution_restart", "idea_convolution_example"
        )
    return image


def _kernel() -> tuple[str, np.ndarray]:
    """Draw the choice of the kernel; return its name and weights. Raises TableError."""
    name = pills("Kernel", [*NAMED, OWN], "idea_convolution_kernel")
    if name in NAMED:
        return name, NAMED[name].weights
    return name, _table("idea_convolution_own", FIRST_OWN, "the kernel")


def _table(key: str, first: np.ndarray, name: str) -> np.ndarray:
    """Draw an editable square table; return its values. Raises TableError.

    first: the initial values; name: such as "the kernel".
    """
    numbers = [str(at) for at in range(len(first))]
    typed = tables.editor(key, first, f"The numbers of {name}, to edit", numbers, numbers)
    return checked(typed, name)


def _place(outputs: int) -> tuple[int, int]:
    """Draw the choice of a position in the output, which may play; return its row and column.

    They are also the row and column of the window's first cell.
    """
    axes = ("Row", "Column")
    keys = [state.key("idea_convolution", axis.lower(), outputs) for axis in axes]
    row, column = (
        state.setdefault(key, start) for key, start in zip(keys, STARTS[outputs], strict=True)
    )
    before, last = row * outputs + column, outputs**2 - 1
    if (at := playback.position(PLAYBACK, before, last)) != before:
        _move(keys, divmod(at, outputs))
    with side_by_side():
        row, column = (
            slider(f"{axis} of the output", 0, outputs - 1, key=key)
            for axis, key in zip(axes, keys, strict=True)
        )
    playback.button(PLAYBACK, partial(_move, keys, (0, 0)) if at == last else None)
    return row, column


def _move(keys: list[str], place: tuple[int, int]) -> None:
    for key, value in zip(keys, place, strict=True):
        state.put(key, value)


def _sum(slid: SlidingProduct, place: tuple[int, int], flip: bool) -> str:
    """Return the nine products and their sum in LaTeX, a line per row of the window."""
    body = r" \\ &+ ".join(products(slid.window(*place), slid.laid))
    name = r"S_{\text{flipped}}" if flip else "S"
    equal = "=" if exact(slid, place) else r"\approx"
    total = spatial.number(slid.output[place])
    return (
        rf"\begin{{aligned}} & {name}({place[0]},{place[1]}) \\ = {{}} & {body} \\ "
        rf"{equal} {{}} & {total} \end{{aligned}}"
    )


IDEA = Idea(
    name="convolution",
    title="Convolution",
    says="A **kernel** is a small table of weights. Lay it on the picture, multiply each pixel "
    "by the weight on top of it, and add up the nine products: that is one number of the output. "
    "Then slide the kernel on. The same nine weights look everywhere, so they find their pattern "
    "anywhere. A network learns which patterns to look for.",
    formulas=(
        r"\begin{aligned} &\text{Correlation, which Keras computes:} \\ &S(i,j) = "
        r"\sum_{m,n=0}^{k-1} I(i+m,\, j+n)\, K(m,n) \end{aligned}",
        r"\begin{aligned} &\text{True convolution:} \\ &S(i,j) = "
        r"\sum_{m,n} I(m,n)\, K(i-m,\, j-n) \end{aligned}",
    ),
    symbols=r"$I$: the image; $K$: the kernel, $k \times k$ weights (here $k = 3$), with indices "
    "from 0 to $k-1$ and 0 outside; $S$: the output; $i$, $j$: its row and column; $m$, "
    "$n$: the row and column of the sum. In the second formula $i - m$ falls as $m$ "
    "grows, so the kernel is read backward: this is correlation with the kernel turned "
    "by 180°. Course notes print it as $S = I * K$; `Conv2D` in Keras computes the first "
    "formula. Deep learning calls both convolution. The flipped output above begins at "
    "$i = j = k-1$, the first place where the whole kernel lies on the image, but is numbered "
    "from 0. `Conv2D` adds up such sums over all input channels, plus a bias $b$.",
    to_try="Choose *A digit* and *Vertical edges*: the left side of each stroke lights up red, "
    "the right side blue. Then flip *Shift*: the picture moves the other way. Can you "
    "make a kernel that finds lines rising to the right?",
    where=(
        Where("look", "Every sum of a trained network, step by step", FEATURE_MAPS),
        Where("look", "The kernels that training found", {address.LOOK_TAB: "Filters"}),
        Where("build", "Add a convolution to a network"),
    ),
    show=show,
)
