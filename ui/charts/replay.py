"""A run at one epoch: the filters of its first layer, and the epoch on the learning curves."""

import numpy as np
import plotly.graph_objects as go

from mnist_core.evaluation.history import Epoch
from ui.charts import style, training
from ui.charts.tile_grid import tile_grid

MOST = 64  # filters in one figure; more would be too small to tell apart


def filters(kernel: np.ndarray, top: float, theme: str | None) -> go.Figure:
    """Return the weights of each filter for its first input channel, on a scale from -top to +top.

    kernel: (k, k, channels, filters); theme: `st.context.theme.type`.
    """
    tiles = np.moveaxis(kernel[:, :, 0, :MOST], -1, 0).astype(np.float32)
    names = [str(number) for number in range(len(tiles))]
    hover = [
        f"filter {name}: {tile.min():+.2f} to {tile.max():+.2f}"
        for name, tile in zip(names, tiles, strict=True)
    ]
    return tile_grid(tiles, names, theme, columns=4 if len(tiles) <= 8 else 8, top=top, hover=hover)


def accuracies(epochs: list[Epoch], number: int) -> go.Figure:
    """Return training and validation accuracy over all epochs, with a line at epoch `number`.

    number: from 1.
    """
    figure = training.curves("accuracy", epochs, np.zeros(0, np.float32), 0, None)
    line = {"color": style.NEUTRAL, "dash": "dash", "width": 2}
    ends = {"x0": number, "x1": number, "y0": 0, "y1": 1, "yref": "paper"}
    axis = {"range": [0.5, len(epochs) + 0.5], "dtick": max(1, len(epochs) // 10)}
    fixed = {"fixedrange": True}
    return figure.update_layout(
        {
            "height": 220,
            "shapes": [{"type": "line", "line": line} | ends],
            "xaxis": axis | fixed,
            "yaxis": {"tickformat": ".1%"} | fixed,
        }
    )
