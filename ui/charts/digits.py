"""The two figures that many pages show: the ten probabilities, and the pixels of an image."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from mnist_core.utils.text import short_percent
from ui.charts import parts, style
from ui.charts.style import Attributes


def probabilities(values: np.ndarray, chosen: int | None = None) -> go.Figure:
    """Return a bar chart of the ten class probabilities, in the order 0 to 9.

    values: (10,) in [0, 1]; bars of 5 % or more carry their number; chosen: the digit to highlight.
    """
    labels = [short_percent(float(value), 0) if value >= 0.05 else "" for value in values]
    colors = parts.highlighted(10, chosen)
    return parts.figure(
        [parts.bars(parts.DIGITS, values, colors, "digit %{x}: %{y:.2%}", labels)],
        260,
        parts.axis("digit", type="category"),
        parts.axis("probability", range=[0, 1.12], tickformat=".0%", tickvals=[0, 0.5, 1]),
    )


def pixels(image: np.ndarray, height: int = 420, frames: Sequence[Attributes] = ()) -> go.Figure:
    """Return an image that shows its values on hover.

    image: (28, 28), uint8 from 0 to 255 or float from 0 to 1, ink bright; frames: around some of
    its cells, which then keep their place.
    """
    common = {"constrain": "domain", "fixedrange": bool(frames)}
    return parts.figure(
        [parts.heatmap(image, style.INK, 0, 255 if image.dtype == "uint8" else 1)],
        height,
        parts.axis("column", side="top", **common),
        parts.axis("row", autorange="reversed", scaleanchor="x", **common),
        shapes=list(frames),
    )
