"""Which pixels a value inside a network depends on, along one side of the image."""

from collections.abc import Sequence
from typing import NamedTuple

from mnist_core.network.layers import Layer, Shape


class Span(NamedTuple):
    """The first and the last row of pixels behind a value; behind padding last < first: none."""

    first: int
    last: int


def after(layer: Layer, spans: Sequence[Span], inputs: Shape, outputs: Shape) -> list[Span]:
    """Return the spans behind a layer's outputs, in order along one side of its map.

    spans: those behind its inputs. A vector has the spans of the map that it was made of, until a
    layer puts all of it into each value.
    """
    window, step = layer.window(inputs)
    before = layer.zeros_before(inputs[0])
    whole = len(outputs) == 1 and window > 1
    count = outputs[0] if len(outputs) == 3 else 1 if whole else len(spans)
    starts = [place * step - before for place in range(count)]
    return [union(spans[max(start, 0) : max(start + window, 0)]) for start in starts]


def widest(spans: Sequence[Span]) -> int:
    """Return the length of the longest span, in pixels."""
    return max(span.last - span.first + 1 for span in spans)


def union(spans: Sequence[Span]) -> Span:
    """Return the span from the first to the last row of pixels of several spans."""
    seen = [span for span in spans if span.last >= span.first]
    if not seen:
        return Span(0, -1)
    return Span(min(span.first for span in seen), max(span.last for span in seen))
