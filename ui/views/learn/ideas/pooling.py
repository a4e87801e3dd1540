"""The idea Pooling: the table of the course notes, a digit and a feature map."""

from dataclasses import replace
from typing import cast

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.dataset import mnist
from mnist_core.teaching.concepts import pooling
from mnist_core.teaching.concepts.pooling import Kind, Pooled
from mnist_core.teaching.concepts.tables import LARGEST
from mnist_core.utils.text import format_shape, percent, plural
from ui.charts.ideas import layers as charts
from ui.charts.ideas.layers import written
from ui.session import state
from ui.views.learn.ideas import tables
from ui.views.learn.ideas.idea import FEATURE_MAPS, Idea, Where
from ui.views.learn.ideas.layout import controls_and_figure
from ui.widgets import chart, touch
from ui.widgets.controls import choice, number, selectbox, side_by_side, slider

TABLE, DIGIT, MAP = "The notes' table", "A digit", "A feature map"
FORGETS = {
    "max": "**Forgotten:** where in its window the winner stood, and all other values. **Kept:** "
    "the largest value of each window. In training only the winner gets the gradient.",
    "average": "**Forgotten:** how the values were spread in their window. **Kept:** how much "
    "each window holds altogether. In training all values get the same share of the "
    "gradient, $1/k^2$. **Sum pooling** adds the values up, $k^2$ times the average; "
    "the weights after it can make up for that factor.",
}


@st.fragment
def show() -> None:
    columns = controls_and_figure()
    with columns[0]:
        on = choice("What to pool", [TABLE, DIGIT, MAP], "idea_pooling_on")
        name = choice("From each window, pass on the", ["Max", "Average"], "idea_pooling_kind")
        with side_by_side():
            size = choice("Pool size k", [2, 3, 4], "idea_pooling_size")
            stride = choice("Stride s", [1, 2, 3, 4], "idea_pooling_stride", first=2)
    kind = cast(Kind, name.lower())
    if on == TABLE:
        _table(*columns, kind, size, stride)
    else:
        _picture(*columns, on == MAP, kind, size, stride)
    st.markdown(FORGETS[kind])


def _table(
    controls: DeltaGenerator, figure: DeltaGenerator, kind: Kind, size: int, stride: int
) -> None:
    """Draw the editable 4 × 4 table, whose empty cells are x, and its pooling."""
    with controls:
        with st.expander("Change the numbers of the table", icon=":material/edit:"):
            numbers = [str(at) for at in range(4)]
            alt = "The table to pool, four rows of four numbers; an empty cell is x"
            typed = tables.editor("idea_pooling_table", pooling.NOTES, alt, numbers, numbers, "x")
            st.caption("An empty cell is x.")
            tables.restart_button("Reset the numbers", "idea_pooling_restart", "idea_pooling_table")
        x = number(
            "x, which the notes leave open", -LARGEST, LARGEST, value=1, key="idea_pooling_x"
        )
        pooled = pooling.pool(np.where(np.isnan(typed), x, typed), kind, size, stride)
        place = _place("table", pooled, (0, 0))
    with figure:
        theme, height = st.context.theme.type, 190 if touch.on_phone() else 280
        _draw(pooled, place, charts.pooling_table(pooled, place, theme, height))
        _ask(replace(pooled, inputs=typed), x, kind)


def _ask(pooled: Pooled, x: float, kind: Kind) -> None:
    """Draw the question which x gives a wanted result, and check the x typed above.

    pooled: its inputs have NaN in place of x.
    """
    places = [at for at in np.ndindex(*pooled.values.shape) if np.isnan(pooled.window(*at)).any()]
    if not places:
        st.caption("No window has x in it, so x changes nothing.")
        return
    wanted = number(
        "Question: which x makes its window give this result?",
        *(-LARGEST, LARGEST),
        value=7,
        key="idea_pooling_wanted",
        help="If several windows contain x, the last one counts. Answer by setting x.",
    )
    result = float(pooled.values[places[-1]])
    answer = _answer(pooling.needed(pooled.window(*places[-1]), kind, wanted))
    said = f"With x = {written(x)}, the result is {written(result)}"
    if np.isclose(result, wanted):
        st.success(f"{said}, as asked. {answer}", icon=":material/check:")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{said}, but the question asks for {written(wanted)}.")
        with st.popover("Show the answer", icon=":material/key:", width="content"):
            st.markdown(answer)


def _answer(found: tuple[float, float] | None) -> str:
    if found is None:
        return "No x works: another value in the window is already larger, and the largest wins."
    least, most = found
    if np.isinf(least):
        return (
            f"Any x up to {written(most)} works: another value in the window already gives this "
            "result."
        )
    return f"Only x = {written(least)} works."


def _picture(
    controls: DeltaGenerator,
    figure: DeltaGenerator,
    edges: bool,
    kind: Kind,
    size: int,
    stride: int,
) -> None:
    """Draw the pooling of a digit or of its edge map, and the effect of a small shift."""
    with controls:
        digit = selectbox("Digit", range(10), 7, key="idea_pooling_digit")
        with side_by_side():
            down = slider("Move down, pixels", -3, 3, 0, key="idea_pooling_down")
            aside = slider("Move right, pixels", -3, 3, 0, key="idea_pooling_right")
        image = mnist.load().x_test[mnist.showcase()[2 * digit]] / 255
        moved = pooling.shift(image, down, aside)
        if edges:
            image, moved = pooling.edges(image), pooling.edges(moved)
        pooled = pooling.pool(moved, kind, size, stride)
        place = _place("image", pooled, (5, 9))  # a window that is not empty
    with figure:
        height = 230 if touch.on_phone() else 320
        _draw(pooled, place, charts.pooling_pictures(pooled, place, height))
        if edges:
            st.caption(
                "A filter for vertical edges and ReLU have read the digit, as in a network: 28 × "
                "28 pixels become 26 × 26."
            )
        _compare(image, pooled, kind, (down, aside))


