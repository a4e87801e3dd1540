"""Figure of the idea Initialization: the spread of activations and gradients by layer."""

import numpy as np
import plotly.graph_objects as go

from mnist_core.teaching.concepts.initialization import HIDDEN, Signal
from ui.charts import parts, style

IN, OUT = 0, HIDDEN + 1
"""Places of the pixels and of the output layer on the axes of layers."""
PANELS = (("Spread of activations", 0.22), ("Spread of gradients", 0.78))
"""Titles, and their places in shares of the width."""


def spreads(signals: dict[str, Signal], chosen: str) -> go.Figure:
    """Return the standard deviations by layer, side by side, with the chosen lines in front.

    signals: by initialization. Spreads of 0 have no place on the logarithmic axes.
    """
    outputs = {name: signal.outputs for name, signal in signals.items()}
    gradients = {name: signal.gradients for name, signal in signals.items()}
    data = []
    for axis, first, spreads, what in (
        ("", IN, outputs, "activations"),
        ("2", 1, gradients, "gradients"),
    ):
        for (name, values), look in zip(spreads.items(), style.SERIES, strict=True):
            trace = _line(name, values, first, look, what, name == chosen)
            data.append(trace | {"xaxis": f"x{axis}", "yaxis": f"y{axis}", "showlegend": not axis})
    ticks = [IN, *range(1, OUT + 1)]
    names = ["in", *map(str, range(1, OUT)), "out"]
    layers = {"tickvals": ticks, "ticktext": names, "zeroline": False}
    titles = (parts.note(title, x, 1) for title, x in PANELS)
    place = {"xref": "paper", "yref": "paper", "xanchor": "center", "yanchor": "bottom"}
    place |= {"font": {"size": 14}}
    return parts.figure(
        data,
        370,
        parts.axis("layer", domain=[0, 0.44], range=[IN - 0.3, HIDDEN + 0.3], **layers),
        _spread_axis(outputs, anchor="x"),
        legend={"y": -0.22, "yanchor": "top"},
        margin={"t": 28},
        xaxis2=parts.axis("layer", domain=[0.56, 1], range=[0.7, OUT + 0.3], anchor="y2", **layers),
        yaxis2=_spread_axis(gradients, anchor="x2"),
        annotations=[title | place for title in titles],
    )


def _line(
    name: str, values: np.ndarray, first: int, look: style.Look, what: str, chosen: bool
) -> style.Attributes:
    """Return the spreads of one initialization over the layers. first: place of the first one."""
    color, dash, symbol = look
    layers = np.arange(first, first + len(values))
    drawn = np.where(values > 0, values, np.nan)
    return parts.line(
        layers,
        drawn,
        color,
        f"{name}, layer %{{x}}: {what} %{{y:.2g}}",
        dash=dash,
        width=4 if chosen else 1.5,
        symbol=symbol,
        size=9 if chosen else 5,
        opacity=1 if chosen else 0.5,
        zorder=int(chosen),
        name=f"<b>{name}</b>" if chosen else name,
    )


def _spread_axis(spreads: dict[str, np.ndarray], anchor: str) -> style.Attributes:
    """Return a logarithmic axis that holds all spreads but those of 0."""
    values = np.concatenate(list(spreads.values()))
    low, high = np.log10(values[values > 0].min()), np.log10(values.max())
    ticks = {"exponentformat": "power", "dtick": 1 + int(high - low) // 6}
    limits = [low - 0.5, high + 0.5]
    return parts.axis(type="log", range=limits, anchor=anchor, **ticks)
