"""Figures of the tabs Saliency and What fools it: saliency maps, and adversarial examples."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from mnist_core.insight.adversarial import Attack
from ui.charts import style

SIDE, COLUMNS, ROWS = 28, 5, 2
BESIDE, ABOVE = 4, 14  # cells between tiles, and above them for two lines of text
HALF = 127  # gray level at which ink begins

_UNSEEN = {"marker": {"opacity": 0}}
_HIDDEN = {"visible": False, "fixedrange": True, "constrain": "domain"}


def ten(
    maps: np.ndarray, image: np.ndarray, names: Sequence[str], chosen: int, theme: str | None
) -> go.Figure:
    """Return the maps of the classes 0 to 9 on one scale, the chosen one framed.

    maps: (10, 28, 28) float; image: (28, 28) uint8, whose outline is drawn over each map. In
    Streamlit a point in the middle of each tile can be selected; its index is the class.
    """
    wide, high = COLUMNS * (SIDE + BESIDE) - BESIDE, ROWS * (SIDE + ABOVE)
    canvas = np.full((high, wide), np.nan, np.float32)
    ink = np.zeros((high, wide), np.uint8)
    corners = [
        (number // COLUMNS * (SIDE + ABOVE) + ABOVE, number % COLUMNS * (SIDE + BESIDE))
        for number in range(10)
    ]
    for tile, (row, column) in zip(maps, corners, strict=True):
        here = np.s_[row : row + SIDE, column : column + SIDE]
        canvas[here], ink[here] = tile, image
    middles = np.array(corners) + (SIDE - 1) / 2
    bar = {"orientation": "h", "thickness": 10, "x": 0.5, "y": 0, "yanchor": "top", "len": 0.9}
    heat = _heat(canvas, maps, theme) | {"showscale": True, "colorbar": bar, "hoverinfo": "skip"}
    targets = {
        "type": "scatter",
        "x": middles[:, 1],
        "y": middles[:, 0],
        "mode": "markers",
        "marker": {"symbol": "square", "size": 30, "opacity": 0},
        "selected": _UNSEEN,
        "unselected": _UNSEEN,
        "text": [name.replace("<br>", " ") for name in names],
        "hovertemplate": "%{text}<extra></extra>",
    }
    words = [
        {
            "x": column + (SIDE - 1) / 2,
            "y": row - 0.5,
            "yanchor": "bottom",
            "text": name,
            "showarrow": False,
            "font": {"size": 11},
        }
        for name, (row, column) in zip(names, corners, strict=True)
    ]
    layout = style.layout(330) | {
        "annotations": words,
        "shapes": [style.frame(*corners[chosen], SIDE, SIDE)],
        "hoverdistance": -1,  # the whole tile reacts, not only its point
        "showlegend": False,
        "xaxis": _HIDDEN | {"range": [-1, wide]},
        "yaxis": _HIDDEN | {"range": [high, -0.5], "scaleanchor": "x", "constraintoward": "bottom"},
    }
    layout["margin"]["b"] = 40
    return go.Figure({"data": [heat, _outline(ink, theme), targets], "layout": layout})


def large(values: np.ndarray, maps: np.ndarray, image: np.ndarray, theme: str | None) -> go.Figure:
    """Return one saliency map with the digit's outline, on the scale of all ten maps.

    values: (28, 28), one of `maps`: (10, 28, 28); image: (28, 28) uint8.
    """
    hover = "row %{y}, column %{x}: %{z:.3g}<br>grey level %{customdata}<extra></extra>"
    heat = _heat(values, maps, theme) | {"customdata": image, "hovertemplate": hover}
    layout = style.layout(330) | {
        "showlegend": False,
        "xaxis": _HIDDEN,
        "yaxis": _HIDDEN | {"autorange": "reversed", "scaleanchor": "x"},
    }
    return go.Figure({"data": [heat, _outline(image, theme)], "layout": layout})


def _heat(values: np.ndarray, maps: np.ndarray, theme: str | None) -> dict[str, object]:
    """Return a heatmap: signed maps on the diverging scale, others on its upper half."""
    most = float(np.abs(maps).max()) or 1.0
    signed, colors = maps.min() < 0, style.diverging(theme)
    upper = [(0, colors[1][1]), (1, colors[2][1])]
    return {
        "type": "heatmap",
        "z": values,
        "zmin": -most if signed else 0,
        "zmax": most,
        "colorscale": colors if signed else upper,
        "showscale": False,
    }


def _outline(image: np.ndarray, theme: str | None) -> dict[str, object]:
    """Return the outline of the ink as a thin line."""
    return {
        "type": "contour",
        "z": image,
        "contours": {"start": HALF, "end": HALF, "size": 1, "coloring": "none"},
        "line": {"color": style.TEXT[theme or "light"], "width": 1.2},
        "hoverinfo": "skip",
        "showscale": False,
    }


def change(image: np.ndarray, changed: np.ndarray, theme: str | None) -> go.Figure:
    """Return an image, the change, and the changed image side by side.

    image, changed: (28, 28) uint8.
    """
    added = changed.astype(np.int16) - image
    most = int(np.abs(added).max())
    grey = {"zmin": 0, "zmax": 255, "colorscale": style.INK}
    signed = {"zmin": -(most or 1), "zmax": most or 1, "colorscale": style.diverging(theme)}
    titles = ("the image", f"+ the change, −{most} to +{most}" if most else "+ no change", "= sum")
    data, words, layout = [], [], style.layout(240)
    for number, (values, scale) in enumerate(((image, grey), (added, signed), (changed, grey)), 1):
        end = "" if number == 1 else str(number)
        data.append(
            {
                "type": "heatmap",
                "z": values,
                "xaxis": f"x{end}",
                "yaxis": f"y{end}",
                "showscale": False,
                "hovertemplate": "row %{y}, column %{x}: %{z}<extra></extra>",
            }
            | scale
        )
        layout[f"xaxis{end}"] = _HIDDEN | {"domain": [(number - 1) * 0.34, number * 0.34 - 0.02]}
        across = {"autorange": "reversed", "scaleanchor": f"x{end}", "anchor": f"x{end}"}
        layout[f"yaxis{end}"] = _HIDDEN | across
        words.append(
            {
                "x": 13.5,
                "y": -0.5,
                "xref": f"x{end}",
                "yref": f"y{end}",
                "yanchor": "bottom",
                "text": titles[number - 1],
                "showarrow": False,
                "font": {"size": 11},
            }
        )
    layout["margin"]["t"] = 24
    return go.Figure({"data": data, "layout": layout | {"annotations": words}})


def probabilities_by_size(attack: Attack, size: int) -> go.Figure:
    """Return the probabilities of the label and of its strongest rival against the change's size.

    size: the size in use, in gray levels, marked by a line.
    """
    levels = np.arange(len(attack.images))
    rival = attack.rival
    other = "the strongest other digit" if attack.goal is None else f"{attack.goal}, the goal"
    lines = [
        (f"{attack.label}", attack.probabilities[:, attack.label], style.RIGHT, "solid"),
        (other, attack.probabilities[levels, rival], style.WRONG, "dash"),
    ]
    digits = (np.full_like(rival, attack.label), rival)
    data = [
        {
            "type": "scatter",
            "x": levels,
            "y": values,
            "customdata": digit,
            "name": name,
            "mode": "lines",
            "line": {"color": color, "dash": dash, "width": 2.5},
            "hovertemplate": "size %{x}: %{customdata} with %{y:.1%}<extra></extra>",
        }
        for (name, values, color, dash), digit in zip(lines, digits, strict=True)
    ]
    layout = style.layout(260, "size of the change, grey levels of 255", "probability")
    layout["xaxis"] |= {"fixedrange": True, "range": [0, levels[-1]]}
    layout["yaxis"] |= {"fixedrange": True, "range": [0, 1.03], "tickformat": ".0%"}
    here = {"type": "line", "x0": size, "x1": size, "y0": 0, "y1": 1, "yref": "paper"}
    layout["shapes"] = [here | {"line": {"color": style.NEUTRAL, "width": 2}}]
    return go.Figure({"data": data, "layout": layout})
