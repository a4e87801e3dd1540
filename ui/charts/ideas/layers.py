"""Figures of the ideas Pooling, Flatten and A dense layer: small tables of colored cells."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from mnist_core.network.layers import Shape
from mnist_core.teaching.concepts import flatten
from mnist_core.teaching.concepts.dense import Dense
from mnist_core.teaching.concepts.pooling import Pooled
from ui.charts import style
from ui.charts.ideas.spatial import number

GAP = 0.06  # between two tables, as a share of the width
PALE = 0.4  # opacity of colors behind numbers
COLOURS = [color for color, _, _ in style.MANY]


def written(value: float) -> str:
    """Return a number with at most three decimals and a typographic minus; NaN becomes ""."""
    return "" if np.isnan(value) else number(value, 3)


def pooling_table(pooled: Pooled, at: tuple[int, int], theme: str | None, height: int) -> go.Figure:
    """Return a table of numbers and its pooled table, colored by window where no windows overlap.

    at: the window to frame, as row and column of the output; height: in pixels.
    """
    high, wide = pooled.values.shape
    apart = pooled.stride >= pooled.size
    own = np.arange(high * wide).reshape(high, wide) if apart else np.full((high, wide), np.nan)
    own[at] = at[0] * wide + at[1] if apart else 0
    painted = np.full(pooled.inputs.shape, np.nan)
    for row, column in np.ndindex(high, wide):
        if not np.isnan(own[row, column]):
            top, left = row * pooled.stride, column * pooled.stride
            painted[top : top + pooled.size, left : left + pooled.size] = own[row, column]
    boards = [
        _board(painted, _texts(pooled.inputs), COLOURS, theme),
        _board(own, _texts(pooled.values), COLOURS, theme),
    ]
    return _pooling(boards, pooled, at, height, 4)


def pooling_pictures(pooled: Pooled, at: tuple[int, int], height: int) -> go.Figure:
    """Return an image and its pooled image, both with values on hover.

    at: the window to frame, as row and column of the output; height: in pixels.
    """
    most = float(pooled.inputs.max()) or 1.0
    pictures = [
        {"type": "heatmap", "z": values, "colorscale": style.INK, "zmin": 0, "zmax": most}
        | {"showscale": False, "hovertemplate": "row %{y}, column %{x}: %{z:.3f}<extra></extra>"}
        for values in (pooled.inputs, pooled.values)
    ]
    return _pooling(pictures, pooled, at, height, 2)


def _pooling(
    boards: list[dict[str, object]], pooled: Pooled, at: tuple[int, int], height: int, line: int
) -> go.Figure:
    """Return both tables with frames around the window, its largest cell, and the result.

    line: width of the frames in pixels.
    """
    top, left = at[0] * pooled.stride, at[1] * pooled.stride
    frames = [style.frame(top, left, pooled.size, pooled.size)]
    frames.append(style.frame(at[0], at[1], 1, 1, "2"))
    if pooled.winners is not None:
        row, column = pooled.winners[at].tolist()
        frames.append(style.frame(row, column, 1, 1) | {"line": {"color": style.RIGHT}})
    for frame in frames:
        frame["line"] |= {"width": line}
    sides = [pooled.inputs.shape, pooled.values.shape]
    titles = [
        f"{name}, {high} × {wide}"
        for name, (high, wide) in zip(("input", "pooled"), sides, strict=True)
    ]
    return _side_by_side(boards, sides, titles, frames, height, (0.6, 0.4))


def flatten_block(
    shape: Shape, place: Shape, shown: Sequence[int], theme: str, height: int
) -> go.Figure:
    """Return channels of a block as tiles; each cell shows its index after Flatten.

    shown: the channels to draw.
    """
    lands = flatten.indices(shape)
    tiles = [
        _board(
            np.full(shape[:2], channel),
            [[f"{place}" for place in line] for line in lands[..., channel]],
            _channel_colors(shape[2], place[2]),
            theme,
        )
        for channel in shown
    ]
    axis = shown.index(place[2])
    frames = [style.frame(place[0], place[1], 1, 1, "" if axis == 0 else str(axis + 1))]
    titles = [f"channel {channel}" for channel in shown]
    widths = [1 / len(shown)] * len(shown)
    return _side_by_side(tiles, [shape[:2]] * len(shown), titles, frames, height, widths)


def flatten_row(shape: Shape, at: int, theme: str) -> go.Figure:
    """Return the vector that Flatten makes of a block, wrapped after each row if it is long.

    at: the index to frame.
    """
    count = int(np.prod(shape))
    lines = 1 if count <= 24 else shape[0]
    lands = np.arange(count).reshape(lines, -1)
    chosen = flatten.place(at, shape)
    texts = [[f"{place}" for place in line] for line in lands] if lines == 1 else None
    board = _board(lands % shape[2], texts, _channel_colors(shape[2], chosen[2]), theme)
    board["customdata"] = lands
    board["hovertemplate"] = "number %{customdata}, channel %{z}<extra></extra>"
    line, column = divmod(at, lands.shape[1])
    layout = style.layout(84 if lines == 1 else 40 * lines) | {"showlegend": False}
    layout["xaxis"] = {"visible": False, "fixedrange": True}
    layout["yaxis"] = {"visible": False, "fixedrange": True, "autorange": "reversed"}
    layout["shapes"] = [style.frame(line, column, 1, 1)]
    return go.Figure({"data": [board], "layout": layout})


def _channel_colors(count: int, chosen: int) -> list[str]:
    """Return a color per channel, or with many channels a color for the chosen channel alone."""
    if count <= len(COLOURS):
        return COLOURS[:count]
    return [style.VALIDATION if at == chosen else style.NEUTRAL for at in range(count)]


def dense(layer: Dense, row: int, unit: int, activated: bool, theme: str | None) -> go.Figure:
    """Return Z = XW + b, laid out so that each result stands where its row and column cross.

    W stands above, b below it, X on the left; a row of X and a column of W are framed.
    """
    (batch, wide), out = layer.x.shape, len(layer.b)
    results = np.maximum(layer.z, 0) if activated else layer.z
    values = np.full((wide + batch + 3, wide + out + 1), np.nan)
    values[:wide, wide + 1 :] = layer.w
    values[wide + 1, wide + 1 :] = layer.b
    values[wide + 3 :, :wide] = layer.x
    values[wide + 3 :, wide + 1 :] = results
    most = float(np.nanmax(np.abs(values))) or 1.0
    heat = {"type": "heatmap", "z": values, "colorscale": style.diverging(theme), "xgap": 1}
    heat |= {"zmin": -2 * most, "zmax": 2 * most}  # pale, so that numbers stay readable
    heat |= {"ygap": 1, "showscale": False, "hoverinfo": "skip", "texttemplate": "%{text}"}
    heat |= {"text": _texts(values), "textfont": {"color": style.TEXT[theme or "light"]}}
    frames = [
        style.frame(wide + 3 + row, 0, 1, wide),
        style.frame(0, wide + 1 + unit, wide, 1),
        style.frame(wide + 1, wide + 1 + unit, 1, 1),
        style.frame(wide + 3 + row, wide + 1 + unit, 1, 1)
        | {"line": {"color": style.RIGHT, "width": 4}},
    ]
    middle = wide + (out + 1) / 2
    result = "A = ReLU(Z)" if activated else "Z = XW + b"
    titles = [
        _title((wide - 1) / 2, wide + 2, f"X {batch} × {wide}"),
        _title(middle, -1, f"W {wide} × {out}"),
        _title(middle, wide, f"b {out}"),
        _title(middle, wide + 2, f"{result} {batch} × {out}"),
    ]
    layout = style.layout(44 * len(values)) | {"showlegend": False}
    hidden = {"visible": False, "fixedrange": True}
    layout["xaxis"] = hidden
    layout["yaxis"] = hidden | {"range": [len(values) - 0.5, -1.5]}
    layout |= {"shapes": frames, "annotations": titles}
    return go.Figure({"data": [heat], "layout": layout})


def _title(x: float, y: float, text: str) -> dict[str, object]:
    return {"x": x, "y": y, "text": text, "showarrow": False, "font": {"size": 14}}


def _texts(values: np.ndarray) -> list[list[str]]:
    return [[written(value) for value in line] for line in values]


def _board(
    painted: np.ndarray, texts: list[list[str]] | None, colors: Sequence[str], theme: str | None
) -> dict[str, object]:
    """Return a table of cells with texts.

    painted: (h, w), the index of each cell's color; NaN has none.
    """
    count = len(colors)
    scale = []
    for at, color in enumerate(colors):
        pale = style.with_opacity(color, PALE)
        scale += [(at / count, pale), ((at + 1) / count, pale)]
    heat: dict[str, object] = {
        "type": "heatmap",
        "z": painted,
        "zmin": -0.5,
        "zmax": count - 0.5,
        "xgap": 1,
    }
    heat |= {"colorscale": scale, "showscale": False, "ygap": 1, "hoverinfo": "skip"}
    if texts is None:
        return heat | {"hoverinfo": "all"}
    font = {"color": style.TEXT[theme or "light"]}
    return heat | {"text": texts, "texttemplate": "%{text}", "textfont": font}


def _side_by_side(
    boards: list[dict[str, object]],
    sides: Sequence[Shape],
    titles: Sequence[str],
    frames: list[dict[str, object]],
    height: int,
    widths: Sequence[float],
) -> go.Figure:
    """Return tables in a row, with square cells of one size and a title above each.

    widths: shares of the width, which sum to 1.
    """
    layout: style.Attributes = style.layout(height) | {"showlegend": False, "shapes": frames}
    layout |= {"annotations": [], "margin": {"l": 4, "r": 4, "t": 28, "b": 4}}
    start = 0.0
    for order, (board, (high, wide), title, share) in enumerate(
        zip(boards, sides, titles, widths, strict=True), start=1
    ):
        axis = "" if order == 1 else str(order)
        board |= {"xaxis": f"x{axis}", "yaxis": f"y{axis}"}
        end = start + share - (GAP if order < len(boards) else 0)
        fixed = {"visible": False, "fixedrange": True, "constrain": "domain"}
        layout[f"xaxis{axis}"] = fixed | {"domain": [start, end], "anchor": f"y{axis}"}
        layout[f"xaxis{axis}"] |= {"range": [-0.6, wide - 0.4]}
        if axis:
            layout[f"xaxis{axis}"] |= {"scaleanchor": "x"}
        layout[f"yaxis{axis}"] = fixed | {"scaleanchor": f"x{axis}", "anchor": f"x{axis}"}
        layout[f"yaxis{axis}"] |= {"range": [high - 0.4, -0.6], "constraintoward": "top"}
        words = {"x": (start + end) / 2, "y": 1, "xref": "paper", "yref": "paper"}
        words |= {"text": title, "showarrow": False, "yanchor": "bottom", "font": {"size": 14}}
        words |= {"xanchor": "center"}
        layout["annotations"].append(words)
        start += share
    return go.Figure({"data": boards, "layout": layout})
