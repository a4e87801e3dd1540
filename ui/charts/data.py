"""Figures of the page Data."""

import numpy as np
import plotly.graph_objects as go

from mnist_core.dataset.samples import GreyLevels, Part
from ui.charts import parts, style

PATTERNS = {  # so that parts differ by more than color
    "training": (style.TRAINING, ""),
    "validation": (style.VALIDATION, "/"),
    "test": (style.NEUTRAL, "x"),
}
"""Color and pattern of each part of the data."""


def balance(split: tuple[Part, ...]) -> go.Figure:
    """Return the share of each digit in each part that is not empty; counts show on hover."""
    data = []
    for part in split:
        if len(part.rows):
            color, pattern = PATTERNS[part.name]
            bars = parts.bars(parts.DIGITS, part.counts / len(part.rows), color, pattern=pattern)
            hover = "digit %{x}: %{customdata:,} images, %{y:.2%}"
            about = {"name": part.name, "customdata": part.counts, "hovertemplate": hover}
            data.append(bars | about)
    return parts.figure(
        data,
        340,
        parts.axis("digit", type="category", fixedrange=False),
        parts.axis("share of the part", tickformat=".0%", fixedrange=False),
    )


def grey_levels(levels: GreyLevels) -> go.Figure:
    """Return the histogram of gray levels, on a logarithmic scale."""
    marker = {"color": style.TRAINING, "line": {"width": 0}}
    hover = "level %{x}: %{y:,} pixels"
    bars = parts.bars(np.arange(256), levels.counts, style.TRAINING, hover, marker=marker)
    y = {"type": "log", "dtick": 1, "exponentformat": "SI", "fixedrange": False}
    return parts.figure(
        [bars],
        340,
        parts.axis("gray level, as stored", fixedrange=False),
        parts.axis("pixels (log scale)", **y),
        bargap=0,
    )
