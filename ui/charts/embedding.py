"""Figure of the embedding: test images in the space of a network's last hidden layer."""

import numpy as np
import plotly.graph_objects as go

from mnist_core.dataset import mnist
from mnist_core.dataset.braille import to_braille
from mnist_core.evaluation.report import Report
from mnist_core.utils.text import short_percent
from ui.charts import parts, style

HEIGHT = 560
_DOTS = {
    "bgcolor": style.TEXT["light"],  # light dots on dark paper, as MNIST has it
    "font": {
        "family": "DejaVu Sans Mono, Menlo, Consolas, monospace",
        "size": 14,
        "color": style.TEXT["dark"],
    },
    "align": "left",
}


def cloud(
    report: Report,
    rows: np.ndarray,
    places: np.ndarray,
    by: np.ndarray,
    axes: list[str],
    theme: str | None,
    chosen: np.ndarray | None = None,
    star: np.ndarray | None = None,
) -> go.Figure:
    """Return test images as points in two or three dimensions, with mistakes as crosses on top.

    rows: (n,) indices in the test set; places: (n, 2 or 3) coordinates; by: (10000,) the digit
    that sets each image's color; axes: axis titles; chosen, star: coordinates of the selected image
    and of the user's own digit. In Streamlit a point can be selected; its customdata holds the row.
    """
    hover = _hover(report, rows)
    wrong = report.predicted[rows] != report.labels[rows]
    data = [
        _points(digit, places, rows, hover, (by[rows] == digit) & (wrong == cross), cross)
        for cross in (False, True)
        for digit in range(10)
    ]
    ink = style.TEXT[theme or "light"]
    data.append(_sign(places.shape[1], ink))
    data.append(_names(places, by[rows], ink))
    for place, symbol, words in (
        (chosen, "circle-open", "The image you look at"),
        (star, "diamond", "Your digit"),
    ):
        if place is not None:
            data.append(_mark(place, symbol, words, ink))
    return _figure(data, axes)


def _hover(report: Report, rows: np.ndarray) -> np.ndarray:
    """Return the hover text of each image, with the digit drawn in Braille dots: (n,) of str."""
    labels, predicted = report.labels[rows].tolist(), report.predicted[rows].tolist()
    sure = report.confidence[rows].tolist()
    drawn = to_braille(mnist.load().x_test[rows])
    said = [
        f"#{row}: a {label}, read as {read}, {short_percent(share, 0)} sure"
        for row, label, read, share in zip(rows.tolist(), labels, predicted, sure, strict=True)
    ]
    return np.array(["<br>".join([*dots, words]) for dots, words in zip(drawn, said, strict=True)])


def _trace(
    places: np.ndarray, name: str, marker: style.Attributes, hover: str | None
) -> style.Attributes:
    """Return points in two or three dimensions. places: (n, 2 or 3) coordinates."""
    x, y, *z = places.T
    trace = parts.points(x, y, "", hover, name=name) | {"marker": marker}
    return trace | ({"type": "scatter3d", "z": z[0]} if z else {})


def _points(
    digit: int,
    places: np.ndarray,
    rows: np.ndarray,
    hover: np.ndarray,
    mine: np.ndarray,
    cross: bool,
) -> style.Attributes:
    flat = places.shape[1] == 2
    size = (9 if cross else 5) if flat else (5 if cross else 2.5)
    marker = {"color": style.DIGITS[digit], "size": size, "opacity": 1 if cross else 0.65}
    if cross:
        marker["symbol"] = _cross(flat)
    # A digit without points keeps its entry in the legend, which also hides its mistakes.
    there = places[mine] if cross or mine.any() else _nowhere(places.shape[1])
    same = {"marker": {"opacity": marker["opacity"]}}  # the ring shows the selection instead
    return (
        _trace(there, str(digit), marker, "%{text}")
        | {
            "legendgroup": str(digit),  # so that the legend hides a digit with its mistakes
            "showlegend": not cross,
            "customdata": rows[mine],
            "text": hover[mine],
        }
        | ({"selected": same, "unselected": same} if flat else {})
    )


def _cross(flat: bool) -> str:
    return "x" if flat else "cross"  # some fonts lack the x symbol of 3-D charts


def _nowhere(sides: int) -> np.ndarray:
    """Return one point that is not drawn: (1, sides)."""
    return np.full((1, sides), np.nan)


def _sign(sides: int, ink: str) -> style.Attributes:
    """Return an empty trace that explains the cross in the legend."""
    return _trace(_nowhere(sides), "mistake", {"symbol": _cross(sides == 2), "color": ink}, None)


def _names(places: np.ndarray, by: np.ndarray, ink: str) -> style.Attributes:
    """Return each digit as text in the middle of its points."""
    digits = np.unique(by)
    middles = np.array([np.median(places[by == digit], axis=0) for digit in digits])
    return _trace(middles, "", {}, None) | {
        "mode": "text",
        "text": [f"<b>{digit}</b>" for digit in digits],
        "textfont": {"size": 22, "color": ink},
        "showlegend": False,
    }


def _mark(place: np.ndarray, symbol: str, words: str, ink: str) -> style.Attributes:
    size = 18 if len(place) == 2 else 10
    ring = {"symbol": symbol, "size": size, "color": ink, "line": {"width": 3, "color": ink}}
    return _trace(place[None], words, ring, words)


def _figure(data: list[style.Attributes], axes: list[str]) -> go.Figure:
    bare = {"type": "linear", "zeroline": False, "showticklabels": False, "showgrid": False}
    space: style.Attributes = {"aspectmode": "data", "dragmode": "turntable"}
    for name, title in zip(("xaxis", "yaxis", "zaxis"), axes, strict=False):
        # Without a grid the orientation of the space would not be visible.
        space[name] = bare | {"showgrid": True, "showspikes": False, "title": {"text": title}}
    return parts.figure(
        data,
        HEIGHT,
        parts.axis(axes[0], fixedrange=False, **bare),
        parts.axis(axes[1], fixedrange=False, scaleanchor="x", **bare),
        legend={"itemsizing": "constant", "font": {"size": 14}},
        hovermode="closest",
        hoverlabel=_DOTS,
        uirevision=str(axes),  # the reader's zoom stays when a mark moves
        clickmode="event+select",
        dragmode=False,  # the page scrolls under the finger
        **({"scene": space} if len(axes) == 3 else {}),
    )
