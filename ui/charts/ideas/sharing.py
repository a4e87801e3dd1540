"""The figure of the idea Weight sharing: an image and its maps, before and after a shift."""

import plotly.graph_objects as go

from mnist_core.teaching.concepts.sharing import Layers
from ui.charts import parts, style
from ui.charts.ideas.blocks import SIDE, STEP, Block, figure

HOVER = "%{z:.3~f}"


def shifted(before: Layers, after: Layers, unit: int) -> go.Figure:
    """Return image, map and pooled map, and those of the shifted image below them.

    unit: as `blocks.figure` takes it.
    """
    bright = float(before.edges.max())
    blocks = []
    for row, (name, layers) in enumerate((("image", before), ("shifted", after))):
        pictures = (
            (name, layers.image, 1.0),
            ("map", layers.edges, bright),
            ("pooled", layers.pooled, bright),
        )
        for column, (title, values, most) in enumerate(pictures):
            cells = parts.heatmap(values, style.INK, 0, most, HOVER)
            words = f"{title}, {len(values)} × {len(values)}"
            blocks.append(Block(words, cells, STEP * column, (SIDE + 1.2) * row))
    return figure(blocks, unit)
