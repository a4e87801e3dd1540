"""Diagram of a network, drawn to the shapes of its outputs: boxes for images, bars for vectors."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from math import ceil, log2

import plotly.graph_objects as go

from mnist_core.network.layers import IMAGE_SHAPE, Shape
from mnist_core.network.summary import Row
from mnist_core.utils.text import format_shape
from ui.charts import parts, style
from ui.charts.layers import KINDS

# A unit is one pixel of an image, and takes about two pixels of the screen; the room for letters is
# computed for that.
SLANT = 0.45  # units right and up per unit of depth
BAR = 3.0
GAP = 4.0
LETTER = 2.9
MARGIN = 1.5  # between a shape and its text
LABEL, ACTIVATION = 25.0, 9.0  # room below and above a row, for three lines and for one
PHONE_ROW, WIDE_ROW = 170.0, 440.0  # the widest that a row may be
MOST_ROWS = 4
WINDOWED = ("Conv2D", "Pooling2D")
BOXES = (*WINDOWED, "Dense")  # a layer of another kind is a thin slab where it keeps the shape
BLOCK = "Residual"  # one box for all its layers, with a loop over it for its shortcut
LOOP = 5.0
LOCK = 4.0  # the side of the padlock on a frozen layer
LOCK_PAPER, LOCK_INK = "#ffffff", "#111827"  # readable on any layer's color, in both themes
FONT = 11
TARGET = 40  # pixels: the square in a front that takes clicks, and 20 around it
LEAST_HEIGHT, ROW_HEIGHT = 150, 165  # pixels on screen


@dataclass(frozen=True)
class Stage:
    """The output of one layer.

    layer: the position of its layer, from 0; -1 for the image. kind: the name of its class; name:
    what is written below it; keeps: whether it has the shape of the layer before; words: the text
    shown on hover; frozen: whether training leaves its weights as they are.
    """

    layer: int
    kind: str
    name: str
    output: Shape
    parameters: int
    words: str
    activation: str
    keeps: bool = False
    frozen: bool = False

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the front; a vector's height grows with the logarithm of its length.

        The longest vector that the limits allow is about as high as the image.
        """
        if len(self.output) == 1:
            return BAR, 2 + 1.5 * log2(self.output[0])
        return (BAR if self.keeps else self.output[1]), self.output[0]

    @property
    def depth(self) -> float:
        """Extent of the channels to the right and up, on a logarithmic scale."""
        return 0 if len(self.output) == 1 else 1.5 * (1 + log2(self.output[2])) * SLANT

    @property
    def above(self) -> float:
        """Extent above the front: of the channels and of a shortcut."""
        return self.depth + (LOOP if self.kind == BLOCK else 0)

    @property
    def label(self) -> tuple[str, ...]:
        """What is written below: name, shape, and parameters if it has any."""
        shape = "" if self.keeps else format_shape(self.output).replace(" ", "")
        count = f"{self.parameters:,} params" if self.parameters else ""
        return tuple(line for line in (self.name, shape, count) if line)

    @property
    def room(self) -> float:
        """Width, including the text and the gap to the next stage."""
        letters = max(len(text) for text in (*self.label, self.activation))
        loops = 2 * LOOP if self.kind == BLOCK else 0
        return max(self.size[0] + self.depth + loops, LETTER * letters) + GAP


def diagram(layers: tuple[Row, ...], wide: bool = True) -> go.Figure:
    """Return the diagram of all layers, from the image on.

    layers: rows of a network's summary; wide: whether there is room for many in a row.

    Height and width are drawn to one scale, channels as depth on a logarithmic scale. Many layers
    take several rows, read like lines of text. A clicked point has the position of its layer as
    `customdata`.
    """
    rows = _rows(_stages(layers), WIDE_ROW if wide else PHONE_ROW)
    half = max(stage.size[1] for row in rows for stage in row) / 2
    lid = max(stage.above for row in rows for stage in row)
    pitch = 2 * half + lid + LABEL + ACTIVATION
    traces, shapes, labels = [], [], []
    for number, row in enumerate(rows):
        middle = -number * pitch
        traces.append(_hover_row(row, middle))
        labels += _label_row(row, middle, half)
        shapes += _draw_row(row, middle)
    widest = max(sum(stage.room for stage in row) for row in rows)
    below = (1 - len(rows)) * pitch - half - LABEL
    hidden = {"visible": False, "fixedrange": True}
    return parts.figure(
        traces,
        max(LEAST_HEIGHT, ROW_HEIGHT * len(rows)),
        hidden | {"range": [-GAP, widest]},
        hidden | {"range": [below, half + lid + ACTIVATION], "scaleanchor": "x"},
        shapes=shapes,  # paths, since browsers are far slower at filled traces
        annotations=labels,
        showlegend=False,
        hovermode="closest",
    )


def _stages(rows: tuple[Row, ...]) -> list[Stage]:
    """Return the image and a stage for each layer."""
    stages = [Stage(-1, "", "input", IMAGE_SHAPE, 0, "the image", "")]
    for row in _with_blocks(rows):
        if isinstance(row, Stage):
            stages.append(row)
            continue
        words = f"{row.name}: {format_shape(row.output_shape)}, {row.parameters:,} parameters"
        words += ", frozen" if row.frozen else ""
        activation = "" if row.activation == "linear" else row.activation
        keeps = row.output_shape == stages[-1].output and not row.type.endswith(BOXES)
        size = row.output_shape, row.parameters
        shown = words, activation, keeps, row.frozen
        stages.append(Stage(row.layer, row.type, _name(row), *size, *shown))
    return stages


