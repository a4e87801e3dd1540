"""The first layer's filters at one epoch of a run."""

import numpy as np
import plotly.graph_objects as go

from ui.charts.wall import wall

MOST = 64  # filters; more cannot be told apart


def filters(kernel: np.ndarray, top: float, theme: str | None) -> go.Figure:
    """Each filter's weights for its first input channel, on a scale from -top to +top.

    kernel: (k, k, channels, filters); theme: `st.context.theme.type`.
    """
    tiles = np.moveaxis(kernel[:, :, 0, :MOST], -1, 0).astype(np.float32)
    names = [str(number) for number in range(1, len(tiles) + 1)]
    hover = [
        f"filter {name}: {tile.min():+.2f} to {tile.max():+.2f}"
        for name, tile in zip(names, tiles, strict=True)
    ]
    return wall(tiles, names, theme, columns=4 if len(tiles) <= 8 else 8, top=top, hover=hover)