def _compare(image: np.ndarray, pooled: Pooled, kind: Kind, by: tuple[int, int]) -> None:
    """Draw how much of the image and of the pooled image a shift changes."""
    if by == (0, 0):
        kept = pooled.values.size
        st.markdown(
            f"{pooled.inputs.size} values become {kept}: {percent(kept / pooled.inputs.size, 0)} "
            "are left. Move the digit by one pixel: how many of them change?"
        )
        return
    stride = pooled.stride
    before = pooling.pool(image, kind, pooled.size, stride).values
    whole, after = pooling.change(image, pooled.inputs), pooling.change(before, pooled.values)
    st.markdown(
        f"The move changes **{whole.changed} of {whole.values}** values before pooling and "
        f"**{after.changed} of {after.values}** after it. Without their signs, the changes add up "
        f"to {percent(whole.share, 0)} of the total before pooling and "
        f"**{percent(after.share, 0)}** after it."
    )
    cells = [side // stride for side in by]
    whole_strides = all(side % stride == 0 for side in by)
    if whole_strides and np.allclose(pooling.shift(before, *cells), pooled.values):
        st.markdown(
            f"A move by whole strides ({stride}) moves the pooled picture by whole cells: it is "
            "the same picture in another place."
        )
    st.caption(
        "Pooling does not undo a move, but usually softens a small one. With this measure max "
        "looks better than average; with squared changes the two are nearly even. A network "
        "copes with larger moves through several such layers, and through its training images. "
        "See Zhang 2019 on strides and small moves."
    )


def _place(shown: str, pooled: Pooled, start: tuple[int, int]) -> tuple[int, int]:
    """Draw the boxes that choose a window; return its row and column in the output.

    shown: part of the boxes' keys; start: the initial window.
    """
    at = []
    with side_by_side():
        for words, axis, first, count in zip(
            ("row", "column"), "ij", start, pooled.values.shape, strict=True
        ):
            key = state.key("idea_pooling", axis, shown, count)
            label, last = f"Result {words}, 0 to {count - 1}", count - 1
            at.append(number(label, 0, last, min(first, last), key=key))
    row, column = at
    return row, column


def _draw(pooled: Pooled, place: tuple[int, int], figure: go.Figure) -> None:
    """Draw the figure of a window, and the calculation of its result."""
    row, column = place
    chart.show(
        figure,
        f"{format_shape(pooled.inputs.shape)} values pooled to "
        f"{format_shape(pooled.values.shape)}; the window of row {row}, column {column} gives "
        f"{written(float(pooled.values[row, column]))}",
    )
    st.markdown(_sum(pooled, row, column))
    high, wide = pooled.left_out
    if high or wide:
        st.caption(
            f"{plural(high, 'row')} at the bottom and {plural(wide, 'column')} on the right are "
            "in no window: `valid` padding, Keras's default for pooling, leaves them out."
        )


def _sum(pooled: Pooled, row: int, column: int) -> str:
    """Return the calculation of one result in Markdown."""
    window, value = pooled.window(row, column), pooled.values[row, column]
    numbers = [written(float(each)) for each in window.ravel()]
    if pooled.winners is None:
        terms = " + ".join(f"({n})" if n.startswith("−") else n for n in numbers)
        return f"({terms}) / {window.size} = **{written(float(value))}**"
    i, j = pooled.winners[row, column]
    also = ", the first of several equal values" if (window == value).sum() > 1 else ""
    return (
        f"max({', '.join(numbers)}) = **{written(float(value))}**. The winner, in the dotted "
        f"frame, is at row {i}, column {j} of the input{also}."
    )


IDEA = Idea(
    name="pooling",
    title="Pooling",
    says="A feature map shows exactly where a pattern was found; often roughly is enough. "
    "**Pooling** slides a window over each channel and passes on one number per stop: the "
    "largest or the mean. The picture shrinks, so the next layers have less to do. Pooling "
    "has no parameters: nothing is trained.",
    formulas=(
        r"\text{max:}\quad y_{i,j} = \max_{0 \le u,v < k} x_{i s + u,\; j s + v}",
        r"\text{average:}\quad y_{i,j} = \frac{1}{k^2} "
        r"\sum_{u=0}^{k-1} \sum_{v=0}^{k-1} x_{i s + u,\; j s + v}",
        r"o = \left\lfloor \frac{n - k}{s} \right\rfloor + 1",
    ),
    symbols="$x$: one channel of the input, $y$: of the output. $i$, $j$: row and column of the "
    "output; $u$, $v$: in the window; all counted from 0. $k$: side of the window "
    "(Keras: `pool_size`). $s$: stride (Keras: `strides`, by default $k$). $n$: side of "
    "the input, $o$: of the output, here with `valid` padding; the brackets round down.",
    to_try="Find an x that makes its window give 7, by max and by average. Can a max give 3 "
    "there? Change the 9 in the table and watch the winner move. Move the digit by one "
    "pixel, then by two. Which changes more, and why is the second pooled picture the "
    "same again?",
    where=(
        Where("look", "Choose a pooling layer and watch it work", FEATURE_MAPS),
        Where("build", "Add a pooling layer in Build"),
    ),
    show=show,
)
