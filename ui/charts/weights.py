"""Weights or gradients of a run: the spread of each layer, and a layer's histograms by epoch."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from mnist_core.evaluation.histograms import Histograms
from ui.charts import parts, style

HEIGHT = 350
RIDGES = 12
"""The most histograms in one figure."""
TALL = 1.7
"""The height of a histogram, in distances from one to the next."""


def title(epoch: int) -> str:
    """Return when the histograms of an epoch were taken; 0 is before training."""
    return f"after epoch {epoch}" if epoch else "before training"


def spreads(layers: Sequence[str], found: dict[int, Histograms]) -> go.Figure:
    """Return the standard deviations of all layers: first, one epoch later, and last.

    found: by epoch, 0 before training. Spreads of 0 have no place on the logarithmic axis.
    """
    epochs, data = sorted(found), []
    shown = sorted({*epochs[:2], epochs[-1]})
    for epoch, (color, dash, symbol) in zip(shown, style.SERIES, strict=False):
        values = found[epoch].spreads
        drawn = np.where(values > 0, values, np.nan)
        hover = f"%{{x}}, {title(epoch)}: %{{y:.2g}}"
        line = parts.line(list(layers), drawn, color, hover, dash=dash, symbol=symbol)
        data.append(line | {"name": title(epoch)})
    values = np.concatenate([found[epoch].spreads for epoch in shown])
    return parts.figure(
        data,
        HEIGHT,
        parts.axis(type="category"),
        parts.axis("log scale", type="log", **_ticks(values[values > 0])),
        showlegend=True,
    )


def _ticks(values: np.ndarray) -> style.Attributes:
    """Return ticks at powers of ten, or over less than two decades at 1, 2 and 5 times these."""
    decades = np.log10(values) if values.size else np.zeros(1)
    reach = float(np.ptp(decades))
    if reach >= 2:
        return {"exponentformat": "power", "dtick": 1 + int(reach) // 6}
    powers = range(int(np.floor(decades.min())), int(np.ceil(decades.max())) + 1)
    ticks = [digit * 10.0**power for power in powers for digit in (1, 2, 5)]
    return {"tickvals": ticks, "ticktext": [f"{tick:g}" for tick in ticks]}


def ridges(found: dict[int, Histograms], layer: int, what: str) -> go.Figure:
    """Return the histograms of a layer, later epochs in front of earlier ones, equally high.

    found: by epoch, 0 before training; layer: its number, from 0; what: title of the axis.
    """
    epochs, data = some(sorted(found)), []
    for row, epoch in enumerate(epochs):
        counts, middles = found[epoch].counts[layer], found[epoch].middles(layer)
        low, high = found[epoch].ends[layer].tolist()
        tops = row - TALL * counts / max(int(counts.max()), 1)
        color = style.TRAINING if epoch else style.NEUTRAL
        fill = {"fill": "toself", "fillcolor": style.with_opacity(color, 0.35)}
        x, y = [low, *middles, high], [row, *tops, row]
        hover = f"{title(epoch)}: %{{x:.3g}}"
        data.append(parts.line(x, y, color, hover, width=1.5, hoveron="points") | fill)
    return parts.figure(
        data,
        HEIGHT,
        parts.axis(what, exponentformat="power", nticks=7),
        parts.axis(
            "epoch",
            range=[len(epochs) - 0.8, -TALL - 0.1],
            zeroline=False,
            tickvals=list(range(len(epochs))),
            ticktext=[str(epoch) if epoch else "start" for epoch in epochs],
        ),
        showlegend=False,
    )


def some(epochs: Sequence[int]) -> list[int]:
    """Return all epochs, or RIDGES of them, evenly spread, with the first and the last one."""
    places = np.linspace(0, len(epochs) - 1, min(RIDGES, len(epochs))).round().astype(int)
    return [epochs[place] for place in places]
