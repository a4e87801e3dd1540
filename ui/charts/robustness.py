"""Figures of the tab Robustness: accuracy under distortions, and accuracy against coverage."""

import numpy as np
import plotly.graph_objects as go

from mnist_core.insight.distortions import DISTORTIONS, Distortion
from mnist_core.insight.selective_prediction import Answers, SelectivePrediction
from mnist_core.utils.text import percent
from ui.charts import style

MEASURES = ("accuracy", "confidence")
GUESSING = 0.1  # accuracy of guessing one digit of ten

Measured = dict[str, dict[str, np.ndarray]]
"""Results of `execution.robustness.curves` by the run's label."""


def curves(measured: Measured, distortion: Distortion, measure: int, at: float) -> go.Figure:
    """Return a line per run over the amounts of a distortion.

    measure: an index in MEASURES; at: the amount to mark.
    """
    layout = style.layout(_HIGH + _LEGEND * len(measured), _axis(distortion), MEASURES[measure])
    layout["xaxis"] |= {"fixedrange": True, "zeroline": False}
    layout["yaxis"] |= _SHARE
    layout |= {"shapes": [_guessing("x domain", "y"), _mark(at)], "showlegend": True}
    return go.Figure({"data": _lines(measured, distortion, measure), "layout": layout})


def overview(measured: Measured) -> go.Figure:
    """Return accuracy under each distortion, as small charts in two columns."""
    rows = -(-len(DISTORTIONS) // 2)
    layout = style.layout(200 * rows + _LEGEND * (len(measured) - 1)) | {
        "showlegend": True,
        "annotations": [],
        "shapes": [],
    }
    layout["legend"] |= {"y": 1.01}
    data = []
    for number, distortion in enumerate(DISTORTIONS.values()):
        row, column = divmod(number, 2)
        name = "" if number == 0 else str(number + 1)
        left, top = 0.54 * column, 1 - row / rows
        own = {"xaxis": f"x{name}", "yaxis": f"y{name}", "showlegend": number == 0}
        data += [line | own for line in _lines(measured, distortion, 0)]
        layout[f"xaxis{name}"] = {
            "domain": [left, left + 0.46],
            "anchor": f"y{name}",
            "fixedrange": True,
            "zeroline": False,
        }
        layout[f"yaxis{name}"] = _SHARE | {
            "domain": [top - 0.76 / rows, top - 0.14 / rows],
            "anchor": f"x{name}",
        }
        layout["shapes"].append(_guessing(f"x{name} domain", f"y{name}"))
        layout["annotations"].append(
            {
                "text": _axis(distortion),
                "x": left,
                "y": top - 0.13 / rows,
                "xref": "paper",
                "yref": "paper",
                "xanchor": "left",
                "yanchor": "bottom",
                "showarrow": False,
            }
        )
    return go.Figure({"data": data, "layout": layout})


def selective_prediction(rejection: SelectivePrediction, chosen: Answers) -> go.Figure:
    """Return accuracy of the answered images against coverage, with the chosen threshold marked."""
    coverage, accuracy, thresholds = rejection.curve()
    line = {
        "type": "scatter",
        "mode": "lines",
        "name": "each threshold",
        "x": coverage,
        "y": accuracy,
        "customdata": thresholds,
        "line": {"color": style.TRAINING, "width": 2.5},
        "hovertemplate": "from %{customdata:.2%} confidence: answers %{x:.2%}, "
        "%{y:.2%} right<extra></extra>",
    }
    data = [line]
    if chosen.accuracy is not None:
        words = f"{percent(chosen.coverage, 1)} answered, {percent(chosen.accuracy)} right"
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": "your threshold",
                "x": np.array([chosen.coverage]),
                "y": np.array([chosen.accuracy]),
                "marker": {"color": style.VALIDATION, "symbol": "diamond", "size": 14},
                "hovertemplate": words + "<extra></extra>",
            }
        )
    layout = style.layout(340, "coverage: share answered", "accuracy of the answers")
    layout["xaxis"] |= {"tickformat": ".0%", "fixedrange": True, "zeroline": False}
    layout["yaxis"] |= {"tickformat": ".1%", "fixedrange": True, "zeroline": False}
    return go.Figure({"data": data, "layout": layout})


_HIGH, _LEGEND = 280, 20  # pixels; on a phone each run takes its own line of the legend
_SHARE = {"range": [0, 1.03], "tickformat": ".0%", "fixedrange": True, "zeroline": False}


def _lines(measured: Measured, distortion: Distortion, measure: int) -> list[dict]:
    """Return a trace per run, each with its own color, dash and symbol."""
    amounts = np.array(distortion.levels, np.float64)
    lines = []
    for (words, found), (color, dash, symbol) in zip(measured.items(), style.SERIES, strict=False):
        lines.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": words,
                "legendgroup": words,
                "x": amounts,
                "y": found[distortion.name][measure],
                "line": {"color": color, "dash": dash, "width": 2},
                "marker": {"symbol": symbol, "size": 7},
                "hovertemplate": f"%{{x}}{distortion.unit}: %{{y:.1%}} {MEASURES[measure]}",
            }
        )
    return lines


def _axis(distortion: Distortion) -> str:
    return f"{distortion.words.lower()}, {distortion.unit.strip()}"


def _mark(at: float) -> dict[str, object]:
    line = {"color": style.NEUTRAL, "dash": "dash", "width": 2}
    return {"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper", "line": line}


def _guessing(x: str, y: str) -> dict[str, object]:
    line = {"color": style.NEUTRAL, "dash": "dot", "width": 1}
    ends = {"x0": 0, "x1": 1, "y0": GUESSING, "y1": GUESSING}
    return {"type": "line", "xref": x, "yref": y, "line": line} | ends
