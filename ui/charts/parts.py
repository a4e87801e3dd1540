"""What figures are made of: axes, lines, points, bars, heatmaps, marks, and tables in a row.

The parts are nested dictionaries, which Plotly checks once, in `figure`. Its own classes, and names
with underscores such as line_color, take two to four times as long, and pages redraw often.

In all functions `more` are further attributes of the trace, shape or layout, as Plotly names them;
`hover` is Plotly's template of the text on hover: "" for Plotly's own text, None for no text.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
import plotly.graph_objects as go

from ui.charts import style, thumbnails
from ui.charts.style import Attributes

TEMPLATE: Attributes = {"layout": {"hovermode": "closest"}}
"""The template that the browser fills with Streamlit's theme; Streamlit's own has 3 kB more."""
CELL = "row %{y}, column %{x}: %{z}"
"""The text of a heatmap's cell on hover."""
HIDDEN: Attributes = {"visible": False, "fixedrange": True, "constrain": "domain"}
"""An axis of a picture."""
DIGITS = [str(digit) for digit in range(10)]


def figure(
    data: Iterable[Attributes],
    height: int,
    x: Attributes | None = None,
    y: Attributes | None = None,
    *,
    margin: Attributes | None = None,
    legend: Attributes | None = None,
    **more: Any,
) -> go.Figure:
    """Return a figure of traces, with tight margins and the legend above it.

    height: in pixels; x, y: the axes; margin, legend: what differs from the common layout.
    """
    layout = {
        "template": TEMPLATE,
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8} | (margin or {}),
        "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0} | (legend or {}),
        "xaxis": axis() if x is None else x,
        "yaxis": axis() if y is None else y,
    }
    traces = list(data)
    traces += [_white_texts(trace) for trace in traces if _has_texts(trace)]
    return go.Figure({"data": traces, "layout": layout | more})


def _has_texts(trace: Attributes) -> bool:
    """Whether a trace is a heatmap whose texts have no color yet, on a scale of solid colors."""
    if trace["type"] != "heatmap" or "text" not in trace or "color" in trace.get("textfont", {}):
        return False
    colors = trace["colorscale"]
    return not isinstance(colors, str) and all(color.startswith("#") for _, color in colors)


def _white_texts(trace: Attributes) -> Attributes:
    """Move the texts on dark cells to a second, transparent heatmap, which is returned.

    A heatmap has one color of text; left to itself, Plotly takes a gray that is hard to read.
    """
    z, texts = np.asarray(trace["z"], float), np.asarray(trace["text"], object)
    at = np.nan_to_num((z - trace["zmin"]) / (trace["zmax"] - trace["zmin"]))
    colors = thumbnails.sampled(trace["colorscale"], at)
    inks = np.array([[style.ink_on(color) for color in row] for row in colors])
    longest = max(map(len, texts.flat))  # Plotly makes the longest text fit: let it be the same
    padded = np.vectorize(lambda text: text and text.ljust(longest, "\u200b"), "O")(texts)
    trace["text"] = np.where(inks == style.BLACK, padded, "").tolist()
    white = np.where(inks == style.WHITE, padded, "").tolist()
    font = trace.get("textfont", {})
    trace["textfont"] = font | {"color": style.BLACK}
    clear = {"colorscale": [(0, "rgba(0,0,0,0)"), (1, "rgba(0,0,0,0)")], "showscale": False}
    hidden = clear | {"hoverinfo": "skip", "hovertemplate": None, "text": white}
    return trace | hidden | {"textfont": font | {"color": style.WHITE}}


def axis(title: str = "", **more: Any) -> Attributes:
    """Return an axis with a title, which cannot be zoomed unless `fixedrange` is False."""
    return {"title": {"text": title or None}, "automargin": True, "fixedrange": True} | more


def _hover(template: str | None) -> Attributes:
    if template is None:
        return {"hoverinfo": "skip"}
    return {"hovertemplate": f"{template}<extra></extra>"} if template else {}


