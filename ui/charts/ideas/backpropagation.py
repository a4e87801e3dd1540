"""Figures of the idea Backpropagation: a small network, a convolution and pooling, backward."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from mnist_core.teaching.concepts.backpropagation import BIAS, INPUTS, OUTPUT, Pass
from mnist_core.teaching.concepts.convolution import SlidingProduct
from mnist_core.teaching.concepts.pooling import Pooled
from ui.charts import parts, style
from ui.charts.ideas.spatial import signed_cells
from ui.charts.style import Attributes

HEIGHT = 330
WIDEST = 7  # pixels: the line of the largest weight or gradient
INPUT_PLACES, HIDDEN_PLACES, OUT_PLACE = ((0, 1), (0, 0)), ((1.5, 1), (1.5, 0)), (3, 0.5)
ALONG = 0.35  # of a line, to where its text stands; lines cross at 0.5


def network(passed: Pass, backward: bool, chosen: tuple[int, int], theme: str | None) -> go.Figure:
    """Return the network: units with their values, lines with the weights.

    backward: gradients in place of values and weights; chosen: row and column of the parameter
    whose line, or whose unit for a bias, is framed.
    """
    table = passed.gradient if backward else passed.parameters
    most = float(abs(table[:INPUTS]).max()) or 1.0
    lines, notes = [], []
    for row in range(INPUTS):
        for column in range(OUTPUT + 1):
            ends = _ends(row, column)
            value = float(table[row, column])
            color = style.by_sign([value], theme)[0]
            width = 1 + (WIDEST - 1) * abs(value) / most
            (x, y), (to_x, to_y) = ends
            lines.append(parts.line([x, to_x], [y, to_y], color, None, width=width))
            notes.append(_on_line(ends, value, color, (row, column) == chosen, theme))
    framed = 2 + chosen[1] if chosen[0] == BIAS else None
    return parts.figure(
        [*lines, _circles(_nodes(passed, backward), framed, theme)],
        HEIGHT,
        parts.HIDDEN | {"range": [-0.45, 3.45]},
        parts.HIDDEN | {"range": [-0.3, 1.3]},
        annotations=notes,
        showlegend=False,
    )


def convolution(
    slid: SlidingProduct,
    titles: tuple[str, str, str],
    place: tuple[int, int],
    theme: str | None,
    height: int,
) -> go.Figure:
    """Return the input, the table that slides over it, and the resulting gradient.

    titles: of the three tables; place: row and column of the gradient, framed with its window. A
    gray frame goes around all but the zeros that a turned kernel needs at the edges.
    """
    size = len(slid.laid)
    frames = [parts.frame(*place, size, size), parts.frame(*place, 1, 1, "3")]
    if slid.laid is not slid.kernel:
        zeros, inside = size - 1, len(slid.image) - 2 * (size - 1)
        frame = parts.frame(zeros, zeros, inside, inside, color=style.NEUTRAL, stroke=2)
        frames.insert(0, frame)
    return _in_a_row(
        dict(zip(titles, (slid.image, slid.laid, slid.output), strict=True)), frames, theme, height
    )


def pooling(
    pooled: Pooled,
    error: np.ndarray,
    gradient: np.ndarray,
    place: tuple[int, int],
    theme: str | None,
    height: int,
) -> go.Figure:
    """Return the input of a pooling, the error of each window, and the input's gradient.

    place: row and column of the input, whose window, error and gradient are framed; the winners
    of a maximum have green frames.
    """
    size = pooled.size
    row, column = (side // size for side in place)
    frames = [
        parts.frame(row * size, column * size, size, size),
        parts.frame(row, column, 1, 1, "2"),
        parts.frame(*place, 1, 1, "3"),
    ]
    if pooled.winners is not None:
        frames += [
            parts.frame(at, across, 1, 1, winner=True)
            for at, across in pooled.winners.reshape(-1, 2).tolist()
        ]
    tables = {"input x": pooled.inputs, "error E": error, "∂L/∂x": gradient}
    return _in_a_row(tables, frames, theme, height)


def _in_a_row(
    tables: Mapping[str, np.ndarray], frames: list[Attributes], theme: str | None, height: int
) -> go.Figure:
    """Return tables of signed numbers with cells of one size, under their titles."""
    gap, widths = 0.04, [table.shape[1] for table in tables.values()]
    cell = (1 - gap * (len(widths) - 1)) / sum(widths)
    shares = [width * cell + gap for width in widths]
    shares[-1] -= gap
    cells = {title: signed_cells(table, theme) for title, table in tables.items()}
    return parts.side_by_side(cells, shares, height, gap=gap, alike=True, shapes=frames)


def _ends(row: int, column: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return where the line of a weight begins and ends."""
    if column == OUTPUT:
        return HIDDEN_PLACES[row], OUT_PLACE
    return INPUT_PLACES[row], HIDDEN_PLACES[column]


def _on_line(
    ends: tuple[tuple[float, float], tuple[float, float]],
    value: float,
    color: str,
    chosen: bool,
    theme: str | None,
) -> Attributes:
    """Return the number of a weight on its line, framed if it is the chosen one."""
    (x, y), (to_x, to_y) = ends
    frame = {"bordercolor": style.VALIDATION, "borderwidth": 3} if chosen else {}
    return parts.note(
        _written(value),
        x + ALONG * (to_x - x),
        y + ALONG * (to_y - y),
        font={"size": 14, "color": style.TEXT["light" if theme == "dark" else "dark"]},
        bgcolor=color,
        borderpad=3,
        **frame,
    )


def _nodes(passed: Pass, backward: bool) -> list[tuple[tuple[float, float], str, float]]:
    """Return place, name and number of each unit."""
    values = (*passed.x, *passed.h, passed.p)
    names = ("x1", "x2", "h1", "h2", "p")
    if backward:
        values = (*passed.x_grad, *passed.h_grad, passed.z_out_grad)
        names = ("∂L/∂x1", "∂L/∂x2", "∂L/∂h1", "∂L/∂h2", "∂L/∂z")
    places = (*INPUT_PLACES, *HIDDEN_PLACES, OUT_PLACE)
    return [*zip(places, names, map(float, values), strict=True)]


def _circles(
    nodes: list[tuple[tuple[float, float], str, float]], framed: int | None, theme: str | None
) -> Attributes:
    """Return a circle per unit with its name and number in it. framed: the number of one unit."""
    x, y = zip(*(place for place, _, _ in nodes), strict=True)
    text = style.TEXT[theme or "light"]
    paper = style.TEXT["light" if theme == "dark" else "dark"]
    circles = parts.points(
        *(x, y, paper, None),
        mode="markers+text",
        text=[f"{name}<br><b>{_written(value)}</b>" for _, name, value in nodes],
        textfont={"size": 14, "color": text},
    )
    edges = [style.VALIDATION if at == framed else text for at in range(len(nodes))]
    widths = [4 if at == framed else 2 for at in range(len(nodes))]
    return circles | {
        "marker": {"size": 64, "color": paper, "line": {"color": edges, "width": widths}}
    }


def _written(value: float) -> str:
    """Return a number with three significant digits and a real minus sign."""
    return f"{value:z.3g}".replace("-", "−")
