"""A run at one epoch: the filters of its first layer, and the epoch on the learning curves."""

import numpy as np
import plotly.graph_objects as go

from mnist_core.evaluation.history import Epoch
from ui.charts import parts, training
from ui.charts.tile_grid import columns_for, tile_grid

MOST = 64  # filters in one figure; more would be too small to tell apart


def filters(kernel: np.ndarray, top: float, theme: str | None, width: int) -> go.Figure:
    """Return the weights of each filter for its first input channel, on a scale from -top to +top.

    kernel: (k, k, channels, filters); theme: `st.context.theme.type`; width: in pixels.
    """
    tiles = np.moveaxis(kernel[:, :, 0, :MOST], -1, 0).astype(np.float32)
    hover = [
        f"filter {number}: {tile.min():+.2f} to {tile.max():+.2f}"
        for number, tile in enumerate(tiles)
    ]
    names = [str(number) for number in range(len(tiles))]
    columns = columns_for(len(tiles), width)
    return tile_grid(tiles, names, theme, columns=columns, top=top, hover=hover, width=width)


def accuracies(epochs: list[Epoch], number: int) -> go.Figure:
    """Return training and validation accuracy over all epochs, with a line at epoch `number`.

    number: from 1.
    """
    figure = training.curves("accuracy", epochs, np.zeros(0, np.float32), 0, None)
    ends = {"range": [0.5, len(epochs) + 0.5], "dtick": max(1, len(epochs) // 10)}
    figure.update_layout(height=220, shapes=[parts.vertical(number)])
    figure.update_xaxes(fixedrange=True, **ends)
    return figure.update_yaxes(fixedrange=True, tickformat=".1%")