def line(
    x: Any,
    y: Any,
    color: str,
    hover: str | None = "",
    *,
    dash: str = "solid",
    width: float = 2.5,
    symbol: str | None = None,
    size: Any = 7,
    **more: Any,
) -> Attributes:
    """Return a line, with a marker at each point if there is a symbol. size: of the markers."""
    stroke = {"color": color, "dash": dash, "width": width}
    trace: Attributes = {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": stroke}
    if symbol:
        trace |= {"mode": "lines+markers", "marker": {"symbol": symbol, "size": size}}
    return trace | _hover(hover) | more


def points(
    x: Any,
    y: Any,
    color: str | Sequence[str],
    hover: str | None = "",
    *,
    symbol: str | Sequence[str] = "circle",
    size: float = 9,
    **more: Any,
) -> Attributes:
    """Return points without a line. color, symbol: of all points, or one for each."""
    marker = {"color": color, "symbol": symbol, "size": size}
    return {"type": "scatter", "mode": "markers", "x": x, "y": y, "marker": marker} | (
        _hover(hover) | more
    )


def targets(
    x: Any, y: Any, size: int, hover: str, *, colors: Attributes | None = None, **more: Any
) -> Attributes:
    """Return invisible squares to hover over and to click, since cells cannot be selected.

    size: in pixels; colors: a color bar, see `color_bar`.
    """
    unseen = {"marker": {"opacity": 0}}
    trace = points(x, y, style.NEUTRAL, hover, selected=unseen, unselected=unseen, **more)
    return trace | {"marker": {"symbol": "square", "size": size, "opacity": 0} | (colors or {})}


def picture(z: np.ndarray, colors: style.ColorScale, low: float, high: float) -> Attributes:
    """Return cells on a color scale from low to high as one picture; NaN is transparent.

    It takes a fiftieth of the bytes of a heatmap, and has no text on hover.
    """
    source = thumbnails.paletted(z, colors, low, high)
    return {"type": "image", "source": source, "hoverinfo": "skip"}


def color_bar(colors: style.ColorScale, low: float, high: float, **more: Any) -> Attributes:
    """Return marker attributes that draw the color bar of a `picture`.

    more: attributes of the bar.
    """
    scale = {"colorscale": colors, "cmin": low, "cmax": high, "showscale": True}
    return scale | {"color": [0], "colorbar": {"exponentformat": "none"} | more}


def bars(
    x: Any,
    y: Any,
    color: str | Sequence[str],
    hover: str | None = "",
    labels: Sequence[str] | None = None,
    *,
    pattern: str = "",
    **more: Any,
) -> Attributes:
    """Return bars, with labels at their ends. color: of all bars, or one for each."""
    marker = {"color": color, "pattern": {"shape": pattern, "fillmode": "overlay"}}
    trace: Attributes = {"type": "bar", "x": x, "y": y, "marker": marker}
    if labels is not None:
        trace |= {
            "text": labels,
            "textposition": "outside",
            "textfont": {"size": 11},  # ten labels side by side must fit
            "textangle": 0,
            "constraintext": "none",  # readable on a narrow page too
            "cliponaxis": False,
        }
    return trace | _hover(hover) | more


def highlighted(count: int, chosen: int | None, color: str = style.TRAINING) -> list[str]:
    """Return gray for each of `count` bars but the chosen one."""
    return [color if number == chosen else style.NEUTRAL for number in range(count)]


def heatmap(
    z: np.ndarray,
    colors: str | style.ColorScale,
    low: float,
    high: float,
    hover: str | None = CELL,
    *,
    texts: Any = None,
    gap: int = 0,
    **more: Any,
) -> Attributes:
    """Return cells on a color scale from low to high, with texts in them, gap pixels apart."""
    trace: Attributes = {"type": "heatmap", "z": z, "zmin": low, "zmax": high, "colorscale": colors}
    trace |= {"showscale": False, "xgap": gap, "ygap": gap}
    if texts is not None:
        trace |= {"text": texts, "texttemplate": "%{text}"}
    return trace | _hover(hover) | more


def signed_heatmap(
    z: np.ndarray,
    theme: str | None,
    hover: str | None = CELL,
    *,
    most: float | None = None,
    pale: bool = False,
    **more: Any,
) -> Attributes:
    """Return cells on the diverging scale from -most to +most; NaN is transparent.

    most: by default the largest absolute value; pale: use only the middle half of the scale, so
    that texts in the cells stay readable. Otherwise Plotly chooses black or white for each text.
    """
    if most is None:
        most = float(np.nanmax(np.abs(z)))
    most = (most or 1.0) * (2 if pale else 1)
    cells = heatmap(z, style.diverging(theme), -most, most, hover, **more)
    return cells | ({"textfont": {"color": style.TEXT[theme or "light"]}} if pale else {})


def frame(
    top: float,
    left: float,
    height: float,
    width: float,
    axis: str = "",
    *,
    winner: bool = False,
    color: str = style.VALIDATION,
    stroke: int = 3,
) -> Attributes:
    """Return a rectangle that frames cells of a heatmap.

    top, left, height, width: in cells; a cell reaches half a unit to each side of its number.
    axis: the number of the subplot's axes as Plotly writes it: "", "2", "3" ...; stroke: in pixels.
    winner: frame the largest value of a window: dotted, so that color alone does not mark it.
    """
    return {
        "type": "rect",
        "x0": left - 0.5,
        "x1": left + width - 0.5,
        "y0": top - 0.5,
        "y1": top + height - 0.5,
        "xref": f"x{axis}",
        "yref": f"y{axis}",
        "line": {"color": color, "width": stroke}
        | ({"color": style.RIGHT, "dash": "dot"} if winner else {}),
    }


def vertical(x: float, color: str = style.NEUTRAL, dash: str = "dash") -> Attributes:
    """Return a straight line over the whole height of a figure."""
    ends = {"x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "paper"}
    return {"type": "line", "line": {"color": color, "dash": dash, "width": 2}} | ends


def horizontal(
    y: float, color: str = style.NEUTRAL, dash: str = "dash", width: int = 2, axis: str = ""
) -> Attributes:
    """Return a straight line over the whole width of a subplot. axis: its number, see `frame`."""
    ends = {"x0": 0, "x1": 1, "y0": y, "y1": y, "xref": f"x{axis} domain", "yref": f"y{axis}"}
    return {"type": "line", "line": {"color": color, "dash": dash, "width": width}} | ends


def note(text: str, x: Any, y: Any, **more: Any) -> Attributes:
    """Return a text at a place."""
    return {"text": text, "x": x, "y": y, "showarrow": False} | more


def side_by_side(
    tables: Mapping[str, Attributes],
    shares: Sequence[float],
    height: int,
    *,
    gap: float = 0.06,
    alike: bool = False,
    title_size: int = 14,
    margin: Attributes | None = None,
    **more: Any,
) -> go.Figure:
    """Return heatmaps in a row, with square cells and a title above each.

    tables: by their titles; shares: of the width, summing to 1, each with the gap after its table;
    alike: give all cells the size of the first table's cells.
    """
    data, titles, axes = [], [], {}
    starts = accumulate(shares, initial=0.0)
    for order, ((title, table), start, share) in enumerate(
        zip(tables.items(), starts, shares, strict=False), start=1
    ):
        number = "" if order == 1 else str(order)
        end = start + share - (gap if order < len(tables) else 0)
        (high, wide), left, top = np.shape(table["z"]), table.get("x0", 0), table.get("y0", 0)
        data.append(table | {"xaxis": f"x{number}", "yaxis": f"y{number}"})
        across = {"domain": [start, end], "anchor": f"y{number}"}
        across |= {"range": [left - 0.6, left + wide - 0.4]}
        down = {"anchor": f"x{number}", "scaleanchor": f"x{number}", "constraintoward": "top"}
        down |= {"range": [top + high - 0.4, top - 0.6]}
        axes[f"xaxis{number}"] = (
            HIDDEN | across | ({"scaleanchor": "x"} if alike and number else {})
        )
        axes[f"yaxis{number}"] = HIDDEN | down
        place = {"xref": "paper", "yref": "paper", "xanchor": "center", "yanchor": "bottom"}
        titles.append(note(title, (start + end) / 2, 1, font={"size": title_size}) | place)
    edges = {"l": 4, "r": 4, "t": 28, "b": 4} | (margin or {})
    axes |= {"annotations": titles, "showlegend": False}
    return figure(data, height, margin=edges, **axes | more)
