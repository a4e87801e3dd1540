"""Figure of the embedding: test images in the space of a network's last hidden layer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from mnist_core.evaluation.report import Report
from mnist_core.utils.text import probability, with_article
from ui.charts import parts, style

HEIGHT = 470
FAINT = 0.12
"""Opacity of the digits that do not stand out."""


@dataclass(frozen=True, eq=False)
class Squares:
    """Further images on the map.

    places: (n, 2 or 3) coordinates; digits: (n,), which set the colors; right: (n,) bool, read
    correctly, which fills a square; words: (n,) on hover; name: of all of them, in the legend.
    """

    places: np.ndarray
    digits: np.ndarray
    right: np.ndarray
    words: Sequence[str]
    name: str


def cloud(
    report: Report,
    rows: np.ndarray,
    places: np.ndarray,
    by: np.ndarray,
    axes: list[str],
    theme: str | None,
    chosen: np.ndarray | None = None,
    star: np.ndarray | None = None,
    only: int | None = None,
    squares: Squares | None = None,
) -> go.Figure:
    """Return test images as points in two or three dimensions, with mistakes as crosses on top.

    rows: (n,) indices in the test set; places: (n, 2 or 3) coordinates; by: (10000,) the digit
    that sets each image's color; axes: axis titles; chosen, star: coordinates of the selected image
    and of the user's own digit; only: the digit whose points stand out, None for all; squares:
    further images, on top. In Streamlit a point can be selected; its customdata holds the row.
    """
    data = _test_images(report, rows, places, by[rows])
    if squares is not None:
        data += [_squares(digit, squares) for digit in np.unique(squares.digits)]
    if only is not None:
        for trace in data:
            trace["opacity"] = 1 if trace["name"] == str(only) else FAINT
    ink = style.TEXT[theme or "light"]
    sides = places.shape[1]
    data.append(_sign(sides, "mistake", {"symbol": _cross(sides == 2), "color": ink}))
    if squares is not None:
        data.append(_sign(sides, squares.name, {"symbol": "square", "color": ink}))
    data.append(_names(places, by[rows], ink))
    for place, symbol, words in (
        (chosen, "circle-open", "The image you look at"),
        (star, "diamond", "Your digit"),
    ):
        if place is not None:
            data.append(_mark(place, symbol, words, ink))
    return _figure(data, axes)


def _test_images(
    report: Report, rows: np.ndarray, places: np.ndarray, by: np.ndarray
) -> list[style.Attributes]:
    """Return a trace per digit of the images that are read right, then one of its mistakes.

    by: (n,) the digit that sets the color of each row.
    """
    wrong = report.predicted[rows] != report.labels[rows]
    said = _said(report, rows[wrong])
    right = [_points(digit, places, rows, (by == digit) & ~wrong) for digit in range(10)]
    return right + [
        _crosses(digit, places[wrong], rows[wrong], said, by[wrong] == digit) for digit in range(10)
    ]


def _said(report: Report, rows: np.ndarray) -> np.ndarray:
    """Return the label, prediction and confidence of each image as text: (n,) of str."""
    labels, predicted = report.labels[rows].tolist(), report.predicted[rows].tolist()
    sure = [probability(share) for share in report.confidence[rows].tolist()]
    return np.array(
        [
            f"{with_article(label)}, read as {read}, {share} sure"
            for label, read, share in zip(labels, predicted, sure, strict=True)
        ]
    )


def _trace(
    places: np.ndarray, name: str, marker: style.Attributes, hover: str | None
) -> style.Attributes:
    """Return points in two or three dimensions. places: (n, 2 or 3) coordinates."""
    x, y, *z = places.T
    trace = parts.points(x, y, "", hover, name=name) | {"marker": marker}
    return trace | ({"type": "scatter3d", "z": z[0]} if z else {})


def _points(digit: int, places: np.ndarray, rows: np.ndarray, mine: np.ndarray) -> style.Attributes:
    """Return the correctly read images of a digit; a digit without any keeps its legend entry."""
    flat = places.shape[1] == 2
    marker = {"color": style.DIGITS[digit], "size": 5 if flat else 2.5, "opacity": 0.9}
    there = places[mine] if mine.any() else _nowhere(places.shape[1])
    hover = f"#%{{customdata}}: {with_article(digit)}, read right"
    trace = _trace(there, str(digit), marker, hover)
    trace |= _of_rows(digit, rows[mine])
    return trace | (_picked(marker) if flat else {})


def _crosses(
    digit: int, places: np.ndarray, rows: np.ndarray, said: np.ndarray, mine: np.ndarray
) -> style.Attributes:
    """Return the mistakes in the color of a digit; the legend hides them with it."""
    flat = places.shape[1] == 2
    marker = {"color": style.DIGITS[digit], "size": 9 if flat else 5, "symbol": _cross(flat)}
    trace = _trace(places[mine], str(digit), marker, "#%{customdata}: %{text}")
    trace |= _of_rows(digit, rows[mine]) | {"text": said[mine], "showlegend": False}
    return trace | (_picked(marker | {"opacity": 1}) if flat else {})


def _of_rows(digit: int, rows: np.ndarray) -> style.Attributes:
    return {"legendgroup": str(digit), "customdata": rows}


def _picked(marker: style.Attributes) -> style.Attributes:
    """Return the look of selected and other points: a clicked point grows, the others stay."""
    same = {"marker": {"opacity": marker["opacity"]}}
    return {"selected": {"marker": {"opacity": 1, "size": 20}}, "unselected": same}


def _cross(flat: bool) -> str:
    return "x" if flat else "cross"  # some fonts lack the x symbol of 3-D charts


def _nowhere(sides: int) -> np.ndarray:
    """Return one point that is not drawn: (1, sides)."""
    return np.full((1, sides), np.nan)


def _sign(sides: int, name: str, marker: style.Attributes) -> style.Attributes:
    """Return an empty trace that explains a symbol in the legend."""
    return _trace(_nowhere(sides), name, marker, None)


def _squares(digit: int, squares: Squares) -> style.Attributes:
    """Return the squares in the color of a digit; the legend hides them with it."""
    mine, flat = squares.digits == digit, squares.places.shape[1] == 2
    marker = {
        "color": style.DIGITS[digit],
        "size": 10 if flat else 5,
        "symbol": np.where(squares.right[mine], "square", "square-open").tolist(),
        "line": {"width": 1.5, "color": style.NEUTRAL if flat else style.DIGITS[digit]},
        "opacity": 1,
    }
    trace = _trace(squares.places[mine], str(digit), marker, "%{text}")
    words = [word for word, own in zip(squares.words, mine, strict=True) if own]
    trace |= {"legendgroup": str(digit), "showlegend": False, "text": words}
    return trace | ({"unselected": {"marker": {"opacity": 1}}} if flat else {})


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
        uirevision=str(axes),  # the reader's zoom stays when a mark moves
        clickmode="event+select",
        dragmode=False,  # the page scrolls under the finger
        **({"scene": space} if len(axes) == 3 else {}),
    )
