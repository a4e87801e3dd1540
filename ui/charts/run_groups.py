"""Figures of a group of runs: accuracies as dots, learning curves as bands or thin lines."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from mnist_core.evaluation.history import Epoch
from mnist_core.evaluation.statistics import Metric, Spread, band
from mnist_core.experiments.group_progress import GroupProgress
from mnist_core.utils.text import percent
from ui.charts import parts, style


def dots(scores: dict[str, float], spread: Spread, x: str, y: str) -> go.Figure:
    """Return a dot per run, the mean as a line, and one standard deviation around it as a band.

    scores: accuracies in [0, 1] by the label below each dot; x, y: axis titles.
    """
    mean, deviation = spread.mean, spread.deviation or 0.0
    shapes = [parts.horizontal(mean)]
    if deviation:
        ends = {"xref": "paper", "x0": 0, "x1": 1, "y0": mean - deviation, "y1": mean + deviation}
        look = {"fillcolor": style.with_opacity(style.NEUTRAL, 0.18), "line": {"width": 0}}
        shapes.append({"type": "rect", "layer": "below"} | ends | look)
    place = {"xref": "paper", "xanchor": "left", "yanchor": "middle", "align": "left"}
    values, hover = np.array(list(scores.values())), f"{x} %{{x}}: %{{y:.2%}}"
    limits = _around([spread.least, spread.most, mean], deviation)
    return parts.figure(
        [parts.points(list(scores), values, style.TRAINING, hover, size=12)],
        230,
        parts.axis(x, type="category"),
        parts.axis(y, tickformat=".2%", range=limits),
        margin={"r": 66},  # room for the label of the mean
        shapes=shapes,
        annotations=[parts.note(f"mean<br>{percent(mean)}", 1.01, mean, **place)],
    )


COLUMNS: dict[str, tuple[Metric, Metric]] = {
    "loss": ("loss", "val_loss"),
    "accuracy": ("accuracy", "val_accuracy"),
}
"""The columns of training and validation of each metric."""
_SETS = (
    ("training", style.TRAINING, "solid", "circle"),
    ("validation", style.VALIDATION, "dash", "diamond"),
)


def curves(found: GroupProgress, metric: str, each: bool) -> go.Figure:
    """Return training and validation curves, as the mean of the runs that reached each epoch.

    metric: "loss" or "accuracy"; each: draw each run as a thin line instead of a band of one
    standard deviation.
    """
    data: list[style.Attributes] = []
    for column, (words, color, dash, symbol) in zip(COLUMNS[metric], _SETS, strict=True):
        middle = band([member.epochs for member in found.comparable], column)
        if not len(middle.count):
            continue
        deviation = np.nan_to_num(middle.deviation)
        if each:
            data += [
                _thin(member.epochs, column, f"{member.name}, {words}", color)
                for member in found.comparable
            ]
        else:
            data.append(_around_mean(middle.epochs, middle.mean, deviation, color))
        look = {"dash": dash, "width": 3, "symbol": symbol, "name": f"{words}, mean"}
        data.append(
            parts.line(middle.epochs, middle.mean, color, **look)
            | {
                "customdata": np.stack([middle.count, deviation], axis=1),
                "hovertemplate": "%{y:.4f} ± %{customdata[1]:.4f}, %{customdata[0]} runs",
            }
        )
    return parts.figure(
        data,
        260,
        parts.axis("epoch", rangemode="tozero"),
        parts.axis(metric, **_range(metric, data)),
        uirevision=metric,
        hovermode="closest" if each else "x unified",
    )


def _thin(history: Sequence[Epoch], column: str, name: str, color: str) -> style.Attributes:
    x = np.array([epoch.epoch for epoch in history])
    y = np.array([getattr(epoch, column) for epoch in history], np.float64)
    pale = style.with_opacity(color, 0.4)
    return parts.line(x, y, pale, f"{name}: %{{y:.4f}}", width=1.2, name=name, showlegend=False)


def _around_mean(
    x: np.ndarray, mean: np.ndarray, deviation: np.ndarray, color: str
) -> style.Attributes:
    """Return a band of one standard deviation around the mean, as a closed outline."""
    outline = (
        np.concatenate([x, x[::-1]]),
        np.concatenate([mean + deviation, (mean - deviation)[::-1]]),
    )
    fill = {"fill": "toself", "fillcolor": style.with_opacity(color, 0.2)}
    return parts.line(*outline, color, None, width=0, showlegend=False, **fill)


def _range(metric: str, data: list[style.Attributes]) -> style.Attributes:
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
    colors = [
        (0, style.with_opacity(style.TRAINING, 0.3)),
        (1, style.with_opacity(style.VALIDATION, 0.9)),
    ]
    numbers = np.arange(1, folds + 1)
    texts = np.where(held_out, "checks" if folds <= 6 else "✓", "")
    cells = parts.heatmap(held_out, colors, 0, 1, "%{customdata}", texts=texts, customdata=words)
    ticks = {"dtick": 1, "showgrid": False, "zeroline": False}
    return parts.figure(
        [cells | {"x": numbers, "y": numbers, "xgap": 2, "ygap": 4}],
        90 + (26 if folds <= 8 else 15) * folds,
        parts.axis("fold", side="top", **ticks),
        parts.axis("run", autorange="reversed", **ticks),
    )


def _folds(found: dict[int, dict[int, float]]) -> list[style.Attributes]:
    """Return the dots of each fold, side by side around the tick of their depth."""
    data = []
    folds = sorted({fold for scores in found.values() for fold in scores})
    for place, fold in enumerate(folds):
        color, _, symbol = style.SERIES[fold - 1]
        there = [depth for depth, scores in found.items() if fold in scores]
        x = np.array(there) + 0.06 * (place - (len(folds) - 1) / 2)
        y = np.array([found[depth][fold] for depth in there])
        hover = f"%{{customdata}} hidden, fold {fold}: %{{y:.2%}}"
        about = {"name": f"fold {fold}", "customdata": there}
        data.append(parts.points(x, y, color, hover, symbol=symbol, **about))
    return data


def depths(found: dict[int, dict[int, float]], reported: float) -> go.Figure:
    """Return accuracy against the number of hidden layers: a dot per fold, and the mean.

    found: accuracies in [0, 1] by depth, then by fold; reported: the course note's best accuracy.
    """
    means = np.array([np.mean(list(scores.values())) for scores in found.values()])
    hover = "%{x} hidden, mean: %{y:.2%}"
    data = [
        *_folds(found),
        parts.line(np.array(list(found)), means, style.NEUTRAL, hover, width=3, name="mean"),
    ]
    place = {"xref": "paper", "xanchor": "left", "yanchor": "bottom"}
    values = [score for scores in found.values() for score in scores.values()]
    ends = [min(found, default=0) - 0.5, max(found, default=4) + 0.5]
    limits = _around([*values, reported], 0.0)
    return parts.figure(
        data,
        330,
        parts.axis("hidden layers of 512 units", dtick=1, range=ends, zeroline=False),
        parts.axis("val_accuracy", tickformat=".1%", range=limits),
        shapes=[parts.horizontal(reported, style.VALIDATION, "dot")],
        annotations=[parts.note(f"course note 4: {percent(reported)}", 0, reported, **place)],
        showlegend=True,
    )
