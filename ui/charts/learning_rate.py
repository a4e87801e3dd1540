"""Figure of a learning-rate range test: loss against learning rate."""

import numpy as np
import plotly.graph_objects as go

from mnist_core.network.layers import CLASSES
from mnist_core.training.learning_rate_finder import TOO_HIGH, Curve
from ui.charts import parts, style

MARKS = {"steepest": ("triangle-down", style.RIGHT), "tenth": ("diamond", style.VALIDATION)}
"""Symbol and color of each suggestion, by its name in `learning_rate_finder.Suggestion`."""
_HOVER = "learning rate %{x:.2g}: loss %{y:.3f}"


def curve(found: Curve, peak: float, marks: dict[str, float], chosen: float | None) -> go.Figure:
    """Return loss over the learning rate: faint for each batch, smoothed, and the suggestions.

    peak: the highest rate of the test; marks: suggested rates by their names in MARKS; chosen:
    the rate to mark with a line.
    """
    thin = {"name": "each batch", "width": 1, "opacity": 0.35}
    data = [
        parts.line(found.rates, found.loss, style.TRAINING, _HOVER, **thin),
        parts.line(found.rates, found.smoothed, style.TRAINING, _HOVER, name="smoothed"),
        *(_mark(name, rate, found) for name, rate in marks.items()),
    ]
    ends = [float(np.log10(rate)) for rate in (found.rates[0], peak)]
    return parts.figure(
        data,
        360,
        parts.axis("learning rate", type="log", range=ends, exponentformat="power", dtick=1),
        parts.axis("loss", range=[0, _top(found)]),
        uirevision="rate",
        shapes=[parts.vertical(chosen, dash="dot")] if chosen else [],
    )


def _top(found: Curve) -> float:
    """Return the upper limit of the loss axis, which cuts off the loss where it diverges."""
    least = float(found.smoothed.min(initial=np.log(CLASSES)))
    first = float(found.smoothed[:10].max(initial=least))
    return max(1.25 * first, 1.2 * TOO_HIGH * least) if found.ended else 1.25 * first


def _mark(name: str, rate: float, found: Curve) -> style.Attributes:
    symbol, color = MARKS[name]
    at = [int(np.abs(np.log(found.rates) - np.log(rate)).argmin())]
    dot = parts.points(
        found.rates[at], found.smoothed[at], color, _HOVER, symbol=symbol, name=f"{rate:.2g}"
    )
    dot["marker"] |= {"size": 13, "line": {"color": "white", "width": 1}}
    return dot
