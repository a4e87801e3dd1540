"""Figure of the idea Transfer learning."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from mnist_core.teaching.concepts.transfer import Curve
from ui.charts import parts, style


def runs(curves: Mapping[str, Curve]) -> go.Figure:
    """Return the mean accuracy by epoch of each start, by its name, in one figure."""
    data = []
    for (name, curve), (color, dash, symbol) in zip(curves.items(), style.SERIES, strict=False):
        epochs = np.arange(1, len(curve.mean) + 1)
        look = {"dash": dash, "symbol": symbol, "size": 6, "name": name}
        data.append(parts.line(epochs, curve.mean, color, **look))
    last = max(len(curve.mean) for curve in curves.values())
    return parts.figure(
        data,
        330,
        parts.axis("epoch", range=[0.5, last + 0.5]),
        parts.axis("accuracy on 5 to 9", range=[0, 1], tickformat=".0%"),
        hovermode="x unified",
    )
