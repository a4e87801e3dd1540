"""Figures of the idea One training step: weights beside their gradients, and the loss by step."""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import plotly.graph_objects as go

from mnist_core.insight.observation import Layer, Variable
from ui.charts import parts, style

HIGH, TITLE = 54, 20  # pixels of a layer's pictures, and of the line above them
GAP = 0.06  # between the two pictures, whose widths are 1
NARROWEST = 0.07  # width of a bias beside its kernel

Cell = tuple[str, int, int]
"""The name of a variable, and a row and a column of its table."""


def layers(seen: Sequence[Layer], chosen: Cell, theme: str | None) -> go.Figure:
    """Return the weights of each layer before the last step, and beside them their gradients.

    Each picture has a scale of its own, from its largest absolute value. chosen: a cell to frame.
    """
    data, notes, frames = [], [], []
    for number, layer in enumerate(seen):
        top = number * (TITLE + HIGH) + TITLE
        weights = [variable.weights[-2] for variable in layer.variables]
        gradients = [variable.gradients[-1] for variable in layer.variables]
        for left, tables in ((0.0, weights), (1 + GAP, gradients)):
            most = max(float(np.abs(table).max()) for table in tables)
            for variable, table, (start, width) in zip(
                layer.variables, tables, _places(layer.variables), strict=True
            ):
                across, down = width / table.shape[1], HIGH / table.shape[0]
                first = {"x0": left + start + across / 2, "dx": across}
                first |= {"y0": top + down / 2, "dy": down}
                hover = f"{variable.name}: %{{z:.4~g}}"
                data.append(parts.signed_heatmap(table, theme, hover, most=most) | first)
                if variable.name == chosen[0]:
                    corner = left + start + chosen[2] * across, top + chosen[1] * down
                    frames.append(_frame(*corner, across, down))
        above = {"yanchor": "bottom", "font": {"size": 12}}
        notes += [
            parts.note(f"<b>{layer.name}</b>", 0, top, xanchor="left", **above),
            parts.note(f"{layer.weight_sizes[-2]:.2g}", 1, top, xanchor="right", **above),
            parts.note(f"{layer.gradient_sizes[-1]:.2g}", 2 + GAP, top, xanchor="right", **above),
        ]
    notes += [
        parts.note(title, x, 0, xanchor=side, yanchor="bottom", font={"size": 12})
        for title, x, side in (
            ("weights", 0, "left"),
            ("mean size", 1, "right"),
            ("gradient", 1 + GAP, "left"),
            ("mean size", 2 + GAP, "right"),
        )
    ]
    high = len(seen) * (TITLE + HIGH) + 2
    return parts.figure(
        data,
        high + TITLE,
        parts.HIDDEN | {"range": [-0.01, 2 + GAP + 0.01]},
        parts.HIDDEN | {"range": [high, -TITLE]},
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        annotations=notes,
        shapes=frames,
        showlegend=False,
    )


def _places(variables: Sequence[Variable]) -> list[tuple[float, float]]:
    """Return where the table of each variable of a layer begins, and its width; they sum to 1."""
    columns = np.array([variable.weights.shape[2] for variable in variables], float)
    widths = np.maximum(columns / columns.sum(), NARROWEST)
    widths /= widths.sum()
    return list(zip(accumulate(widths[:-1], initial=0.0), widths, strict=True))


def _frame(left: float, top: float, width: float, height: float) -> style.Attributes:
    """Return a frame around a cell, not smaller than can be seen."""
    beside, above = max(0.0, 0.012 - width) / 2, max(0.0, 5 - height) / 2
    ends = {"x0": left - beside, "x1": left + width + beside}
    ends |= {"y0": top - above, "y1": top + height + above}
    return {"type": "rect", "line": {"color": style.VALIDATION, "width": 2}} | ends


def losses(values: np.ndarray) -> go.Figure:
    """Return the loss of the batch before the first step and after each. values: (steps + 1,)."""
    steps = np.arange(len(values))
    hover = "after %{x} steps: loss %{y:.4f}"
    return parts.figure(
        [parts.line(steps, values, style.TRAINING, hover, symbol="circle")],
        170,
        parts.axis("steps", tickformat="d", range=[-0.3, max(5, len(values) - 1) + 0.3]),
        parts.axis("loss", rangemode="tozero"),
    )
