"""The values of one session: the only module that names `st.session_state`.

A key is a constant or comes from `key`, and begins with the name of its page. The key of a widget
gives that widget's value.
"""

from collections.abc import Collection, Mapping
from typing import NotRequired, TypedDict, TypeVar, overload

import streamlit as st

from mnist_core.utils.errors import MnistError

T = TypeVar("T")

_REFUSED = "refused"


class Point(TypedDict):
    """A point of a Plotly chart. x, y: in data coordinates; point_index: from 0, in its trace.

    customdata: a whole number, if the chart gives one.
    """

    x: float
    y: float
    point_index: int
    customdata: NotRequired[int | list[int]]


def key(*parts: object) -> str:
    """Return the key made of these parts: `key("look", "conv2d_1", "row")`."""
    return "_".join(map(str, parts))


@overload
def get(name: str) -> object: ...
@overload
def get(name: str, default: T) -> T: ...
def get(name: str, default: object = None) -> object:
    """Return the value under a key, or the default before there is one."""
    return st.session_state.get(name, default)


def require(name: str, kind: type[T]) -> T:
    """Return the value under a key that must be there. Raises KeyError, TypeError otherwise."""
    value = st.session_state[name]
    if not isinstance(value, kind):
        raise TypeError(f"{name} must be {kind.__name__}; received {type(value).__name__}")
    return value


def put(name: str, value: object) -> None:
    """Keep a value under a key; the value of a widget only before it is drawn, or in a callback."""
    st.session_state[name] = value


def increment(name: str) -> None:
    """Add 1 to the number under a key, which is 0 at first."""
    put(name, get(name, 0) + 1)


def setdefault(name: str, value: T) -> T:
    """Return the value under a key, after putting this one there if there was none."""
    return st.session_state.setdefault(name, value)


def has(name: str) -> bool:
    """Whether there is a value under a key."""
    return name in st.session_state


def pop(name: str) -> object:
    """Remove a value and return it, None if there was none."""
    return st.session_state.pop(name, None)


def clear(keep: Collection[str] = ()) -> None:
    """Remove all values, except those under the keys to keep."""
    for name in [*st.session_state]:
        if name not in keep:
            del st.session_state[name]


def selected_points(chart: str) -> list[Point]:
    """Return the selected points of a Plotly chart that has this key, without malformed ones."""
    return [point for point in st.session_state[chart].selection.points if _is_point(point)]


def _is_point(point: object) -> bool:
    """Whether a browser, which may send anything, sent a point with its place and its index."""
    if not isinstance(point, Mapping) or not {"x", "y", "point_index"} <= point.keys():
        return False
    at = point["point_index"]
    return isinstance(at, int) and at >= 0


def whole_number(point: Point) -> int | None:
    """Return the whole number that a chart gave a point as its customdata; None without one."""
    number = point.get("customdata")
    number = number[0] if isinstance(number, list) and number else number
    return number if isinstance(number, int) else None


def selected_rows(table: str, count: int) -> list[int]:
    """Return the positions, from 0, of the rows selected in a dataframe that has this key.

    count: of its rows; a browser may send others.
    """
    rows = st.session_state[table].selection.rows
    return [row for row in rows if isinstance(row, int) and 0 <= row < count]


def keep_error(error: MnistError) -> None:
    """Keep an error of a callback until the page shows it."""
    put(_REFUSED, error)


def take_error() -> MnistError | None:
    """Return the error that waits to be shown, once."""
    return st.session_state.pop(_REFUSED, None)
