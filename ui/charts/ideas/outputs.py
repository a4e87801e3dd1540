"""Figures of the ideas Softmax, Cross-entropy and Labels."""

import numpy as np
import plotly.graph_objects as go

from mnist_core.teaching.concepts.softmax import Curve
from mnist_core.utils.text import short_percent
from ui.charts import style
from ui.charts.feature_maps import signed

_FIXED = {"fixedrange": True}


def shares(values: np.ndarray, chosen: int) -> go.Figure:
    """Return a bar per class, numbered from 1, the chosen one highlighted.

    values: (n,) in [0, 1]; bars of 5 % or more carry their number.
    """
    count = len(values)
    bars = {
        "type": "bar",
        "x": [str(number) for number in range(1, count + 1)],
        "y": values,
        "marker": {
            "color": [style.TRAINING if at == chosen else style.NEUTRAL for at in range(count)]
        },
        "text": [
            short_percent(float(value), 1 if count < 7 else 0) if value >= 0.05 else ""
            for value in values
        ],
        "textposition": "outside",
        "textfont": {"size": 11},
        "textangle": 0,
        "constraintext": "none",
        "hovertemplate": "class %{x}: %{y:.4f}<extra></extra>",
    }
    layout = style.layout(260, "class", "probability p")
    layout["xaxis"] |= _FIXED | {"type": "category"}
    layout["yaxis"] |= _FIXED | {"range": [0, 1.14], "tickvals": [0, 0.5, 1], "tickformat": ".0%"}
    return go.Figure({"data": [bars], "layout": layout})


def one_logit(curve: Curve, number: int, z: float, p: float, rest: float) -> go.Figure:
    """Return the probability of one class over its own logit, with the present logit marked.

    The logit at which the probability is one half is marked too. number: of the class, from 1;
    z, p: its logit and probability; rest: the sum of exp(z) over all other classes.
    """
    data = [
        _line(curve, "sigmoid", "z = %{x:.2f}: p = %{y:.3f}"),
        _point(z, p, "now", f"z = {z:.4g}: p = {p:.4f}"),
    ]
    layout = style.layout(260, f"logit of class {number}", f"p of class {number}")
    layout["xaxis"] |= _FIXED
    layout["yaxis"] |= _FIXED | {"range": [-0.04, 1.14], "tickvals": [0, 0.5, 1]}
    layout |= {"showlegend": False, "shapes": [_upright(rest)]}
    layout["annotations"] = [_words(rest, 1.14, "even with the rest", "top")]
    return go.Figure({"data": data, "layout": layout})


def loss_curve(p: float, loss: float) -> go.Figure:
    """Return the loss -ln p over the probability of the right digit.

    Points mark the present prediction and guessing, p = 0.1.
    """
    x = np.concatenate([np.geomspace(1e-3, 0.05, 80), np.linspace(0.05, 1, 120)])
    highest = 7.2
    shown = (max(p, 1e-3), min(loss, highest - 0.2))
    beyond = loss > highest - 0.2
    data = [
        _line(Curve(x, -np.log(x)), "−ln p", "p = %{x:.3f}: loss %{y:.3f}"),
        _point(0.1, float(np.log(10)), "guessing: p = 1/10", "guessing: 2.303", style.NEUTRAL, "x"),
        _point(
            *shown,
            "now, off the chart" if beyond else "now",
            f"p = {p:.4g}: loss {loss:.3f}",
            symbol="triangle-up" if beyond else "circle",
        ),
    ]
    layout = style.layout(280, "probability of the right digit", "loss L in nats")
    layout["xaxis"] |= _FIXED | {"range": [-0.02, 1.03]}
    layout["yaxis"] |= _FIXED | {"range": [-0.25, highest]}
    return go.Figure({"data": data, "layout": layout})


