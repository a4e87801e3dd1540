"""The tab Feature maps: the output of each layer for one image, and how a value is computed."""

import re
from functools import partial
from math import ceil

import numpy as np
import streamlit as st

from mnist_core.evaluation.run import Run
from mnist_core.network.summary import Row, sources, summarize
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import format_shape, probability
from ui.charts import feature_maps as charts
from ui.charts import thumbnails
from ui.charts.layers import KINDS
from ui.session import cache, state
from ui.views.look import calculation, input_image, selected_value, tile_grids
from ui.widgets import chart, messages, touch

_LAYER = "look_layer"
_SEEN = "look_maps_seen"
CELL = 101  # pixels of a layer in the strip: nine fill the page's width
ROW, ROW_ON_PHONE = 9, 3  # layers side by side at most
LINE = 11  # characters of a layer's name that fit on its button
SCALE = (
    "Shared: all maps on one scale, to compare them. Local: each map up to its own largest value. "
    "Choose it to see the pattern of weak maps, though not how weak they are."
)
ABOUT = {name: kind.about for name, kind in KINDS.items()} | {
    "Add": "Each value of the convolutions' output is added to the value at the same place of the "
    "shortcut: the input of the block, or a 1x1 convolution of it.",
    "output": "Ten units, one per digit. Softmax turns their sums, the logits, into ten "
    "probabilities; the largest is the answer.",
}

COLORS = (
    "Red is above zero, blue below. Each small picture above has its own scale and shows at most "
    "16 maps; a layer's other figures share one scale."
)
RELU = "ReLU has removed the blue: nothing is below zero."


@st.fragment(key=calculation.AROUND)
def show(run: Run) -> None:
    digit = input_image.choose()
    if digit is None:
        return
    try:
        outputs = cache.answer("outputs", run, digit.image)
        weights = cache.weights(run)
    except MnistError as error:
        messages.show_error(error)
        return
    rows = summarize(run.spec.network).rows
    names = [row.name for row in rows]
    seen = (run.id, digit.image.tobytes())
    if state.get(_SEEN) not in (None, seen):
        selected_value.start_over(names)
    state.put(_SEEN, seen)
    if state.get(_LAYER) not in names:  # left over from another run
        state.put(_LAYER, names[0])
    at = names.index(state.get(_LAYER, names[0]))
    _strip(run, digit.image, outputs, names[at])
    pixels = digit.image[..., None] / np.float32(255)
    first, *others = sources(rows)[names[at]]
    inputs, *shortcut = (outputs[name] if name else pixels for name in (first, *others))
    output = outputs[names[at]]
    most = max(float(np.abs(values).max()) for values in (inputs, output)) or 1.0
    _whole(rows[at], output, most)
    source = first or "the image"
    calculation.show(run.spec.network, rows[at], weights, inputs, output, source, *shortcut)


def _pictures(outputs: dict[str, np.ndarray], theme: str) -> list[str]:
    hidden = [thumbnails.picture(output, theme) for output in list(outputs.values())[:-1]]
    return [*hidden, thumbnails.bars(outputs["output"])]


def _strip(run: Run, image: np.ndarray, outputs: dict[str, np.ndarray], chosen: str) -> None:
    """Draw the layers from left to right: a picture of the output of each, and its button."""
    theme = st.context.theme.type or "light"
    pictures = cache.layer_pictures(run, image, theme, partial(_pictures, outputs, theme))
    read = int(outputs["output"].argmax())
    share = probability(float(outputs["output"][read]))
    layers = list(zip(summarize(run.spec.network).rows, pictures, strict=True))
    count = side_by_side(len(layers))
    for begin in range(0, len(layers), count):
        few = layers[begin : begin + count]
        lines = max(len(broken(row.name)) for row, _ in few)
        with st.container(horizontal=True, gap=None):
            for row, picture in few:
                caption = format_shape(row.output_shape)
                alt = f"Output of {row.name}, {caption}"
                if row.name == "output":
                    caption = f"{read}: {share}"
                    alt = f"Ten probabilities; the largest is for {read}, {share}"
                with st.container(width=CELL, gap="xxsmall"):
                    st.image(picture, caption, thumbnails.WIDTH, alt=alt)
                    _button(row, row.name == chosen, lines)
                    st.space(4)  # a narrow window wraps the row


def side_by_side(layers: int) -> int:
    """Return the number of layers in each row of the strip: as few rows as fit, all about equal."""
    rows = ceil(layers / (ROW_ON_PHONE if touch.on_phone() else ROW))
    return ceil(layers / rows)


def broken(name: str) -> list[str]:
    """Return a layer's name in lines that fit on its button, broken after "_" where possible."""
    lines = [""]
    for part in re.split(r"(?<=_)(?=\D)", name):
        half = len(part) if len(part) <= LINE else ceil(len(part) / 2)
        for piece in filter(None, (part[:half], part[half:])):
            if len(lines[-1] + piece) <= LINE:
                lines[-1] += piece
            else:
                lines.append(piece)
    return lines


def _button(row: Row, is_chosen: bool, lines: int) -> None:
    """Draw the button that chooses a layer, below its picture. lines: of the highest button."""
    name = "  \n".join([*broken(row.name), *lines * ["\u00a0"]][:lines])
    st.button(
        f":small[{name}]",
        type="primary" if is_chosen else "secondary",
        key=state.key(_LAYER, row.name),
        on_click=state.put,
        args=(_LAYER, row.name),
        width="stretch",
        wrap=True,
    )


def _whole(row: Row, output: np.ndarray, most: float) -> None:
    """Draw all maps or units of a layer; a click selects one for the calculation below.

    most: the end of the color scale, if the maps share one.
    """
    if row.name != "output":
        if output.ndim == 1:
            _vector(row, output, most)
        else:
            tiles = np.moveaxis(output, -1, 0)
            chosen = selected_value.number(row.name, "map", tiles)
            reach = tile_grids.scale("look_maps_scale", SCALE)
            tile_grids.show(row.name, "map", tiles, chosen, reach, f"Maps of {row.name}", most)
    about = ABOUT["output" if row.name == "output" else row.type]
    st.markdown(f"{about} {RELU}" if row.activation == "relu" else about)
    if row.name != "output":
        st.caption(COLORS)


def _vector(row: Row, output: np.ndarray, most: float) -> None:
    values, theme = thumbnails.grid(output), st.context.theme.type
    columns = values.shape[1]
    chosen = selected_value.number(row.name, "unit", output)
    st.caption(f"All {len(output):,} values, {columns} per row.")
    chart.show(
        charts.large(values, theme, most, (*divmod(chosen, columns), 1, 1), rows=False),
        f"The {len(output):,} values of {row.name}",
        state.key("look", row.name, "units"),
        lambda point: selected_value.select(row.name, unit=point["point_index"]),
    )
