"""Figures of the page Compare: overlaid learning curves, and accuracy against cost."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mnist_core.dataset.mnist import TEST_IMAGES
from mnist_core.evaluation.history import Epoch
from mnist_core.evaluation.run import Run
from mnist_core.experiments.comparison import front
from mnist_core.storage.workspaces import EXAMPLES
from mnist_core.utils.text import percent, plain_html
from ui.charts import parts, style

Histories = Sequence[tuple[Run, list[Epoch]]]
"""Runs with their finished epochs."""

VALIDATION, TRAINING, BOTH = SETS = ("Validation", "Training", "Both")
MOST_MARKS = 15
"""The most markers on a line; those of a long run would hide it."""


def curves(metric: str, histories: Histories, shown: str, by_seconds: bool) -> go.Figure:
    """Return one metric of several runs, every point within the axes; loss is on a log scale.

    metric: "loss" or "accuracy"; shown: one of SETS, where "Both" draws training pale beside
    validation; by_seconds: plot against seconds of training instead of epochs.
    """
    data = []
    for run, epochs in histories:
        seconds = np.cumsum([epoch.seconds for epoch in epochs])
        x = seconds if by_seconds else np.array([epoch.epoch for epoch in epochs])
        drawn = False
        for of in (VALIDATION, TRAINING):
            name = f"val_{metric}" if of == VALIDATION else metric
            y = np.array([getattr(epoch, name) for epoch in epochs], np.float64)
            if shown in (of, BOTH) and np.isfinite(y).any():
                data.append(_line(run, of, x, y, pale=drawn))
                drawn = True
    return parts.figure(
        data,
        380,
        parts.axis("seconds in training") if by_seconds else _epochs(histories),
        _log_loss(data) if metric == "loss" else parts.axis(metric),
        showlegend=True,
    )


def _line(run: Run, of: str, x: np.ndarray, y: np.ndarray, pale: bool) -> style.Attributes:
    """Return a line in the look of its run, named in the legend unless it is the pale one."""
    color, dash, symbol = style.look(run)
    brief = plain_html(run.name) if run.workspace == EXAMPLES else f"Run {run.number}"
    hover = f"{style.numbered(run.number, run.workspace == EXAMPLES)}, {of.lower()}: %{{y:.4f}}"
    trace = parts.line(x, y, color, hover, dash=dash, name=brief, legendgroup=f"{run.id}")
    if pale:
        return trace | {"opacity": 0.45, "showlegend": False}
    marks = {"symbol": symbol, "size": 7, "maxdisplayed": MOST_MARKS}
    return trace | {"mode": "lines+markers", "marker": marks}


def _epochs(histories: Histories) -> style.Attributes:
    """Return the axis of the epochs, with ticks at whole epochs only."""
    most = max((len(epochs) for _, epochs in histories), default=0)
    return parts.axis("epoch", **({"dtick": 1} if most <= 12 else {}))


def _log_loss(data: Sequence[style.Attributes]) -> style.Attributes:
    """Return a log axis that fits the losses of these lines, even if one of them diverged."""
    losses = np.concatenate([[], *(trace["y"] for trace in data)])
    positive = losses[np.isfinite(losses) & (losses > 0)]
    return parts.axis("loss (log)", type="log", **(_marks(positive) if positive.size else {}))


def trade_off(table: pd.DataFrame, cost: str, axis: str, chosen: Sequence[Run]) -> go.Figure:
    """Return test accuracy against a cost on log scales, with Pareto front and 95 % intervals.

    table: from `experiments.comparison`, with cost and test_accuracy in every row; cost: the
    column to plot; axis: its title; chosen: the runs to highlight.
    """
    table = table.sort_values(cost)
    x, accuracy = (table[name].to_numpy(np.float64) for name in (cost, "test_accuracy"))
    best = front(x, accuracy)
    words = _hover(table, cost)
    data = [
        _points(table[~best], x[~best], words[~best], "other runs", style.NEUTRAL, "circle"),
        _points(table[best], x[best], words[best], "Pareto front", style.RIGHT, "diamond")
        | {"mode": "lines+markers", "line": {"shape": "hv", "color": style.RIGHT, "width": 2}},
    ]
    ringed = table["id"].isin([run.id for run in chosen]).to_numpy()
    if ringed.any():
        data.append(_rings(table[ringed], x[ringed]))
    return parts.figure(
        data,
        400,
        parts.axis(f"{axis} (log)", type="log", **_marks(x)),
        parts.axis("test accuracy", type="log", **_errors(table)),
        showlegend=True,
    )


def _marks(x: np.ndarray) -> style.Attributes:
    """Return ticks of a log axis: powers of ten, and 2 and 5 times them where there is room."""
    low, high = np.log10(x.min()), np.log10(x.max())
    steps = (1,) if high - low > 2.2 else (1, 2, 5)
    powers = range(int(np.floor(low)) - 1, int(np.ceil(high)) + 1)
    marks = np.array([step * 10.0**power for power in powers for step in steps])
    room = 0.12 * (high - low) + 0.05
    return {
        "range": [low - room, high + room],
        "tickvals": marks,
        "ticktext": [_brief(mark) for mark in marks],
        "tickangle": 0,
    }


def _brief(mark: float) -> str:
    """Return a number in short form: 0.5, 200, 5k, 2M."""
    for size, sign in ((1e6, "M"), (1e3, "k")):
        if mark >= size:
            return f"{mark / size:,.10g}{sign}"
    return f"{mark:.10g}"


_LEAST = 0.5 / TEST_IMAGES  # stands for no mistake at all, as a log scale has no zero
_TICKS = np.array([0.9, 0.8, 0.5, 0.2, 0.1, 0.05, 0.03, 0.02, 0.01, 0.007, 0.005, 0.003, 0.001])


def _wrong(accuracy: pd.Series) -> np.ndarray:
    return np.maximum(1 - accuracy.to_numpy(np.float64), _LEAST)


def _errors(table: pd.DataFrame) -> style.Attributes:
    """Return the axis of the error rate: logarithmic, reversed, and labeled with accuracies."""
    worst, best = _wrong(table["low"]).max(), _wrong(table["high"]).min()
    return {
        "range": [np.log10(worst) + 0.05, np.log10(best) - 0.05],
        "tickvals": _TICKS,
        "ticktext": [f"{100 * (1 - wrong):.4g} %" for wrong in _TICKS],
    }


def _points(
    rows: pd.DataFrame, x: np.ndarray, words: np.ndarray, name: str, color: str, symbol: str
) -> style.Attributes:
    wrong = _wrong(rows["test_accuracy"])
    interval = {
        "type": "data",
        "symmetric": False,
        "array": _wrong(rows["low"]) - wrong,
        "arrayminus": wrong - _wrong(rows["high"]),
        "thickness": 1,
        "width": 2,
        "color": style.with_opacity(color, 0.5),
    }
    about = {"name": name, "text": words, "error_y": interval}
    return parts.points(x, wrong, color, "%{text}", symbol=symbol, **about)


def _rings(rows: pd.DataFrame, x: np.ndarray) -> style.Attributes:
    """Return each chosen run's marker, drawn open around its point, with its number."""
    looks = [style.of_run(*pair) for pair in zip(rows["run"], rows["example"], strict=True)]
    colors = [color for color, _, _ in looks]
    rings = parts.points(x, _wrong(rows["test_accuracy"]), colors[0], None, name="chosen")
    return rings | {
        "mode": "markers+text",
        "marker": {
            "symbol": [f"{symbol}-open" for _, _, symbol in looks],
            "size": 17,
            "color": colors,
            "line": {"width": 2},
        },
        "text": [
            plain_html(row["name"]) if row["example"] else f"{row['run']}"
            for row in rows.to_dict("records")
        ],
        "textposition": "bottom right",  # the steps of the front leave it free
        "textfont": {"color": colors, "size": 13},
    }


def _hover(table: pd.DataFrame, cost: str) -> np.ndarray:
    """Return the hover text of each run."""
    unit = {"parameters": "parameters", "seconds": "s"}[cost]
    return np.array(
        [
            f"{style.numbered(row['run'], row['example'])} {plain_html(row['name'])} · "
            f"{row['notation']}<br>"
            f"{row[cost]:,.0f} {unit}, "
            f"{percent(row['test_accuracy'])} "
            f"({percent(row['low'])} to {percent(row['high'])})"
            for row in table.to_dict("records")
        ],
        dtype=object,
    )
