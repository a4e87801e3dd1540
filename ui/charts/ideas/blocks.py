"""Blocks of square cells of several sizes in one figure.

All blocks are on one pair of axes, whose unit is a fifth of the width of a picture.
"""

from dataclasses import dataclass

import plotly.graph_objects as go

from ui.charts import parts, style

SIDE, STEP = 5.0, 6.0  # width of a picture, and from one picture to the next


@dataclass(frozen=True)
class Block:
    """Square cells with a title above and words below. left, top, width: in units.

    framed: row, column and side of the cells that a frame is around.
    """

    title: str
    cells: style.Attributes
    left: float
    top: float
    width: float = SIDE
    framed: tuple[int, int, int] | None = None
    below: str = ""


def figure(blocks: list[Block], unit: int) -> go.Figure:
    """Return the blocks at their places. unit: in pixels."""
    data, notes, frames = [], [], []
    size = {"size": 11 if unit < 18 else 13}
    for block in blocks:
        middle, bottom = block.left + block.width / 2, block.top + block.width
        cell = block.width / len(block.cells["z"])
        first = {"x0": block.left + cell / 2, "dx": cell, "y0": block.top + cell / 2, "dy": cell}
        if "text" in block.cells:
            first["textfont"] = block.cells.get("textfont", {}) | size
        data.append(block.cells | first)
        notes += [
            parts.note(block.title, middle, block.top, yanchor="bottom", font=size),
            parts.note(block.below, middle, bottom, yanchor="top", font=size),
        ]
        if block.cells["type"] == "image":  # its white would merge with a light page
            outline = {"color": style.NEUTRAL, "stroke": 1}
            corner = block.top + 0.5, block.left + 0.5
            frames.append(parts.frame(*corner, block.width, block.width, **outline))
        if block.framed:
            row, column, side = block.framed
            top, left = block.top + row * cell, block.left + column * cell
            # `frame` begins half a unit before the middle of the first cell
            frames.append(parts.frame(top + 0.5, left + 0.5, side * cell, side * cell))
    wide = max(block.left + block.width for block in blocks)
    high = max(block.top + block.width + (1.3 if block.below else 0.2) for block in blocks)
    return parts.figure(
        data,
        round(unit * (high + 1.3)),
        parts.HIDDEN | {"range": [-0.2, wide + 0.2]},
        parts.HIDDEN | {"range": [high, -1.3], "scaleanchor": "x"},
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        annotations=[note for note in notes if note["text"]],
        shapes=frames,
        showlegend=False,
    )
