"""Figures of the data page."""

import numpy as np
import plotly.graph_objects as go

from mnist_core.dataset.samples import GreyLevels, Part
from ui.charts import style

_LOOKS = {  # pattern beside colour, so that nobody must tell parts by colour alone
    "training": (style.TRAINING, ""),
    "validation": (style.VALIDATION, "/"),
    "test": (style.NEUTRAL, "x"),
}


def balance(parts: tuple[Part, ...]) -> go.Figure:
    """Each digit's share of every part that is not empty; counts on hover."""
    figure = go.Figure()
    for part in parts:
        if not len(part.rows):
            continue
        colour, pattern = _LOOKS[part.name]
        figure.add_bar(
            x=[str(digit) for digit in range(10)],
            y=part.counts / len(part.rows),
            customdata=part.counts,
            name=part.name,
            marker={"color": colour, "pattern": {"shape": pattern, "fillmode": "overlay"}},
            hovertemplate="digit %{x}: %{customdata:,} images, %{y:.2%}",
        )
    figure = style.finish(figure, 340, "digit", "share of the part")
    return figure.update_xaxes(type="category").update_yaxes(tickformat=".0%")


def grey_levels(levels: GreyLevels) -> go.Figure:
    """How often each grey level occurs, on a logarithmic scale."""
    bars = go.Bar(
        x=np.arange(256),
        y=levels.counts,
        marker={"color": style.TRAINING, "line": {"width": 0}},
        hovertemplate="level %{x}: %{y:,} pixels<extra></extra>",
    )
    figure = style.finish(go.Figure(bars), 340, "grey level, as stored", "pixels (log scale)")
    figure.update_layout(bargap=0)
    return figure.update_yaxes(type="log", dtick=1, exponentformat="SI")
