"""Figures of the tab Robustness: accuracy under distortions, and accuracy against coverage."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from mnist_core.evaluation.run import Run
from mnist_core.insight.distortions import DISTORTIONS, Distortion
from mnist_core.insight.selective_prediction import Answers, SelectivePrediction
from mnist_core.utils.text import percent, plain_html
from ui.charts import parts, style

MEASURES = ("accuracy", "confidence")
GUESSING = 0.1  # accuracy of guessing one digit of ten


@dataclass(frozen=True)
class Measured:
    """The result of `execution.robustness.curves` for a run, with the run's label."""

    run: Run
    label: str
    curves: dict[str, np.ndarray]


_HIGH, _LEGEND = 230, 20  # pixels; on a phone each run takes its own line of the legend
_SHARE = {"range": [0, 1.03], "tickformat": ".0%", "zeroline": False}


def curves(
    measured: Sequence[Measured], distortion: Distortion, measure: int, at: float
) -> go.Figure:
    """Return a line per run over the amounts of a distortion.

    measure: an index in MEASURES; at: the amount to mark.
    """
    return parts.figure(
        _lines(measured, distortion, measure),
        _HIGH + _LEGEND * len(measured),
        parts.axis(_title(distortion), zeroline=False),
        parts.axis(MEASURES[measure], **_SHARE),
        shapes=[_guessing(), parts.vertical(at)],
        showlegend=True,
    )


def overview(measured: Sequence[Measured]) -> go.Figure:
    """Return accuracy under each distortion, as small charts in two columns."""
    rows = -(-len(DISTORTIONS) // 2)
    data, shapes, titles, axes = [], [], [], {}
    for order, distortion in enumerate(DISTORTIONS.values()):
        row, column = divmod(order, 2)
        number = "" if order == 0 else str(order + 1)
        left, top = 0.54 * column, 1 - row / rows
        own = {"xaxis": f"x{number}", "yaxis": f"y{number}", "showlegend": order == 0}
        data += [line | own for line in _lines(measured, distortion, 0)]
        down = {"domain": [top - 0.76 / rows, top - 0.14 / rows], "anchor": f"x{number}"}
        axes[f"xaxis{number}"] = parts.axis(
            zeroline=False, domain=[left, left + 0.46], anchor=f"y{number}"
        )
        axes[f"yaxis{number}"] = parts.axis(**_SHARE, **down)
        shapes.append(_guessing(number))
        place = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
        titles.append(parts.note(_title(distortion), left, top - 0.13 / rows, **place))
    return parts.figure(
        data,
        200 * rows + _LEGEND * (len(measured) - 1),
        legend={"y": 1.01},
        showlegend=True,
        annotations=titles,
        shapes=shapes,
        **axes,
    )


def selective_prediction(rejection: SelectivePrediction, chosen: Answers) -> go.Figure:
    """Return accuracy of the answered images against coverage, with the chosen threshold marked."""
    coverage, accuracy, thresholds = rejection.curve()
    hover = "threshold %{customdata:.2%}: answers %{x:.2%}, %{y:.2%} right"
    about = {"name": "each threshold", "customdata": thresholds}
    data = [parts.line(coverage, accuracy, style.TRAINING, hover, **about)]
    if chosen.accuracy is not None:
        words = f"{percent(chosen.coverage, 1)} answered, {percent(chosen.accuracy)} right"
        place = [chosen.coverage], [chosen.accuracy]
        look = {"symbol": "diamond", "size": 14, "name": "your threshold"}
        data.append(parts.points(*place, style.VALIDATION, words, **look))
    return parts.figure(
        data,
        340,
        parts.axis("coverage: share answered", tickformat=".0%", zeroline=False),
        parts.axis("accuracy of the answers", tickformat=".1%", zeroline=False),
    )


def _lines(
    measured: Sequence[Measured], distortion: Distortion, measure: int
) -> list[style.Attributes]:
    """Return a trace per run, each with its own color, dash and symbol."""
    amounts = np.array(distortion.levels, np.float64)
    hover = f"%{{x}}{distortion.unit}: %{{y:.1%}} {MEASURES[measure]}"
    return [
        parts.line(
            *(amounts, found.curves[distortion.name][measure], color), dash=dash, symbol=symbol
        )
        | {"name": plain_html(found.label), "legendgroup": found.label, "hovertemplate": hover}
        for found, (color, dash, symbol) in ((each, style.look(each.run)) for each in measured)
    ]


def _title(distortion: Distortion) -> str:
    return f"{distortion.words.lower()}, {distortion.unit.strip()}"


def _guessing(axis: str = "") -> style.Attributes:
    return parts.horizontal(GUESSING, dash="dot", width=1, axis=axis)
