"""Figure of the idea A short history: three questions about one image."""

import numpy as np
import plotly.graph_objects as go

from mnist_core.teaching.concepts import history
from ui.charts import parts, style


def questions(image: np.ndarray, label: int, height: int = 230) -> go.Figure:
    """Return the image three times: with its label, a box around it, and its pixels of ink.

    image: (28, 28) uint8, ink bright; label: its digit.
    """
    mask = history.ink(image)
    picture = parts.heatmap(image, style.INK, 0, 255)
    found = parts.heatmap(
        mask.astype(int), [(0, style.BLACK), (1, style.RIGHT)], 0, 1, "row %{y}, column %{x}"
    )
    tables = {f"classification: a {label}": picture, "detection": picture, "segmentation": found}
    box = parts.frame(*history.box_around(mask), "2", color=style.RIGHT)
    return parts.side_by_side(tables, (1 / 3,) * 3, height, alike=True, shapes=[box])