def gradient(values: np.ndarray, theme: str | None) -> go.Figure:
    """Return the gradient p - y of the ten logits as signed bars. values: (10,) in [-1, 1]."""
    scale = style.diverging(theme)
    bars = {
        "type": "bar",
        "x": [str(digit) for digit in range(10)],
        "y": values,
        "marker": {"color": [scale[-1][1] if value > 0 else scale[0][1] for value in values]},
        "text": [signed(f"{value:+.2f}") if abs(value) >= 0.005 else "" for value in values],
        "textposition": "outside",
        "textfont": {"size": 11},
        "textangle": 0,
        "constraintext": "none",
        "hovertemplate": "digit %{x}: %{y:+.4f}<extra></extra>",
    }
    layout = style.layout(240, "digit", "gradient p − y")
    layout["xaxis"] |= _FIXED | {"type": "category"}
    layout["yaxis"] |= _FIXED | {"range": [-1.25, 1.25], "tickvals": [-1, 0, 1]}
    return go.Figure({"data": [bars], "layout": layout})


def target_and_prediction(target: np.ndarray, given: np.ndarray) -> go.Figure:
    """Return the target y beside the prediction p for each digit.

    target, given: (10,), each sums to 1.
    """
    digits = [str(digit) for digit in range(10)]
    data = [
        {
            "type": "bar",
            "name": name,
            "x": digits,
            "y": values,
            "marker": {"color": color, "pattern": {"shape": pattern}},
            "hovertemplate": f"digit %{{x}}: {letter} = %{{y:.4f}}<extra></extra>",
        }
        for name, letter, values, color, pattern in (
            ("target y", "y", target, style.VALIDATION, "/"),
            ("prediction p", "p", given, style.TRAINING, ""),
        )
    ]
    layout = style.layout(280, "digit", "share")
    layout["xaxis"] |= _FIXED | {"type": "category"}
    layout["yaxis"] |= _FIXED | {"range": [0, 1.05], "tickvals": [0, 0.5, 1], "tickformat": ".0%"}
    return go.Figure({"data": data, "layout": layout})


def smoothed(plain: Curve, soft: Curve, now: tuple[float, float], best: float) -> go.Figure:
    """Return the loss over the right digit's probability, without and with label smoothing.

    now: probability and smoothed loss of the present prediction; best: the probability at which the
    smoothed loss is lowest.
    """
    data = [
        _line(plain, "hard labels", "p = %{x:.3f}: %{y:.3f}", style.NEUTRAL, "dot"),
        _line(soft, "smoothed", "p = %{x:.3f}: %{y:.3f}"),
        _point(*now, "now", f"p = {now[0]:.4g}: loss {now[1]:.3f}"),
    ]
    layout = style.layout(280, "probability of the right digit", "loss L in nats")
    layout["xaxis"] |= _FIXED | {"range": [-0.02, 1.03]}
    layout["yaxis"] |= _FIXED | {"range": [-0.2, 5]}
    layout["shapes"] = [_upright(best)]
    aligned = "right" if best > 0.4 else "left"
    layout["annotations"] = [_words(best, 5, f"least at {best:.3g}", "top", aligned)]
    return go.Figure({"data": data, "layout": layout})


def _line(
    curve: Curve, name: str, hover: str, color: str = style.TRAINING, dash: str = "solid"
) -> dict[str, object]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": curve.x,
        "y": curve.y,
        "line": {"color": color, "width": 2.5, "dash": dash},
        "hovertemplate": f"{hover}<extra></extra>",
    }


def _point(
    x: float,
    y: float,
    name: str,
    hover: str,
    color: str = style.VALIDATION,
    symbol: str = "circle",
) -> dict[str, object]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": np.array([x]),
        "y": np.array([y]),
        "marker": {"color": color, "size": 13, "symbol": symbol},
        "hovertemplate": f"{hover}<extra></extra>",
    }


def _upright(x: float) -> dict[str, object]:
    """Return a vertical dotted line."""
    line = {"color": style.NEUTRAL, "dash": "dot", "width": 1.5}
    return {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "paper", "line": line}


def _words(x: float, y: float, text: str, anchor: str, aligned: str = "left") -> dict[str, object]:
    return {"x": x, "y": y, "text": text, "yanchor": anchor, "xanchor": aligned,
            "showarrow": False, "font": {"color": style.NEUTRAL}}  # fmt: skip
