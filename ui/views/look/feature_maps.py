"""The tab Feature maps: the output of each layer for one image, and how a value is computed."""

from functools import partial

import numpy as np
import streamlit as st

from mnist_core.evaluation.run import Run
from mnist_core.network.summary import Row, summarize
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import format_shape, percent
from ui.charts import feature_maps as charts
from ui.charts import thumbnails
from ui.charts.layers import KINDS
from ui.session import cache, state
from ui.views.look import calculation, input_image, selected_value, tile_grids
from ui.widgets import chart, controls, gallery, messages

_LAYER = "look_layer"
_SEEN = "look_maps_seen"
SCALE = (
    "Shared: all maps on one scale, so that they can be compared; weak ones look empty. Local: "
    "each map up to its own largest value; a map of next to nothing then looks as lively as a "
    "strong one."
)
ABOUT = {name: kind.about for name, kind in KINDS.items()} | {
    "output": "Ten units, one for each digit. Their sums, the logits, become ten probabilities by "
    "softmax, and the largest one is the answer.",
}

RELU = "ReLU has cut off the blue: nothing below zero is left."


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
    _strip(run, digit.image, outputs)
    names = [row.name for row in rows]
    seen = (run.id, digit.image.tobytes())
    if state.get(_SEEN) not in (None, seen):
        selected_value.start_over(names)
    state.put(_SEEN, seen)
    if state.get(_LAYER) not in names:  # left over from another run
        state.put(_LAYER, names[0])
    name = controls.choice("Layer", names, _LAYER, default=None)
    at = names.index(name or names[0])
    pixels = digit.image[..., None] / np.float32(255)
    inputs = outputs[names[at - 1]] if at else pixels
    _whole(rows[at], outputs[name])
    source = names[at - 1] if at else "the image"
    calculation.show(run.spec.network, rows[at], weights, inputs, outputs[name], source)


def _pictures(outputs: dict[str, np.ndarray], theme: str) -> list[str]:
    hidden = [thumbnails.picture(output, theme) for output in list(outputs.values())[:-1]]
    return [*hidden, thumbnails.bars(outputs["output"])]


def _strip(run: Run, image: np.ndarray, outputs: dict[str, np.ndarray]) -> None:
    """Draw the layers from left to right, a small picture for the output of each."""
    theme = st.context.theme.type or "light"
    rows = summarize(run.spec.network).rows
    layers = cache.layer_pictures(run, image, theme, partial(_pictures, outputs, theme))
    images = [gallery.enlarge(image), *layers]
    captions, alts = ["**image**  \n28 × 28"], ["The image"]
    for row in rows:
        activation = f", {row.activation}" if row.activation not in ("", "linear") else ""
        name = row.name.replace("_", "_\N{ZERO WIDTH SPACE}")  # long names may wrap there
        captions.append(f"**{name}**  \n{format_shape(row.output_shape)}{activation}")
        alts.append(f"Output of {row.name}, {format_shape(row.output_shape)}")
    read = int(outputs["output"].argmax())
    share = percent(float(outputs["output"][read]), 0)
    captions[-1] = f"**output**, softmax  \n{read}: {share}"
    alts[-1] = f"Ten probabilities; the largest is that of {read}, {share}"
    with st.container(horizontal=True, gap="xsmall"):
        for picture, caption, alt in zip(images, captions, alts, strict=True):
            st.image(picture, caption, thumbnails.WIDTH, alt=alt)
    st.caption(
        "From the image to the answer, layer by layer; at most 16 maps of a layer are shown. Red "
        "is above zero, blue below, and the colour of an empty map is zero; each layer has its own "
        "scale."
    )


def _whole(row: Row, output: np.ndarray) -> None:
    """Draw all maps or units of a layer; a click selects one for the calculation below."""
    about = ABOUT["output" if row.name == "output" else row.type]
    st.markdown(f"{about} {RELU}" if row.activation == "relu" else about)
    if row.name == "output":
        return
    if output.ndim == 1:
        _vector(row, output, st.context.theme.type)
        return
    tiles = np.moveaxis(output, -1, 0)
    chosen = selected_value.number(row.name, "map", tiles)
    reach = tile_grids.scale("look_maps_scale", SCALE)
    tile_grids.show(row.name, "map", tiles, chosen, reach, f"Maps of {row.name}")


def _vector(row: Row, output: np.ndarray, theme: str | None) -> None:
    values = thumbnails.grid(output)
    columns = values.shape[1]
    chosen = selected_value.number(row.name, "unit", output)
    st.caption(f"All {len(output):,} values, row by row, {columns} in each row.")
    chart.show(
        charts.large(values, theme, (*divmod(chosen, columns), 1, 1), rows=False),
        f"The {len(output):,} values of {row.name}",
        state.key("look", row.name, "units"),
        lambda point: selected_value.select(row.name, unit=point["point_index"]),
    )
