"""Clickable maps and kernels: a grid of tiles in pages, or one large map beside its input."""

from functools import partial

import numpy as np
import streamlit as st

from mnist_core.network.layers import Shape
from ui.charts import feature_maps
from ui.charts.tile_grid import WIDTH, Scale, columns_for, tile_grid
from ui.session import state
from ui.views.look import selected_value
from ui.widgets import chart, controls, gallery, touch

PAGE = 64
PHONE = 340
"""Width of a tile grid on a phone, in pixels."""


def scale(key: str, words: str) -> Scale:
    """Draw the choice between one scale for all tiles and one for each. words: the help text."""
    scales = ["Shared", "Local"]
    chosen = controls.in_line(controls.choice, "Scale", scales, key, help=words)
    return "local" if chosen == "Local" else "shared"


def show(
    layer: str,
    axis: str,
    tiles: np.ndarray,
    chosen: int,
    reach: Scale,
    what: str,
    most: float | None = None,
    width: int = WIDTH,
) -> None:
    """Draw tiles to select from along an axis, see `selected_value`.

    tiles: (n, h, w); chosen: index of the tile to frame; reach: the color scale; what: the kind of
    tile in the plural, such as "maps"; most: end of a shared color scale, by default the largest
    value; width: of the grid in pixels, except on a phone.
    """
    key = selected_value.key(layer, f"{axis}_page")
    numbers = range(len(tiles))[gallery.page(len(tiles), PAGE, key, chosen)]
    first, shown = numbers[0], tiles[numbers[0] : numbers[-1] + 1]
    width = PHONE if touch.on_phone() else width
    largest = np.abs(shown).max(axis=(1, 2))
    chart.show(
        tile_grid(
            shown,
            [str(number) for number in numbers],
            st.context.theme.type,
            reach,
            columns=columns_for(len(shown), width),
            chosen=chosen - first if chosen in numbers else None,
            top=most if reach == "shared" else None,
            hover=[
                f"{axis} {number}: up to {value:.3f}"
                for number, value in zip(numbers, largest, strict=True)
            ],
            width=width,
        ),
        f"{what}, {first} to {numbers[-1]} of {len(tiles)}",
        state.key("look", layer, axis, "wall", first),
        lambda point: selected_value.select(layer, **{axis: first + point["point_index"]}),
    )


def pair(
    layer: str,
    inputs: np.ndarray,
    output: np.ndarray,
    place: Shape,
    box: feature_maps.Box | None,
    channel: int,
    source: str,
) -> None:
    """Draw one channel of the input with the used part framed, and beside it the clickable map.

    Both share one color scale, which fits all values of the layer and of its input.
    """
    theme = st.context.theme.type
    most = max(float(np.abs(values).max()) for values in (inputs, output)) or 1.0
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        title = f"Map {channel} of {source}" if source != "the image" else "The image"
        st.markdown(f"**{title}**: the used part is framed")
        chart.show(
            feature_maps.large(inputs[..., channel], theme, most, box, clickable=False),
            f"{title} with a frame around the inputs of the chosen value",
            state.key("look", layer, "input"),
        )
    if output.ndim == 1:
        return
    with right:
        st.markdown(
            f"**Map {place[2]} of {layer}**{'' if touch.by_finger() else ': click a value'}"
        )
        chart.show(
            feature_maps.large(output[..., place[2]], theme, most, (place[0], place[1], 1, 1)),
            f"Map {place[2]} of {layer}, the chosen value framed",
            state.key("look", layer, "large"),
            partial(_take_place, layer),
        )


def _take_place(layer: str, point: state.Point) -> None:
    """Select the clicked place of a map."""
    if isinstance(point["y"], int | float) and isinstance(point["x"], int | float):
        selected_value.select(layer, row=int(point["y"]), column=int(point["x"]))
