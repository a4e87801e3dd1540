"""Figures of the ideas Softmax, Cross-entropy and Labels."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from mnist_core.teaching.concepts.softmax import Curve
from mnist_core.utils.text import probability
from ui.charts import parts, style
from ui.charts.feature_maps import signed

SHARE = {"tickformat": ".0%", "tickvals": [0, 0.5, 1]}


def shares(values: np.ndarray, chosen: int) -> go.Figure:
    """Return a bar per class, numbered from 1, the chosen one highlighted.

    values: (n,) in [0, 1]; bars of 5 % or more carry their number.
    """
    count = len(values)
    names, decimals = [str(number) for number in range(1, count + 1)], 1 if count < 7 else 0
    labels = [probability(float(p), decimals) if p >= 0.05 else "" for p in values]
    colors = parts.highlighted(count, chosen)
    return parts.figure(
        [parts.bars(names, values, colors, "class %{x}: %{y:.4f}", labels)],
        220,
        parts.axis("class", type="category"),
        parts.axis("probability p", range=[0, 1.14], **SHARE),
    )


def one_logit(curve: Curve, number: int, z: float, p: float, rest: float) -> go.Figure:
    """Return the probability of one class over its own logit, with the present logit marked.

    The logit at which the probability is one half is marked too. number: of the class, from 1;
    z, p: its logit and probability; rest: the combined logit of all other classes.
    """
    return parts.figure(
        [
            parts.line(curve.x, curve.y, style.TRAINING, "z = %{x:.2f}: p = %{y:.3f}"),
            _point(z, p, "now", f"z = {z:.4g}: p = {p:.4f}"),
        ],
        220,
        parts.axis(f"logit of class {number}"),
        parts.axis(f"p of class {number}", range=[-0.04, 1.14], tickvals=[0, 0.5, 1]),
        showlegend=False,
        shapes=[parts.vertical(rest, dash="dot")],
        annotations=[_label("tied with the rest", rest, 1.14)],
    )


def loss_curve(p: float, loss: float) -> go.Figure:
    """Return the loss -ln p over the probability of the right digit.

    Points mark the present prediction and guessing, p = 0.1.
    """
    x = np.concatenate([np.geomspace(1e-3, 0.05, 80), np.linspace(0.05, 1, 120)])
    highest = 7.2
    beyond = loss > highest - 0.2
    guess = {"color": style.NEUTRAL, "symbol": "x"}
    now, symbol = ("now, off the chart", "triangle-up") if beyond else ("now", "circle")
    place, hover = (max(p, 1e-3), min(loss, highest - 0.2)), f"p = {p:.4g}: loss {loss:.3f}"
    data = [
        parts.line(x, -np.log(x), style.TRAINING, "p = %{x:.3f}: loss %{y:.3f}", name="−ln p"),
        _point(0.1, float(np.log(10)), "guessing: p = 1/10", "guessing: 2.303", **guess),
        _point(*place, now, hover, symbol=symbol),
    ]
    return _losses(data, [-0.25, highest])


def _losses(data: list[style.Attributes], limits: list[float], **more: Any) -> go.Figure:
    """Return losses over the probability of the right digit."""
    x = parts.axis("probability of the right digit", range=[-0.02, 1.03])
    return parts.figure(data, 230, x, parts.axis("loss L in nats", range=limits), **more)


def gradient(values: np.ndarray, theme: str | None) -> go.Figure:
    """Return the gradient p - y of the ten logits as signed bars. values: (10,) in [-1, 1]."""
    labels = [signed(f"{value:+.2f}") if abs(value) >= 0.005 else "" for value in values]
    colors = style.by_sign(values, theme)
    return parts.figure(
        [parts.bars(parts.DIGITS, values, colors, "digit %{x}: %{y:+.4f}", labels)],
        240,
        parts.axis("digit", type="category"),
        parts.axis("gradient p − y", range=[-1.25, 1.25], tickvals=[-1, 0, 1]),
    )


def target_and_prediction(target: np.ndarray, given: np.ndarray) -> go.Figure:
    """Return the target y beside the prediction p for each digit.

    target, given: (10,), each sums to 1.
    """
    hover = "digit %{{x}}: {} = %{{y:.4f}}".format
    stripes = {"name": "target y", "pattern": "/"}
    data = [
        parts.bars(parts.DIGITS, target, style.VALIDATION, hover("y"), **stripes),
        parts.bars(parts.DIGITS, given, style.TRAINING, hover("p"), name="prediction p"),
    ]
    x = parts.axis("digit", type="category")
    return parts.figure(data, 230, x, parts.axis("share", range=[0, 1.05], **SHARE))


def smoothed(plain: Curve, soft: Curve, now: tuple[float, float], best: float) -> go.Figure:
    """Return the loss over the right digit's probability, without and with label smoothing.

    now: probability and smoothed loss of the present prediction; best: the probability at which the
    smoothed loss is lowest.
    """
    hover = "p = %{x:.3f}: %{y:.3f}"
    data = [
        parts.line(plain.x, plain.y, style.NEUTRAL, hover, dash="dot", name="hard labels"),
        parts.line(soft.x, soft.y, style.TRAINING, hover, name="smoothed"),
        _point(*now, "now", f"p = {now[0]:.4g}: loss {now[1]:.3f}"),
    ]
    label = _label(f"lowest at {best:.3g}", best, 5, "right" if best > 0.4 else "left")
    line = parts.vertical(best, dash="dot")
    return _losses(data, [-0.2, 5], shapes=[line], annotations=[label])


def _point(
    x: float, y: float, name: str, hover: str, color: str = style.VALIDATION, symbol: str = "circle"
) -> style.Attributes:
    return parts.points([x], [y], color, hover, symbol=symbol, size=13, name=name)


def _label(text: str, x: float, y: float, aligned: str = "left") -> style.Attributes:
    look = {"yanchor": "top", "xanchor": aligned, "font": {"color": style.NEUTRAL}}
    return parts.note(text, x, y, **look)
