"""Figures of the idea Whose handwriting."""

import numpy as np
import plotly.graph_objects as go

from mnist_core.teaching.concepts.domain_shift import GROUPS, Group, Measured
from ui.charts import parts, style
from ui.charts.thumbnails import data_url
from ui.charts.tile_grid import arrange

NAMES: dict[Group, str] = {"students": "digits by students", "employees": "digits by employees"}
_BESIDE, _ABOVE = 4, 20  # cells between images, and for the texts above them


def digits(
    before: np.ndarray,
    after: np.ndarray,
    read: np.ndarray,
    labels: np.ndarray,
    theme: str | None,
    height: int,
) -> go.Figure:
    """Return test images above the changed ones, with what the network reads in these.

    before, after: uint8 (n, 28, 28), the first half of them by students; read, labels: (n,);
    theme: `st.context.theme.type`; height: of the figure in pixels.
    """
    count, side = len(before), before.shape[-1]
    canvas, corners = arrange(np.concatenate([before, after]), count, _BESIDE, _ABOVE)
    paper = np.isnan(canvas)  # between the images
    pixels = np.stack([np.where(paper, 0, canvas)] * 3 + [255.0 * ~paper], axis=-1).astype(np.uint8)
    places = [(left + (side - 1) / 2, top) for top, left in corners]
    half = count // 2
    names = [((places[at][0] + places[at + half - 1][0]) / 2, places[at][1]) for at in (0, half)]
    x, y = zip(*names, *places[count:], strict=True)
    reads = [
        f"{'✓' if found == label else '✗'} {found}"
        for found, label in zip(read, labels, strict=True)
    ]
    words = parts.points(x, y, style.NEUTRAL, None, text=[*NAMES.values(), *reads])
    font = {"size": 12, "color": style.NOTES[theme or "light"]}
    words |= {"mode": "text", "textposition": "top center", "textfont": font}
    high, wide = canvas.shape
    return parts.figure(
        [{"type": "image", "source": data_url(pixels), "hoverinfo": "skip"}, words],
        height,
        parts.HIDDEN | {"range": [-0.5, wide - 0.5]},
        parts.HIDDEN | {"range": [high - 0.5, -0.5], "scaleanchor": "x", "constraintoward": "top"},
        margin={"t": 0, "b": 0},
        showlegend=False,
    )


def curves(found: Measured, level: int) -> go.Figure:
    """Return the accuracy on the digits of both groups by the strength of the shift.

    level: index of the strength to mark.
    """
    kind, data = found.shift.distortion, []
    amounts = np.array(kind.levels, float)
    for group, (color, dash, symbol) in zip(GROUPS, style.SERIES, strict=False):
        share, name = found.accuracy(group), NAMES[group]
        hover = "%{x}: %{y:.2%}"
        data.append(parts.line(amounts, share, color, hover, dash=dash, symbol=symbol, name=name))
        mark = {"size": 16, "showlegend": False}
        at = amounts[[level]], share[[level]]
        data.append(parts.points(*at, color, hover, symbol=f"{symbol}-open", **mark))
    low = min(found.accuracy(group).min() for group in GROUPS)
    return parts.figure(
        data,
        260,
        parts.axis(f"{kind.words.lower()},{kind.unit}", zeroline=False),
        parts.axis("accuracy", range=_range(low), tickformat=".0%", zeroline=False),
        shapes=[parts.vertical(kind.none, dash="dot")],
        annotations=[parts.note("as written", kind.none, 0, **_AT_FOOT)],
    )


_AT_FOOT: style.Attributes = {"yref": "paper", "yanchor": "bottom", "xanchor": "left", "xshift": 4}


def _range(low: float) -> list[float]:
    """Return the shown accuracies: from the tenth below the lowest one."""
    return [max(0.0, np.floor(10 * low - 0.3) / 10), 1.02]
