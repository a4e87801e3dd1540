"""A wall of maps or kernels in pages; a click on one chooses it."""

from functools import partial

import numpy as np
import streamlit as st

from ui.charts import style
from ui.charts.wall import Scale, fitting, wall
from ui.look import places

PAGE = 64


def scale(key: str, words: str) -> Scale:
    """The choice of one scale for all tiles, or one for each. words: what either hides."""
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
    """Tiles by their numbers along an axis of `places`. tiles: (n, h, w); what: such as "maps"."""
    first = 0
    if len(tiles) > PAGE:
        first = PAGE * (places.page(f"look_{layer}_{axis}_page", len(tiles), PAGE, chosen) - 1)
    shown = tiles[first : first + PAGE]
    numbers = range(first, first + len(shown))
    most = np.abs(shown).max(axis=(1, 2))
    key = f"look_{layer}_{axis}_wall_{first}"
    st.plotly_chart(
        wall(
            shown,
            [str(number) for number in numbers],
            st.context.theme.type,
            reach,
            columns=fitting(len(shown)),
            chosen=chosen - first if chosen in numbers else None,
            hover=[
                f"{axis} {number}: up to {value:.3f}"
                for number, value in zip(numbers, most, strict=True)
            ],
        ),
        key=key,
        on_select=partial(places.take, key, partial(_take, layer, axis, first)),
        selection_mode="points",
        alt=f"{what}, {first} to {numbers[-1]} of {len(tiles)}",
        config=style.CONFIG,
    )


def _take(layer: str, axis: str, first: int, point: int) -> None:
    places.put(layer, **{axis: first + point})
