"""Figures of the tabs Saliency and What fools it: saliency maps, and adversarial examples."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from mnist_core.dataset.mnist import SIDE
from mnist_core.insight.adversarial import Attack
from ui.charts import parts, style
from ui.charts.tile_grid import arrange, names_and_targets

COLUMNS = 5
BESIDE, ABOVE = 4, 14  # cells between tiles, and above them for two lines of text
HALF = 127  # gray level at which ink begins


def ten(
    maps: np.ndarray, image: np.ndarray, names: Sequence[str], chosen: int, theme: str | None
) -> go.Figure:
    """Return the maps of the classes 0 to 9 on one scale, the chosen one framed.

    maps: (10, 28, 28) float; image: (28, 28) uint8, whose outline is drawn over each map. In
    Streamlit a point in the middle of each tile can be selected; its index is the class.
    """
    canvas, corners = arrange(maps, COLUMNS, BESIDE, ABOVE)
    ink = np.nan_to_num(arrange(np.stack([image] * 10), COLUMNS, BESIDE, ABOVE)[0])
    hover = [name.replace("<br>", " ") for name in names]
    notes, targets = names_and_targets(corners, (SIDE, SIDE), names, hover)
    bar = {"orientation": "h", "thickness": 10, "x": 0.5, "y": 0, "yanchor": "top", "len": 0.9}
    heat = _heat(canvas, maps, theme, None) | {"showscale": True, "colorbar": bar}
    (high, wide), toward = canvas.shape, {"scaleanchor": "x", "constraintoward": "bottom"}
    return parts.figure(
        [heat, _outline(ink, theme), targets],
        330,
        parts.HIDDEN | {"range": [-1, wide]},
        parts.HIDDEN | {"range": [high, -0.5]} | toward,
        margin={"b": 40},
        annotations=notes,
        shapes=[parts.frame(*corners[chosen], SIDE, SIDE)],
        hoverdistance=-1,  # the whole tile reacts, not only its point
        showlegend=False,
    )


def large(values: np.ndarray, maps: np.ndarray, image: np.ndarray, theme: str | None) -> go.Figure:
    """Return one saliency map with the digit's outline, on the scale of all ten maps.

    values: (28, 28), one of `maps`: (10, 28, 28); image: (28, 28) uint8.
    """
    hover = "row %{y}, column %{x}: %{z:.3g}<br>gray level %{customdata}"
    return parts.figure(
        [_heat(values, maps, theme, hover) | {"customdata": image}, _outline(image, theme)],
        330,
        parts.HIDDEN,
        parts.HIDDEN | {"autorange": "reversed", "scaleanchor": "x"},
        showlegend=False,
    )


def _heat(
    values: np.ndarray, maps: np.ndarray, theme: str | None, hover: str | None
) -> style.Attributes:
    """Return a heatmap: signed maps on the diverging scale, others on its upper half."""
    most = float(np.abs(maps).max()) or 1.0
    colors = style.diverging(theme)
    if maps.min() < 0:
        return parts.heatmap(values, colors, -most, most, hover)
    return parts.heatmap(values, [(0, colors[1][1]), (1, colors[2][1])], 0, most, hover)


def _outline(image: np.ndarray, theme: str | None) -> style.Attributes:
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
    tables = {
        "the image": parts.heatmap(image, style.INK, 0, 255),
        f"+ the change, −{most} to +{most}" if most else "+ no change": parts.signed_heatmap(
            added, theme
        ),
        "= sum": parts.heatmap(changed, style.INK, 0, 255),
    }
    return parts.side_by_side(tables, [0.34, 0.34, 0.32], 240, gap=0.02, title_size=11)


def probabilities_by_size(attack: Attack, size: int) -> go.Figure:
    """Return the probabilities of the label and of its strongest rival against the change's size.

    size: the size in use, in gray levels, marked by a line.
    """
    levels, rival = np.arange(len(attack.images)), attack.rival
    label = np.full_like(rival, attack.label)
    other = "the strongest other digit" if attack.goal is None else f"{attack.goal}, the goal"
    hover = "size %{x}: %{customdata} with %{y:.1%}"
    data = [
        parts.line(levels, attack.probabilities[levels, digit], color, hover, dash=dash)
        | {"name": name, "customdata": digit}
        for name, digit, color, dash in (
            (f"{attack.label}", label, style.RIGHT, "solid"),
            (other, rival, style.WRONG, "dash"),
        )
    ]
    return parts.figure(
        data,
        260,
        parts.axis("size of the change, gray levels of 255", range=[0, levels[-1]]),
        parts.axis("probability", range=[0, 1.03], tickformat=".0%"),
        shapes=[parts.vertical(size, dash="solid")],
    )
