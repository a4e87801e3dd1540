"""Clickable maps and kernels: a grid of tiles in pages, or one large map beside its input."""

from functools import partial

import numpy as np
import streamlit as st

from mnist_core.network.layers import Shape
from ui.charts import feature_maps, style
from ui.charts.tile_grid import WIDTH, Scale, columns_for, tile_grid
from ui.session import state
from ui.views.look import selected_value
from ui.widgets import touch

PAGE = 64
PHONE = 340
"""Width of a tile grid on a phone, in pixels."""


def scale(key: str, words: str) -> Scale:
    """Draw the choice between one scale for all tiles and one for each. words: the help text."""
    chosen = st.segmented_control(
        "Scale",
        ["Shared", "Local"],
        default="Shared",
        required=True,
        key=key,
        persist_state="session",
        help=words,
    )
    return "local" if chosen == "Local" else "shared"


def show(layer: str, axis: str, tiles: np.ndarray, chosen: int, reach: Scale, what: str) -> None:
    """Draw tiles to select from along an axis, see `selection`.

    tiles: (n, h, w); chosen: index of the tile to frame; reach: the color scale; what: the kind of
    tile in the plural, such as "maps".
    """
    first = 0
    if len(tiles) > PAGE:
        first = PAGE * (
            selected_value.page(selected_value.key(layer, f"{axis}_page"), len(tiles), PAGE, chosen)
            - 1
        )
    shown = tiles[first : first + PAGE]
    numbers = range(first, first + len(shown))
    most = np.abs(shown).max(axis=(1, 2))
    key = state.key("look", layer, axis, "wall", first)
    st.plotly_chart(
        tile_grid(
            shown,
            [str(number) for number in numbers],
            st.context.theme.type,
            reach,
            columns=columns_for(len(shown)),
            chosen=chosen - first if chosen in numbers else None,
            hover=[
                f"{axis} {number}: up to {value:.3f}"
                for number, value in zip(numbers, most, strict=True)
            ],
            width=PHONE if touch.on_phone() else WIDTH,
        ),
        key=key,
        on_select=touch.on_select(
            partial(selected_value.on_click, key, partial(_take, layer, axis, first))
        ),
        selection_mode="points",
        alt=f"{what}, {first} to {numbers[-1]} of {len(tiles)}",
        config=style.CONFIG,
    )


def _take(layer: str, axis: str, first: int, point: int) -> None:
    selected_value.select(layer, **{axis: first + point})


def pair(
    layer: str,
    inputs: np.ndarray,
    output: np.ndarray,
    place: Shape,
    box: feature_maps.Box | None,
    channel: int,
    source: str,
) -> None:
    """Draw one channel of the input with the used part framed, and beside it the clickable map."""
    theme = st.context.theme.type
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        title = f"Map {channel} of {source}" if source != "the image" else "The image"
        st.markdown(f"**{title}**: what is used is framed")
        st.plotly_chart(
            feature_maps.large(inputs[..., channel], theme, box, clickable=False),
            key=state.key("look", layer, "input"),
            alt=f"{title} with a frame round what the value is made of",
            config=style.CONFIG,
        )
    if output.ndim == 1:
        return
    key = state.key("look", layer, "large")
    width = output.shape[1]
    with right:
        st.markdown(f"**Map {place[2]} of {layer}**{'' if touch.on_phone() else ': click a value'}")
        st.plotly_chart(
            feature_maps.large(output[..., place[2]], theme, (place[0], place[1], 1, 1)),
            key=key,
            on_select=touch.on_select(
                partial(selected_value.on_click, key, partial(_take_position, layer, width))
            ),
            selection_mode="points",
            alt=f"Map {place[2]} of {layer}, the chosen value framed",
            config=style.CONFIG,
        )


def _take_position(name: str, width: int, point: int) -> None:
    row, column = divmod(point, width)
    selected_value.select(name, row=row, column=column)
