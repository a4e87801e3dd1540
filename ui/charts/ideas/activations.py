"""Figures of the idea Activations: curves, slopes, and gradients that shrink with depth."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from mnist_core.network.activations import activation, derivative
from ui.charts import parts, style

REACH = 6.0
"""Curves go from -REACH to REACH."""
_HALF = np.linspace(1e-9, REACH, 150)
GRID = np.concatenate([-_HALF[::-1], [np.nan], _HALF])  # broken at 0, where some slopes jump
TANGENT = 1.2  # half the width of a tangent, in z


def values(names: Sequence[str], z: float) -> go.Figure:
    """Return the curve of each activation, with its tangent at z."""
    data = []
    for name, (color, dash, symbol) in zip(names, style.SERIES, strict=False):
        at, slope = (float(f(name, z)) for f in (activation, derivative))
        ends, pale = np.array([-TANGENT, TANGENT]), style.with_opacity(color, 0.45)
        data += [
            *_curve(name, activation(name, GRID), z, at, (color, dash, symbol)),
            parts.line(z + ends, at + slope * ends, pale, None, width=8, showlegend=False),
        ]
    return _figure(data, 225, "f(z)", [-2.2, 4])


def slopes(names: Sequence[str], z: float) -> go.Figure:
    """Return the derivative of each activation, with its value at z marked."""
    data = []
    for name, look in zip(names, style.SERIES, strict=False):
        data += _curve(name, derivative(name, GRID), z, float(derivative(name, z)), look)
    return _figure(data, 200, "slope f′(z)", [-0.25, 1.9], showlegend=False)


def _curve(
    name: str, y: np.ndarray, z: float, at: float, look: tuple[str, str, str]
) -> list[style.Attributes]:
    """Return a curve over GRID, and its value at z as a point."""
    color, dash, symbol = look
    hover = f"{name}, z = %{{x:.2f}}: %{{y:.4f}}"
    return [
        parts.line(GRID, y, color, hover, dash=dash, name=name),
        parts.points([z], [at], color, hover, symbol=symbol, size=12, showlegend=False),
    ]


def _figure(
    data: list[style.Attributes], height: int, y: str, reach: list[float], showlegend: bool = True
) -> go.Figure:
    x, y_axis = parts.axis("z", range=[-REACH, REACH]), parts.axis(y, range=reach)
    return parts.figure(data, height, x, y_axis, showlegend=showlegend)


def gradients(products: dict[str, np.ndarray], depth: int) -> go.Figure:
    """Return the share of a gradient that is left after each layer, on a logarithmic axis.

    products: absolute values by activation, each (depth,); not all are 0. Zeros are not drawn.
    """
    data, depths = [], np.arange(1, depth + 1)
    for (name, left), (color, dash, symbol) in zip(products.items(), style.SERIES, strict=False):
        left, hover = np.where(left > 0, left, np.nan), f"{name}, layer %{{x}}: %{{y:.3g}}"
        curve = parts.line(depths, left, color, hover, dash=dash, symbol=symbol, name=name)
        data.append(curve | {"showlegend": True})
    shown = [left[left > 0] for left in products.values() if left.any()]
    decades = np.log10([end for left in shown for end in (left.min(), left.max())])
    limits = [min(decades.min(), -1) - 0.3, max(decades.max(), 0) + 0.3]
    ticks = {"exponentformat": "power", "dtick": 1 + int(np.ptp(decades)) // 6}
    return parts.figure(
        data,
        280,
        parts.axis("layers deep", dtick=max(1, depth // 8)),
        parts.axis("share of the gradient", type="log", range=limits, **ticks),
    )