def _with_blocks(rows: tuple[Row, ...]) -> Iterator[Row | Stage]:
    """Yield the rows, but one stage for all rows of a block with a shortcut."""
    for layer, group in groupby(rows, key=lambda row: row.layer):
        made = list(group)
        if any(row.keras.path == "both" for row in made):
            output, count = made[-1].output_shape, sum(row.parameters for row in made)
            words = f"residual block: {format_shape(output)}, {count:,} parameters"
            frozen = all(row.frozen for row in made if row.parameters)
            words += ", frozen" if frozen else ""
            shown = KINDS[BLOCK].short, output, count, words, "relu"
            yield Stage(layer, BLOCK, *shown, frozen=frozen)
        else:
            yield from made


def _name(row: Row) -> str:
    """Return the name of a layer with its window or rate: conv 3×3, dropout 0.2."""
    name = KINDS[row.type].short if row.type in KINDS else row.type.lower()
    given = row.keras.arguments
    if given and row.type.endswith(WINDOWED):
        return f"{name} {given[-1]}×{given[-1]}"
    return f"{name} {given[0]}" if given and "Dropout" in row.type else name


def _rows(stages: list[Stage], most: float) -> list[list[Stage]]:
    """Split the stages into rows of about equal length. most: width of a row."""
    total = sum(stage.room for stage in stages)
    count = min(MOST_ROWS, ceil(total / most))
    rows: list[list[Stage]] = [[] for _ in range(count)]
    before = 0.0
    for stage in stages:
        middle = before + stage.room / 2
        rows[int(middle / total * count)].append(stage)
        before += stage.room
    return [row for row in rows if row]


def _places(row: list[Stage]) -> list[tuple[Stage, float]]:
    """Return the stages of a row, each with the x-coordinate of its center."""
    left, places = 0.0, []
    for stage in row:
        places.append((stage, left + (stage.room - GAP) / 2))
        left += stage.room
    return places


def _label_row(row: list[Stage], middle: float, half: float) -> list[style.Attributes]:
    """Return the text of a row: names and shapes below, activations above.

    middle: the y-coordinate of the row's axis; half: half the height of the tallest stage.
    """
    look = {"xanchor": "center", "font": {"size": FONT}, "borderpad": 0}
    labels = []
    for stage, center in _places(row):
        below = middle - half - MARGIN
        labels.append(parts.note("<br>".join(stage.label), center, below, yanchor="top", **look))
        if stage.activation:
            top = middle + stage.size[1] / 2 + stage.above + MARGIN
            labels.append(parts.note(stage.activation, center, top, yanchor="bottom", **look))
    return labels


def _hover_row(row: list[Stage], middle: float) -> style.Attributes:
    """Return an invisible point in each front, to click, with the layer's description on hover."""
    stages, centers = zip(*_places(row), strict=True)
    words = [stage.words for stage in stages]
    layers = [stage.layer for stage in stages]
    height = [middle] * len(stages)
    return parts.targets(centers, height, TARGET, "%{text}", text=words, customdata=layers)


def _draw_row(row: list[Stage], middle: float) -> list[style.Attributes]:
    return [
        face
        for stage, center in _places(row)
        for face in _draw(stage, center - (stage.size[0] + stage.depth) / 2, middle)
    ]


def _draw(stage: Stage, left: float, middle: float) -> list[style.Attributes]:
    """Return the faces of one box or bar, whose front begins at x = `left`."""
    (width, height), depth = stage.size, stage.depth
    bottom, top, right = middle - height / 2, middle + height / 2, left + width
    color = KINDS[stage.kind].color if stage.kind in KINDS else style.NEUTRAL
    front = [(left, bottom), (right, bottom), (right, top), (left, top)]
    lid = [(left, top), (right, top), (right + depth, top + depth), (left + depth, top + depth)]
    side = [
        (right, bottom),
        (right + depth, bottom + depth),
        (right + depth, top + depth),
        (right, top),
    ]
    faces = ((lid, 0.35), (side, 0.5), (front, 0.75)) if depth else ((front, 0.75),)
    drawn = [_loop(left, right + depth, middle, top + depth, color)] if stage.kind == BLOCK else []
    lock = _lock(left + width / 2, middle) if stage.frozen else []
    return (
        drawn
        + [
            {
                "type": "path",
                "path": "M" + " L".join(f"{x:.2f},{y:.2f}" for x, y in corners) + " Z",
                "fillcolor": style.with_opacity(color, opacity),
                "line": {"color": color, "width": 1},
            }
            for corners, opacity in faces
        ]
        + lock
    )


def _lock(x: float, y: float) -> list[style.Attributes]:
    """Return a padlock around a point: a body with a shackle above it."""
    half, line = LOCK / 2, {"color": LOCK_INK, "width": 1.5}
    left, right, high = x - 0.6 * half, x + 0.6 * half, y + 1.6 * half
    bow = f"C{left:.2f},{high:.2f} {right:.2f},{high:.2f} {right:.2f},{y:.2f}"
    body = f"M{x - half:.2f},{y:.2f} H{x + half:.2f} V{y - LOCK:.2f} H{x - half:.2f} Z"
    return [
        {"type": "path", "path": f"M{left:.2f},{y:.2f} {bow}", "line": line},
        {"type": "path", "path": body, "fillcolor": LOCK_PAPER, "line": line},
    ]


def _loop(left: float, right: float, middle: float, top: float, color: str) -> style.Attributes:
    """Return the shortcut of a block: a curve over it, from its left to its right."""
    begin, end = left - LOOP, right + LOOP
    high = middle + (top + LOOP - middle) / 0.75  # a Bezier curve rises to three quarters
    path = f"M{begin:.2f},{middle:.2f} C{begin:.2f},{high:.2f} {end:.2f},{high:.2f} "
    return {
        "type": "path",
        "path": f"{path}{end:.2f},{middle:.2f}",
        "line": {"color": color, "width": 2},
    }
