"""Figure of a learning-rate range test: loss against learning rate."""

import numpy as np
import plotly.graph_objects as go

from mnist_core.network.layers import CLASSES
from mnist_core.training.learning_rate_finder import TOO_HIGH, Curve
from ui.charts import style

MARKS = {"steepest": ("triangle-down", style.RIGHT), "tenth": ("diamond", style.VALIDATION)}
"""Symbol and color of each suggestion, by its name in `learning_rate_finder.Suggestion`."""


def curve(found: Curve, peak: float, marks: dict[str, float], chosen: float | None) -> go.Figure:
    """Return loss over the learning rate: faint for each batch, smoothed, and the suggestions.

    peak: the highest rate of the test; marks: suggested rates by their names in MARKS; chosen:
    the rate to mark with a line.
    """
    layout: style.Attributes = style.layout(360, "learning rate", "loss") | {"uirevision": "rate"}
    layout["xaxis"] |= {
        "type": "log",
        "range": [float(np.log10(found.rates[0])), float(np.log10(peak))],
        "exponentformat": "power",
        "dtick": 1,
        "fixedrange": True,
    }
    layout["yaxis"] |= {"range": [0, _top(found)], "fixedrange": True}
    if chosen:
        layout["shapes"] = [_line(chosen)]
    data = [
        _curve("each batch", found.rates, found.loss, width=1, opacity=0.35),
        _curve("smoothed", found.rates, found.smoothed, width=2.5, opacity=1),
        *(_mark(name, rate, found) for name, rate in marks.items()),
    ]
    return go.Figure({"data": data, "layout": layout})


def _top(found: Curve) -> float:
    """Return the upper limit of the loss axis, which cuts off the loss where it diverges."""
    least = float(found.smoothed.min(initial=np.log(CLASSES)))
    first = float(found.smoothed[:10].max(initial=least))
    return max(1.25 * first, 1.2 * TOO_HIGH * least) if found.ended else 1.25 * first


def _curve(
    name: str, rates: np.ndarray, loss: np.ndarray, width: float, opacity: float
) -> dict[str, object]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": rates,
        "y": loss,
        "line": {"color": style.TRAINING, "width": width},
        "opacity": opacity,
        "hovertemplate": "learning rate %{x:.2g}: loss %{y:.3f}<extra></extra>",
    }


def _mark(name: str, rate: float, found: Curve) -> dict[str, object]:
    symbol, color = MARKS[name]
    at = int(np.abs(np.log(found.rates) - np.log(rate)).argmin())
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{rate:.2g}",
        "x": found.rates[[at]],
        "y": found.smoothed[[at]],
        "marker": {
            "symbol": symbol,
            "color": color,
            "size": 13,
            "line": {"color": "white", "width": 1},
        },
        "hovertemplate": "learning rate %{x:.2g}: loss %{y:.3f}<extra></extra>",
    }


def _line(rate: float) -> dict[str, object]:
    line = {"color": style.NEUTRAL, "dash": "dot"}
    ends = {"x0": rate, "x1": rate, "y0": 0, "y1": 1, "yref": "paper"}
    return {"type": "line", "line": line} | ends
