"""Figures that several pages show: the ten probabilities, an answer, the pixels of an image."""

from collections.abc import Callable, Sequence

import numpy as np
import plotly.graph_objects as go

from mnist_core.evaluation.prediction import Reading
from mnist_core.utils.text import probability
from ui.charts import parts, style
from ui.charts.style import Attributes

LEAST = 150  # pixels: in a narrower column Streamlit cuts a figure off on the right


def probabilities(
    values: np.ndarray, chosen: int | None = None, say: Callable[[float], str] = probability
) -> go.Figure:
    """Return a bar chart of the ten class probabilities, in the order 0 to 9.

    values: (10,) in [0, 1]; bars of 5 % or more carry their number, which `say` formats; chosen:
    the digit to highlight.
    """
    colors = parts.highlighted(10, chosen)
    words, hover = _words(values, say), "digit %{x}: %{customdata}"
    bars = parts.bars(parts.DIGITS, values, colors, hover, **words)
    return parts.figure(
        [bars],
        260,
        parts.axis("digit", type="category"),
        parts.axis("probability", range=[0, 1.12], tickformat=".0%", tickvals=[0, 0.5, 1]),
    )


def answer(
    values: np.ndarray,
    reading: Reading,
    theme: str | None,
    height: int = 300,
    width: int | None = None,
) -> go.Figure:
    """Return the digit that a network reads, large, with the ten probabilities beside it.

    values: (10,) in [0, 1]; a doubtful digit has a question mark. theme: `st.context.theme.type`;
    height: in pixels; width: in pixels, of a column that is too narrow for bars beside the digit,
    so they are below it.
    """
    narrow = width is not None
    color = style.VALIDATION if reading.doubtful else style.TRAINING
    text = style.TEXT[theme or "light"]
    notes, below = _reading(reading, height, narrow, color, text)
    words = _words(values, probability)
    if narrow:
        words["labels"] = None
    bars = parts.bars(
        values,
        parts.DIGITS,
        parts.highlighted(10, reading.digit, color),
        "digit %{y}: %{customdata}",
        orientation="h",
        **words,
    )
    ticks = {"tickfont": {"size": 14, "color": text}, "automargin": False}
    across = parts.axis(range=[0, 1.02 if narrow else 1.25], visible=False)
    down = parts.axis(type="category", autorange="reversed", dtick=1, **ticks)
    if narrow:
        down["domain"] = [0, 1 - below / height]
    else:
        across["domain"] = [0.46, 1]
    cut_off = 0 if width is None else max(0, LEAST - width)
    edges = {"l": 18 if narrow else 0, "r": cut_off, "t": 0, "b": 0}
    return parts.figure([bars], height, across, down, margin=edges, annotations=notes)


def _words(values: np.ndarray, say: Callable[[float], str]) -> Attributes:
    """Return the numbers of ten bars as attributes: all on hover, and labels from 5 % up."""
    said = [say(float(value)) for value in values]
    labels = [words if value >= 0.05 else "" for words, value in zip(said, values, strict=True)]
    return {"labels": labels, "customdata": said}


def _reading(
    reading: Reading, height: int, narrow: bool, color: str, text: str
) -> tuple[list[Attributes], float]:
    """Return digit, probability and runner-up, one below the other, and their height in pixels."""
    doubt, share = ("?", 0.36) if reading.doubtful else ("", 0.5)
    less = probability(reading.runner_up_probability)
    lines = (
        (f"<b>{reading.digit}{doubt}</b>", height * (0.22 if narrow else share), color),
        (probability(reading.confidence), 17 if narrow else 26, text),
        (f"or {reading.runner_up}: {less}", 13 if narrow else 15, text),
    )
    notes, below = [], 0.0
    for words, size, ink in lines:
        place = {"xref": "paper", "yref": "paper", "xanchor": "center", "yanchor": "top"}
        font = {"size": round(size), "color": ink}
        notes.append(
            parts.note(words, 0.5 if narrow else 0.2, 1, font=font, yshift=-below, **place)
        )
        below += 1.35 * size
    return notes, below + 8


def pixels(image: np.ndarray, height: int = 420, frames: Sequence[Attributes] = ()) -> go.Figure:
    """Return an image that shows its values on hover.

    image: (28, 28), uint8 from 0 to 255 or float from 0 to 1, ink bright; frames: around cells;
    with frames the figure cannot be zoomed.
    """
    common = {"constrain": "domain", "fixedrange": bool(frames)}
    return parts.figure(
        [parts.heatmap(image, style.INK, 0, 255 if image.dtype == "uint8" else 1)],
        height,
        parts.axis("column", side="top", **common),
        parts.axis("row", autorange="reversed", scaleanchor="x", **common),
        shapes=list(frames),
    )
