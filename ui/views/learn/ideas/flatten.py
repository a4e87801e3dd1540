"""The idea Flatten: the index of each value of a block in the vector, and back."""

import streamlit as st

from mnist_core.network.layers import Shape
from mnist_core.teaching.concepts import flatten
from mnist_core.utils.text import format_shape as by
from ui.charts.ideas import layers as charts
from ui.session import state
from ui.views.learn.ideas.idea import FEATURE_MAPS, Idea, Where
from ui.views.learn.ideas.layout import controls_and_figure
from ui.views.learn.ideas.tex import aligned
from ui.widgets import chart, touch
from ui.widgets.controls import number

BLOCKS: dict[str, Shape] = {
    "3 × 3 × 2": (3, 3, 2),
    "2 × 3 × 4": (2, 3, 4),
    "5 × 5 × 16, as in note-5": (5, 5, 16),
}
INDEX, BLOCK = "idea_flatten_index", "idea_flatten_block"
PLACE = {"idea_flatten_row": 1, "idea_flatten_column": 2, "idea_flatten_channel": 0}
"""The keys of a position, and where it is at first, which each block has."""
SIDE_BY_SIDE = 4  # channels in one figure that have room for their numbers


@st.fragment
def show() -> None:
    if not state.has(INDEX):
        state.put(BLOCK, next(iter(BLOCKS)))
        _restart()
    controls, figure = controls_and_figure()
    with controls:
        name = st.segmented_control(
            "The block",
            list(BLOCKS),
            required=True,
            key=BLOCK,
            on_change=_restart,
            persist_state="session",
            help="Height × width × channels.",
        )
        shape = BLOCKS[name or next(iter(BLOCKS))]
        last = shape[0] * shape[1] * shape[2] - 1
        for axis, key, count in zip(("Row h", "Column w", "Channel c"), PLACE, shape, strict=True):
            number(f"{axis}, 0 to {count - 1}", 0, count - 1, key=key, on_change=_to_index)
        at = number(f"Number in the row, 0 to {last}", 0, last, key=INDEX, on_change=_to_place)
    with figure:
        _draw(shape, at)
        _explain(shape, at)


def _draw(shape: Shape, number: int) -> None:
    theme, place = st.context.theme.type or "light", flatten.place(number, shape)
    shown = list(range(shape[2])) if shape[2] <= SIDE_BY_SIDE else [place[2]]
    where = f"row {place[0]}, column {place[1]}, channel {place[2]}"
    st.markdown(
        f"**The block, {by(shape)}**: "
        + ("its channels" if len(shown) > 1 else f"one of its {shape[2]} channels")
        + "; each cell shows its number in the row."
    )
    chart.show(
        charts.flatten_block(shape, place, shown, theme, 170 if touch.on_phone() else 210),
        f"The channels of a block of {by(shape)}; framed: {where}, number {number} in the row",
    )
    count = shape[0] * shape[1] * shape[2]
    wrapped = "" if count <= 24 else f", written in {shape[0]} lines to fit"
    colored = "colored by channel" if shape[2] <= 8 else f"channel {place[2]} in orange"
    st.markdown(f"**The row, {count} values**{wrapped}, {colored}")
    chart.show(
        charts.flatten_row(shape, number, theme),
        f"The row of {count} values; framed: number {number}, from {where}",
    )


def _explain(shape: Shape, number: int) -> None:
    """Draw the arithmetic from position to index and back."""
    (_, width, channels), (h, w, c) = shape, flatten.place(number, shape)
    pixel = number // channels
    st.latex(rf"\text{{there:}}\quad ({h} \cdot {width} + {w}) \cdot {channels} + {c} = {number}")
    st.latex(
        aligned(
            r"\text{back:} &",
            rf"{number} &= {pixel} \cdot {channels} + {c} &&\Rightarrow c = {c}",
            rf"{pixel} &= {h} \cdot {width} + {w} &&\Rightarrow h = {h},\; w = {w}",
        )
    )
    st.markdown(
        f"In the row, one channel further is 1 further, one column {channels}, one row {width} · "
        f"{channels} = {width * channels}. Parameters: none."
    )


def _to_index() -> None:
    place = tuple(state.require(key, int) for key in PLACE)
    state.put(INDEX, flatten.index(place, BLOCKS[state.require(BLOCK, str)]))


def _to_place() -> None:
    place = flatten.place(state.require(INDEX, int), BLOCKS[state.require(BLOCK, str)])
    for key, chosen in zip(PLACE, place, strict=True):
        state.put(key, chosen)


def _restart() -> None:
    """Reset to a position that each block has, after another block was chosen."""
    for key, start in PLACE.items():
        state.put(key, start)
    _to_index()


IDEA = Idea(
    name="flatten",
    title="Flatten",
    says="Convolution and pooling pass on a block: height, width, channels. A dense layer needs "
    "a row. **Flatten** writes the block as a row, pixel by pixel, each with all its "
    "channels. No value changes, only its place. In note-5 a block of 5 × 5 × 16 becomes 5 "
    "· 5 · 16 = 400 inputs of the dense layer.",
    formulas=(
        r"\text{index} = (h \cdot W + w) \cdot C + c",
        r"\begin{aligned} c &= \text{index} \bmod C \\ "
        r"w &= \left\lfloor \frac{\text{index}}{C} \right\rfloor \bmod W \\ "
        r"h &= \left\lfloor \frac{\text{index}}{W \cdot C} \right\rfloor \end{aligned}",
    ),
    symbols="$H$, $W$, $C$: height, width and number of channels of the block. $h$, $w$, $c$: "
    "row, column and channel of a value; index: its number in the row; all counted from "
    r"0. $\lfloor\;\rfloor$ rounds down, mod is the remainder. Keras's `channels_last` "
    "and NumPy's `reshape` have this order; libraries that put channels first get "
    "another order.",
    to_try="Which number has row 2, column 0, channel 1 of the first block? Work it out, then "
    "check. Then type a number and see where it comes from. Are neighboring pixels still "
    "neighbors in the row?",
    where=(
        Where("look", "Choose the layer flatten and follow a value", FEATURE_MAPS),
        Where("build", "See the shapes in Build"),
    ),
    show=show,
)
