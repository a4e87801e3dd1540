"""The figure that compares cross-entropy with squared error, of the idea Cross-entropy."""

import numpy as np
import plotly.graph_objects as go

from mnist_core.teaching.concepts.squared_error import cross_entropy_slope, squared_error_slope
from ui.charts import parts, style

REACH = 8
"""The largest lead of a logit that is drawn, up and down."""


def slopes(z: float) -> go.Figure:
    """Return the size of both gradients over the lead of the right logit, marked at z."""
    leads, data = np.linspace(-REACH, REACH, 161), []
    for name, slope, (color, dash, symbol) in (
        ("cross-entropy", cross_entropy_slope, style.SERIES[0]),
        ("squared error", squared_error_slope, style.SERIES[1]),
    ):
        hover = f"z = %{{x:.2f}}: {name} %{{y:.4f}}"
        now = abs(float(slope(np.array(z))))
        data += [
            parts.line(leads, np.abs(slope(leads)), color, hover, dash=dash, name=name),
            parts.points([z], [now], color, hover, symbol=symbol, size=13, showlegend=False),
        ]
    return parts.figure(
        data,
        260,
        parts.axis("lead z of the right digit's logit"),
        parts.axis("size of the gradient", range=[-0.05, 1.08], tickvals=[0, 0.5, 1]),
        shapes=[parts.vertical(z, dash="dot")],
    )
