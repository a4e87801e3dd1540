"""Figures of a group of runs: accuracies as dots, learning curves as bands or thin lines."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from mnist_core.evaluation.history import Epoch
from mnist_core.evaluation.statistics import Metric, Spread, band
from mnist_core.experiments.group_progress import GroupProgress
from mnist_core.utils.text import percent
from ui.charts import style


def dots(scores: dict[str, float], spread: Spread, x: str, y: str) -> go.Figure:
    """Return a dot per run, the mean as a line, and one standard deviation around it as a band.

    scores: accuracies in [0, 1] by the label below each dot; x, y: axis titles.
    """
    points = {
        "type": "scatter",
        "mode": "markers",
        "x": list(scores),
        "y": np.array(list(scores.values())),
        "marker": {"color": style.TRAINING, "size": 12},
        "hovertemplate": f"{x} %{{x}}: %{{y:.2%}}<extra></extra>",
    }
    across = {"xref": "paper", "x0": 0, "x1": 1}
    line = {"color": style.NEUTRAL, "dash": "dash", "width": 2}
    mean = spread.mean
    shapes: list[dict[str, object]] = [
        {"type": "line", "y0": mean, "y1": mean, "line": line} | across
    ]
    if spread.deviation:
        ends = {"y0": mean - spread.deviation, "y1": mean + spread.deviation}
        look = {"fillcolor": style.with_opacity(style.NEUTRAL, 0.18), "line": {"width": 0}}
        shapes.append({"type": "rect", "layer": "below"} | across | ends | look)
    words = {"text": f"mean<br>{percent(mean)}", "xref": "paper", "x": 1.01, "xanchor": "left"}
    words |= {"y": mean, "yanchor": "middle", "align": "left", "showarrow": False}
    layout: style.Attributes = style.layout(300, x, y) | {"shapes": shapes, "annotations": [words]}
    layout["margin"] = layout["margin"] | {"r": 66}  # room for the label of the mean
    layout["xaxis"] |= {"type": "category", "fixedrange": True}
    layout["yaxis"] |= {"tickformat": ".2%", "fixedrange": True}
    layout["yaxis"]["range"] = _around([spread.least, spread.most, mean], spread.deviation or 0.0)
    return go.Figure({"data": [points], "layout": layout})


_MEASURED: dict[str, tuple[tuple[str, Metric, str, str], ...]] = {
    "loss": (
        ("training", "loss", style.TRAINING, "solid"),
        ("validation", "val_loss", style.VALIDATION, "dash"),
    ),
    "accuracy": (
        ("training", "accuracy", style.TRAINING, "solid"),
        ("validation", "val_accuracy", style.VALIDATION, "dash"),
    ),
}
"""The two curves of each metric: name, column, color and dash."""


def curves(found: GroupProgress, metric: str, each: bool) -> go.Figure:
    """Return training and validation curves, as the mean of the runs that reached each epoch.

    metric: "loss" or "accuracy"; each: draw each run as a thin line instead of a band of one
    standard deviation.
    """
    histories = [member.epochs for member in found.comparable]
    names = [member.name for member in found.comparable]
    data: list[style.Attributes] = []
    for words, column, color, dash in _MEASURED[metric]:
        middle = band(histories, column)
        if not len(middle.count):
            continue
        if each:
            for name, history in zip(names, histories, strict=True):
                data.append(_thin(history, column, f"{name}, {words}", color))
        else:
            data.append(_around_mean(middle.epochs, middle.mean, middle.deviation, color))
        data.append(
            {
                "name": f"{words}, mean",
                "mode": "lines+markers",
                "x": middle.epochs,
                "y": middle.mean,
                "line": {"color": color, "width": 3, "dash": dash},
                "marker": {"symbol": "diamond" if words == "validation" else "circle", "size": 7},
                "customdata": np.stack([middle.count, np.nan_to_num(middle.deviation)], axis=1),
                "hovertemplate": "%{y:.4f} ± %{customdata[1]:.4f}, %{customdata[0]} runs",
            }
        )
    layout: style.Attributes = style.layout(320, "epoch", metric) | {"uirevision": metric}
    layout["hovermode"] = "closest" if each else "x unified"
    layout["xaxis"] |= {"rangemode": "tozero", "fixedrange": True}
    layout["yaxis"] |= {"fixedrange": True} | _range(metric, data)
    return go.Figure({"data": [{"type": "scatter"} | trace for trace in data], "layout": layout})


def _thin(history: Sequence[Epoch], column: Metric, name: str, color: str) -> dict[str, object]:
    values = [getattr(epoch, column) for epoch in history]
    return {
        "name": name,
        "mode": "lines",
        "x": np.array([epoch.epoch for epoch in history]),
        "y": np.array(values, np.float64),
        "line": {"color": style.with_opacity(color, 0.4), "width": 1.2},
        "showlegend": False,
        "hovertemplate": f"{name}: %{{y:.4f}}<extra></extra>",
    }


def _around_mean(
    x: np.ndarray, mean: np.ndarray, deviation: np.ndarray, color: str
) -> dict[str, object]:
    """Return a band of one standard deviation around the mean, as a closed outline."""
    reach = np.nan_to_num(deviation)
    return {
        "mode": "lines",
        "x": np.concatenate([x, x[::-1]]),
        "y": np.concatenate([mean + reach, (mean - reach)[::-1]]),
        "fill": "toself",
        "fillcolor": style.with_opacity(color, 0.2),
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _range(metric: str, data: list[style.Attributes]) -> dict[str, object]:
    """Return the y-axis: loss from 0, accuracy from the lowest value of the curves to 1."""
    values = np.concatenate([trace["y"] for trace in data]) if data else np.array([])
    if metric == "loss":
        return {"range": [0, 1.1 * float(np.nanmax(values))]} if len(values) else {}
    low = float(np.nanmin(values)) - 0.02 if len(values) else 0.0
    return {"range": [max(0.0, low), 1.002], "tickformat": ".0%" if low < 0.9 else ".1%"}


def _around(values: list[float], deviation: float) -> list[float]:
    """Return axis limits that show the values and one deviation on both sides, with some room."""
    low, high = min(values) - deviation, max(values) + deviation
    room = max(0.25 * (high - low), 0.0005)
    return [low - room, min(high + room, 1 + room)]


def folds(folds: int, images: int) -> go.Figure:
    """Return how k-fold cross-validation splits the training images: a row per run."""
    held_out = np.eye(folds, dtype=int)
    size = f"about {images // folds:,} images"
    words = [
        [f"run {run}, fold {fold}: {size}, {'held out' if run == fold else 'learned from'}"
         for fold in range(1, folds + 1)]
        for run in range(1, folds + 1)
    ]  # fmt: skip
    cells = {
        "type": "heatmap",
        "z": held_out,
        "x": np.arange(1, folds + 1),
        "y": np.arange(1, folds + 1),
        "colorscale": [
            [0, style.with_opacity(style.TRAINING, 0.3)],
            [1, style.with_opacity(style.VALIDATION, 0.9)],
        ],
        "text": np.where(held_out, "checks" if folds <= 6 else "✓", ""),
        "texttemplate": "%{text}",
        "customdata": words,
        "hovertemplate": "%{customdata}<extra></extra>",
        "showscale": False,
        "xgap": 2,
        "ygap": 4,
    }
    layout: style.Attributes = style.layout(90 + (26 if folds <= 8 else 15) * folds, "fold", "run")
    ticks = {"dtick": 1, "fixedrange": True, "showgrid": False, "zeroline": False}
    layout["xaxis"] |= ticks | {"side": "top"}
    layout["yaxis"] |= ticks | {"autorange": "reversed"}
    return go.Figure({"data": [cells], "layout": layout})


def _folds(found: dict[int, dict[int, float]]) -> list[dict[str, object]]:
    """Return the dots of each fold, side by side around the tick of their depth."""
    data: list[dict[str, object]] = []
    folds = sorted({fold for scores in found.values() for fold in scores})
    for place, fold in enumerate(folds):
        color, _, symbol = style.SERIES[fold - 1]
        there = [depth for depth, scores in found.items() if fold in scores]
        data.append(
            {
                "name": f"fold {fold}",
                "mode": "markers",
                "x": np.array(there) + 0.06 * (place - (len(folds) - 1) / 2),
                "y": np.array([found[depth][fold] for depth in there]),
                "customdata": there,
                "marker": {"color": color, "symbol": symbol, "size": 9},
                "hovertemplate": f"%{{customdata}} hidden, fold {fold}: %{{y:.2%}}<extra></extra>",
            }
        )
    return data


def depths(found: dict[int, dict[int, float]], reported: float) -> go.Figure:
    """Return accuracy against the number of hidden layers: a dot per fold, and the mean.

    found: accuracies in [0, 1] by depth, then by fold; reported: the course note's best accuracy.
    """
    data = _folds(found)
    means = np.array([np.mean(list(scores.values())) for scores in found.values()])
    data.append(
        {
            "name": "mean",
            "mode": "lines",
            "x": np.array(list(found)),
            "y": means,
            "line": {"color": style.NEUTRAL, "width": 3},
            "hovertemplate": "%{x} hidden, mean: %{y:.2%}<extra></extra>",
        }
    )
    line = {"color": style.VALIDATION, "dash": "dot", "width": 2}
    across = {"xref": "paper", "x0": 0, "x1": 1, "y0": reported, "y1": reported}
    words = {"text": f"course note 4: {percent(reported)}", "xref": "paper", "x": 0}
    words |= {"xanchor": "left", "y": reported, "yanchor": "bottom", "showarrow": False}
    layout: style.Attributes = style.layout(420, "hidden layers of 512 units", "val_accuracy") | {
        "shapes": [{"type": "line", "line": line} | across],
        "annotations": [words],
        "showlegend": True,
    }
    values = [score for scores in found.values() for score in scores.values()]
    ends = [min(found, default=0) - 0.5, max(found, default=4) + 0.5]
    layout["xaxis"] |= {"dtick": 1, "range": ends, "fixedrange": True, "zeroline": False}
    layout["yaxis"] |= {"tickformat": ".1%", "range": _around([*values, reported], 0.0)}
    layout["yaxis"] |= {"fixedrange": True}
    return go.Figure({"data": [{"type": "scatter"} | trace for trace in data], "layout": layout})
