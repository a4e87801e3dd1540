"""Figures of the idea Activations: curves, slopes, and gradients that shrink with depth."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from mnist_core.network.activations import activation, derivative
from ui.charts import style

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
        ends = np.array([-TANGENT, TANGENT])
        data += [
            _curve(name, activation(name, GRID), color, dash),
            _dot(name, z, at, color, symbol),
            {"type": "scatter", "x": z + ends, "y": at + slope * ends, "mode": "lines"}
            | {"line": {"color": style.with_opacity(color, 0.45), "width": 8}, "hoverinfo": "skip"}
            | {"showlegend": False},
        ]
    return _figure(data, "f(z)", [-2.2, 4])


def slopes(names: Sequence[str], z: float) -> go.Figure:
    """Return the derivative of each activation, with its value at z marked."""
    data = []
    for name, (color, dash, symbol) in zip(names, style.SERIES, strict=False):
        data += [
            _curve(name, derivative(name, GRID), color, dash),
            _dot(name, z, float(derivative(name, z)), color, symbol),
        ]
    return _figure(data, "derivative f′(z)", [-0.25, 1.9])


def _curve(name: str, y: np.ndarray, color: str, dash: str) -> dict[str, object]:
    line = {"color": color, "dash": dash, "width": 2.5}
    return {
        "type": "scatter",
        "x": GRID,
        "y": y,
        "mode": "lines",
        "name": name,
        "line": line,
        "hovertemplate": f"{name}, z = %{{x:.2f}}: %{{y:.4f}}<extra></extra>",
    }


def _dot(name: str, x: float, y: float, color: str, symbol: str) -> dict[str, object]:
    return {
        "type": "scatter",
        "x": [x],
        "y": [y],
        "mode": "markers",
        "marker": {"color": color, "symbol": symbol, "size": 12},
        "hovertemplate": f"{name}, z = %{{x:.2f}}: %{{y:.4f}}<extra></extra>",
        "showlegend": False,
    }


def _figure(data: list[dict], y: str, reach: list[float]) -> go.Figure:
    layout = style.layout(340, "z", y)
    layout["xaxis"] |= {"fixedrange": True, "range": [-REACH, REACH]}
    layout["yaxis"] |= {"fixedrange": True, "range": reach}
    return go.Figure({"data": data, "layout": layout | {"showlegend": True}})


def gradients(products: dict[str, np.ndarray], depth: int) -> go.Figure:
    """Return the share of a gradient that is left after each layer, on a logarithmic axis.

    products: absolute values by activation, each (depth,); not all are 0. Zeros are not drawn.
    """
    data, depths = [], np.arange(1, depth + 1)
    for (name, left), (color, dash, symbol) in zip(products.items(), style.SERIES, strict=False):
        data.append(
            {"type": "scatter", "x": depths, "y": np.where(left > 0, left, np.nan), "name": name}
            | {"mode": "lines+markers", "line": {"color": color, "dash": dash, "width": 2}}
            | {"marker": {"symbol": symbol, "size": 8}, "showlegend": True}
            | {"hovertemplate": f"{name}, layer %{{x}}: %{{y:.3g}}<extra></extra>"}
        )
    layout = style.layout(280, "layers deep", "share of the gradient")
    layout["xaxis"] |= {"fixedrange": True, "dtick": max(1, depth // 8)}
    shown = [left[left > 0] for left in products.values() if left.any()]
    decades = np.log10([end for left in shown for end in (left.min(), left.max())])
    layout["yaxis"] |= {"fixedrange": True, "type": "log", "exponentformat": "power"}
    layout["yaxis"] |= {"dtick": 1 + int(np.ptp(decades)) // 6}
    layout["yaxis"] |= {"range": [min(decades.min(), -1) - 0.3, max(decades.max(), 0) + 0.3]}
    return go.Figure({"data": data, "layout": layout})
