"""Learning curves as SVG, for files that contain their figures."""

import math
from collections.abc import Sequence

from mnist_core.evaluation.history import Epoch
from mnist_core.evaluation.statistics import Metric

COLORS = {"training": "#3b82f6", "validation": "#d97706"}
"""The colors of the curves on the app's pages."""

_WIDTH, _HEIGHT = 340, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 8, 26, 34  # margins
_DASHES = {"training": "", "validation": "6 4"}

Point = tuple[float, float]


def learning_curves(metric: str, epochs: Sequence[Epoch]) -> str:
    """Return a metric over the epochs as SVG, training solid and validation dashed.

    metric: "loss" or "accuracy". The text is empty where there is no finite value.
    """
    lines = {"training": _points(epochs, "loss" if metric == "loss" else "accuracy")}
    lines["validation"] = _points(epochs, "val_loss" if metric == "loss" else "val_accuracy")
    lines = {name: points for name, points in lines.items() if points}
    values = [y for points in lines.values() for _, y in points]
    if not values:
        return ""
    low, high = (0.0, max(values)) if metric == "loss" else (min(values), max(values))
    ys = _ticks(low, high)
    xs = [x for x in _ticks(1, max(len(epochs), 2)) if x == int(x)]
    frame = _Frame((0.5, len(epochs) + 0.5), (ys[0], ys[-1]))
    parts = [frame.grid(xs, ys, metric)]
    parts += [frame.line(name, points) for name, points in lines.items()]
    parts += [_key(at, name) for at, name in enumerate(lines)]
    label = f"{metric} of {' and '.join(lines)} over {len(epochs)} epochs"
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">{"".join(parts)}'
        "</svg>"
    )


def _points(epochs: Sequence[Epoch], metric: Metric) -> list[Point]:
    values = ((epoch.epoch, getattr(epoch, metric)) for epoch in epochs)
    return [(x, y) for x, y in values if y is not None and math.isfinite(y)]


def _ticks(low: float, high: float) -> list[float]:
    """Return three to seven round numbers that enclose low and high."""
    span = max(high - low, 1e-3 * max(abs(high), 1e-3))
    power = 10.0 ** math.floor(math.log10(span / 3))
    step = next(power * factor for factor in (1, 2, 5, 10) if span / (power * factor) <= 5)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 12) for number in range(first, max(last, first + 1) + 1)]


class _Frame:
    """The axes of a figure; points are given in their units."""

    def __init__(self, x: Point, y: Point) -> None:
        self._x, self._y = x, y

    def _across(self, x: float) -> float:
        share = (x - self._x[0]) / (self._x[1] - self._x[0])
        return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)

    def _down(self, y: float) -> float:
        share = (y - self._y[0]) / (self._y[1] - self._y[0])
        return round(_HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM), 1)

    def grid(self, xs: list[float], ys: list[float], metric: str) -> str:
        """Return the horizontal lines, the numbers of both axes, and their names."""
        rules = "".join(
            f'<path class="grid" d="M{_LEFT} {self._down(y)}H{_WIDTH - _RIGHT}"/>'
            f'<text x="{_LEFT - 6}" y="{self._down(y) + 4}" text-anchor="end">{y:g}</text>'
            for y in ys
        )
        numbers = "".join(
            f'<text x="{self._across(x)}" y="{_HEIGHT - 18}" text-anchor="middle">{x:g}</text>'
            for x in xs
            if self._x[0] <= x <= self._x[1]
        )
        middle = (_LEFT + _WIDTH - _RIGHT) / 2
        names = (
            f'<text x="{middle}" y="{_HEIGHT - 4}" text-anchor="middle">epoch</text>'
            f'<text x="0" y="13" class="name">{metric}</text>'
        )
        return rules + numbers + names

    def line(self, name: str, points: list[Point]) -> str:
        """Return a line with a marker at each point, unless there are too many."""
        places = [(self._across(x), self._down(y)) for x, y in points]
        path = "M" + "L".join(f"{x} {y}" for x, y in places)
        style = f'stroke="{COLORS[name]}" stroke-dasharray="{_DASHES[name]}"'
        line = f'<path class="line" d="{path}" {style}/>'
        if len(places) > 40:
            return line
        return line + "".join(
            f'<circle cx="{x}" cy="{y}" r="2.5" fill="{COLORS[name]}"/>' for x, y in places
        )


def _key(at: int, name: str) -> str:
    """Return an entry of the legend. at: its place, from 0."""
    x = 90 + 105 * at
    style = f'stroke="{COLORS[name]}" stroke-dasharray="{_DASHES[name]}"'
    return f'<path class="line" d="M{x} 9h24" {style}/><text x="{x + 30}" y="13">{name}</text>'
