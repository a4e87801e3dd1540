"""Figure of the images that activate a feature map most, each with a frame around its patch."""

import numpy as np
import plotly.graph_objects as go

from mnist_core.dataset.mnist import SIDE
from mnist_core.network.receptive_field import Span
from ui.charts import parts, style, tile_grid

NAME = 6  # cells for the name above an image

Patch = tuple[Span, Span]
"""The rows and columns of the pixels behind a value."""


def top_patches(
    images: np.ndarray, names: list[str], patches: list[Patch], columns: int, height: int
) -> go.Figure:
    """Return images row by row, each under its name and with a frame around its patch.

    images: uint8 (n, 28, 28), ink bright; height: in pixels. A patch that lies on padding alone has
    no frame.
    """
    canvas, corners = tile_grid.arrange(images.astype(np.float32), columns, 2, NAME)
    frames = [
        parts.frame(
            top + rows.first,
            left + columns.first,
            rows.last - rows.first + 1,
            columns.last - columns.first + 1,
        )
        for (top, left), (rows, columns) in zip(corners, patches, strict=True)
        if rows.last >= rows.first and columns.last >= columns.first
    ]
    high, wide = canvas.shape
    notes, targets = tile_grid.names_and_targets(corners, (SIDE, SIDE), names, names, {})
    return parts.figure(
        [parts.picture(canvas, [(0, style.BLACK), (1, style.WHITE)], 0, 255), targets],
        height,
        parts.HIDDEN | {"range": [-0.5, wide - 0.5]},
        parts.HIDDEN | {"range": [high - 0.5, -0.5], "scaleanchor": "x", "constraintoward": "top"},
        margin={"t": 4},
        hoverdistance=-1,
        showlegend=False,
        annotations=notes,
        shapes=frames,
    )
