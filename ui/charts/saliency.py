"""Figures of the views Saliency and Adversarial examples."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from mnist_core.dataset.mnist import SIDE
from mnist_core.insight.adversarial import Attack
from mnist_core.utils.text import probability
from ui.charts import parts, style
from ui.charts.tile_grid import arrange, names_and_targets

HEIGHT = 330  # pixels
COLUMNS = 5
BESIDE, ABOVE = 4, 14  # cells between tiles, and above them for two lines of text
HALF = 127  # gray level at which ink begins


def ten(maps: np.ndarray, image: np.ndarray, names: Sequence[str], theme: str | None) -> go.Figure:
    """Return the maps of the classes 0 to 9 on one scale.

    maps: (10, 28, 28) float; image: (28, 28) uint8, whose outline is drawn over each map. In
    Streamlit a point in the middle of each tile can be selected; its index is the class.
    """
    canvas, corners = arrange(maps, COLUMNS, BESIDE, ABOVE)
    ink = np.nan_to_num(arrange(np.stack([image] * 10), COLUMNS, BESIDE, ABOVE)[0]).astype(np.uint8)
    hover = [name.replace("<br>", " ") for name in names]
    scale = _scale(maps, theme)
    place = {"orientation": "h", "thickness": 10, "x": 0.5, "y": 0, "yanchor": "top", "len": 0.9}
    bar = parts.color_bar(*scale, **place)
    notes, targets = names_and_targets(corners, (SIDE, SIDE), names, hover, bar)
    (high, wide), toward = canvas.shape, {"scaleanchor": "x", "constraintoward": "bottom"}
    return parts.figure(
        [parts.picture(canvas, *scale), _outline(ink, theme), targets],
        HEIGHT,
        parts.HIDDEN | {"range": [-1, wide]},
        parts.HIDDEN | {"range": [high, -0.5]} | toward,
        margin={"b": 40},
        annotations=notes,
        hoverdistance=-1,  # the whole tile reacts, not only its point
        showlegend=False,
    )


def large(values: np.ndarray, maps: np.ndarray, image: np.ndarray, theme: str | None) -> go.Figure:
    """Return one saliency map with the digit's outline, on the scale of all ten maps.

    values: (28, 28), one of `maps`: (10, 28, 28); image: (28, 28) uint8.
    """
    hover = "row %{y}, column %{x}: %{z:.3g}<br>gray level %{customdata}"
    return parts.figure(
        [
            parts.heatmap(values, *_scale(maps, theme), hover) | {"customdata": image},
            _outline(image, theme),
        ],
        HEIGHT,
        parts.HIDDEN,
        parts.HIDDEN | {"autorange": "reversed", "scaleanchor": "x"},
        showlegend=False,
    )


def _scale(maps: np.ndarray, theme: str | None) -> tuple[style.ColorScale, float, float]:
    """Return the color scale of maps and its ends: diverging if signed, else its upper half."""
    most = float(np.abs(maps).max()) or 1.0
    colors = style.diverging(theme)
    if maps.min() < 0:
        return colors, -most, most
    return [(0, colors[1][1]), (1, colors[2][1])], 0, most


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
    other = "the strongest other digit" if attack.goal is None else f"{attack.goal}, the target"
    hover = "size %{x}: %{customdata} with %{text}"
    data = []
    for name, digit, color, dash in (
        (f"{attack.label}", label, style.RIGHT, "solid"),
        (other, rival, style.WRONG, "dash"),
    ):
        shares = attack.probabilities[levels, digit]
        said = [probability(float(share)) for share in shares]
        line = parts.line(levels, shares, color, hover, dash=dash)
        data.append(line | {"name": name, "customdata": digit, "text": said})
    return parts.figure(
        data,
        260,
        parts.axis("size of the change, gray levels of 255", range=[0, levels[-1]]),
        parts.axis("probability", range=[0, 1.03], tickformat=".0%"),
        shapes=[parts.vertical(size, dash="solid")],
    )
