"""Figures of the page Data."""

import numpy as np
import plotly.graph_objects as go

from mnist_core.dataset.samples import GreyLevels, Part
from ui.charts import style

_LOOKS = {  # color and pattern, so that parts differ by more than color
    "training": (style.TRAINING, ""),
    "validation": (style.VALIDATION, "/"),
    "test": (style.NEUTRAL, "x"),
}


def balance(parts: tuple[Part, ...]) -> go.Figure:
    """Return the share of each digit in each part that is not empty; counts show on hover."""
    figure = go.Figure()
    for part in parts:
        if not len(part.rows):
            continue
        color, pattern = _LOOKS[part.name]
        figure.add_bar(
            x=[str(digit) for digit in range(10)],
            y=part.counts / len(part.rows),
            customdata=part.counts,
            name=part.name,
            marker={"color": color, "pattern": {"shape": pattern, "fillmode": "overlay"}},
            hovertemplate="digit %{x}: %{customdata:,} images, %{y:.2%}",
        )
    figure = style.finish(figure, 340, "digit", "share of the part")
    return figure.update_xaxes(type="category").update_yaxes(tickformat=".0%")


def grey_levels(levels: GreyLevels) -> go.Figure:
    """Return the histogram of gray levels, on a logarithmic scale."""
    bars = go.Bar(
        x=np.arange(256),
        y=levels.counts,
        marker={"color": style.TRAINING, "line": {"width": 0}},
        hovertemplate="level %{x}: %{y:,} pixels<extra></extra>",
    )
    figure = style.finish(go.Figure(bars), 340, "grey level, as stored", "pixels (log scale)")
    figure.update_layout(bargap=0)
    return figure.update_yaxes(type="log", dtick=1, exponentformat="SI")
