"""A network drawn to its shapes: boxes for images, bars for vectors."""

from math import log2

import plotly.graph_objects as go

from mnist_core.layers import Shape
from mnist_core.spec import IMAGE_SHAPE
from mnist_core.summary import Row, Summary
from mnist_core.words import shape
from ui.charts import style

KINDS = {
    "Input": style.NEUTRAL,
    "Conv2D": style.TRAINING,
    "MaxPooling2D": style.RIGHT,
    "AveragePooling2D": style.RIGHT,
    "GlobalAveragePooling2D": style.RIGHT,
    "Dense": style.VALIDATION,
}
SLANT = 0.45  # how far depth goes right and up
GAP = 15.0


def diagram(summary: Summary) -> go.Figure:
    """Every layer that changes the shape, from the image to the ten probabilities.

    Height and width are drawn to scale, channels as depth on a logarithmic scale; a vector is a
    bar whose height grows with the logarithm of its length.
    """
    figure, left, ticks = go.Figure(), 0.0, []
    for name, output, words, activation in _stages(summary.rows):
        colour = KINDS.get(name, style.NEUTRAL)
        width, middle = _draw(figure, left, output, colour, words)
        ticks.append((left + middle, f"{_short(name)}<br>{shape(output)}"))
        if activation not in ("", "linear"):
            figure.add_annotation(
                x=left + width / 2, y=21, text=activation, showarrow=False, textangle=-35
            )
        left += width + GAP
    style.finish(figure, 330)
    figure.update_layout(showlegend=False, hovermode="closest")
    figure.update_yaxes(visible=False, range=[-16, 26], fixedrange=True)
    return figure.update_xaxes(
        tickvals=[at for at, _ in ticks],
        ticktext=[text for _, text in ticks],
        tickangle=-50,
        showgrid=False,
        zeroline=False,
        range=[-4, left],
        fixedrange=True,
    )


def _stages(rows: tuple[Row, ...]) -> list[tuple[str, Shape, str, str]]:
    """(type, output shape, hover words, activation); what keeps the shape joins the one before."""
    stages: list[tuple[str, Shape, str, str]] = [("Input", IMAGE_SHAPE, "the image", "")]
    for row in rows:
        words = f"{row.name}: {shape(row.output_shape)}, {row.parameters:,} parameters"
        if row.type in ("BatchNormalization", "Dropout", "Activation"):
            name, output, before, activation = stages[-1]
            stages[-1] = (name, output, f"{before}<br>{words}", row.activation or activation)
        else:
            stages.append((row.type, row.output_shape, words, row.activation))
    return stages


def _draw(
    figure: go.Figure, left: float, output: Shape, colour: str, words: str
) -> tuple[float, float]:
    """Draw one box or bar; returns its width and the middle of its front."""
    if len(output) == 1:
        half = 2 + 1.3 * log2(output[0])
        _face(figure, [(left, -half), (left + 3, -half), (left + 3, half), (left, half)], colour,
              words, 0.75)  # fmt: skip
        return 3, 1.5
    height, width, channels = output
    depth = 1.5 * (1 + log2(channels)) * SLANT
    bottom, top, right = -height / 2, height / 2, left + width
    front = [(left, bottom), (right, bottom), (right, top), (left, top)]
    lid = [(left, top), (right, top), (right + depth, top + depth), (left + depth, top + depth)]
    side = [(right, bottom), (right + depth, bottom + depth), (right + depth, top + depth),
            (right, top)]  # fmt: skip
    for face, opacity in ((lid, 0.35), (side, 0.5), (front, 0.75)):
        _face(figure, face, colour, words, opacity)
    return width + depth, width / 2


def _face(
    figure: go.Figure,
    corners: list[tuple[float, float]],
    colour: str,
    words: str,
    opacity: float,
) -> None:
    closed = [*corners, corners[0]]
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    figure.add_scatter(
        x=[x for x, _ in closed],
        y=[y for _, y in closed],
        fill="toself",
        fillcolor=f"rgba({red},{green},{blue},{opacity})",
        line={"color": colour, "width": 1},
        mode="lines",
        hoveron="fills",
        text=words,
        hoverinfo="text",
    )


def _short(name: str) -> str:
    return {
        "MaxPooling2D": "max pool",
        "AveragePooling2D": "avg pool",
        "GlobalAveragePooling2D": "global avg",
    }.get(name, name.lower().replace("conv2d", "conv"))
