"""Figure of the embedding: test images in the space of a network's last hidden layer."""

import numpy as np
import plotly.graph_objects as go

from mnist_core.dataset import mnist
from mnist_core.dataset.braille import to_braille
from mnist_core.evaluation.report import Report
from mnist_core.utils.text import short_percent
from ui.charts import style

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
    return go.Figure({"data": data, "layout": _layout(axes)})


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


def _trace(places: np.ndarray) -> dict[str, object]:
    """Return a trace in two or three dimensions. places: (n, 2 or 3) coordinates."""
    kind = "scatter" if places.shape[1] == 2 else "scatter3d"
    return {"type": kind, **dict(zip("xyz", places.T, strict=False))}


def _points(
    digit: int,
    places: np.ndarray,
    rows: np.ndarray,
    hover: np.ndarray,
    mine: np.ndarray,
    cross: bool,
) -> dict[str, object]:
    flat = places.shape[1] == 2
    size = (9 if cross else 5) if flat else (5 if cross else 2.5)
    marker = {"color": style.DIGITS[digit], "size": size, "opacity": 1 if cross else 0.65}
    if cross:
        marker["symbol"] = _cross(flat)
    # A digit without points keeps its entry in the legend, which also hides its mistakes.
    there = places[mine] if cross or mine.any() else _nowhere(places.shape[1])
    trace = _trace(there) | {
        "mode": "markers",
        "name": str(digit),
        "legendgroup": str(digit),  # so that the legend hides a digit with its mistakes
        "showlegend": not cross,
        "marker": marker,
        "customdata": rows[mine],
        "text": hover[mine],
        "hovertemplate": "%{text}<extra></extra>",
    }
    if flat:  # the ring shows the selection instead
        same = {"marker": {"opacity": marker["opacity"]}}
        trace |= {"selected": same, "unselected": same}
    return trace


def _cross(flat: bool) -> str:
    return "x" if flat else "cross"  # some fonts lack the x symbol of 3-D charts


def _nowhere(sides: int) -> np.ndarray:
    """Return one point that is not drawn: (1, sides)."""
    return np.full((1, sides), np.nan)


def _sign(sides: int, ink: str) -> dict[str, object]:
    """Return an empty trace that explains the cross in the legend."""
    return _trace(_nowhere(sides)) | {
        "mode": "markers",
        "name": "mistake",
        "marker": {"symbol": _cross(sides == 2), "color": ink},
        "hoverinfo": "skip",
    }


def _names(places: np.ndarray, by: np.ndarray, ink: str) -> dict[str, object]:
    """Return each digit as text in the middle of its points."""
    digits = np.unique(by)
    middles = np.array([np.median(places[by == digit], axis=0) for digit in digits])
    return _trace(middles) | {
        "mode": "text",
        "text": [f"<b>{digit}</b>" for digit in digits],
        "textfont": {"size": 22, "color": ink},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _mark(place: np.ndarray, symbol: str, words: str, ink: str) -> dict[str, object]:
    size = 18 if len(place) == 2 else 10
    marker = {"symbol": symbol, "size": size, "color": ink, "line": {"width": 3, "color": ink}}
    return _trace(place[None]) | {
        "mode": "markers",
        "name": words,
        "marker": marker,
        "hovertemplate": f"{words}<extra></extra>",
    }


def _layout(axes: list[str]) -> dict[str, object]:
    layout = style.layout(HEIGHT, *axes[:2])
    layout |= {
        "hovermode": "closest",
        "hoverlabel": _DOTS,
        "uirevision": str(axes),  # the reader's zoom stays when a mark moves
        "clickmode": "event+select",
        "dragmode": False,  # the page scrolls under the finger
    }
    layout["legend"] |= {"itemsizing": "constant", "font": {"size": 14}}
    bare = {"type": "linear", "zeroline": False, "showticklabels": False, "showgrid": False}
    layout["xaxis"] |= bare
    layout["yaxis"] |= bare | {"scaleanchor": "x"}
    if len(axes) == 3:
        # Without a grid the orientation of the space would not be visible.
        bare |= {"showgrid": True, "showspikes": False}
        titled = [bare | {"title": {"text": words}} for words in axes]
        layout["scene"] = dict(zip(("xaxis", "yaxis", "zaxis"), titled, strict=True))
        layout["scene"] |= {"aspectmode": "data", "dragmode": "turntable"}
    return layout
