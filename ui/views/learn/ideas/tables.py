"""Small tables to type in, for several ideas, and how their numbers are written."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from mnist_core.teaching.concepts.tables import LARGEST
from ui.session import state


def editor(
    key: str,
    first: np.ndarray,
    alt: str,
    rows: Sequence[str],
    columns: Sequence[str],
    empty: str | None = None,
    width: int = 52,
) -> np.ndarray:
    """A table of numbers as it was left, at first `first`: (rows, columns) float64, NaN if empty.

    empty: what empty cells show; width: of a column, in pixels.
    An editor forgets what was typed once it is off the page, so it is kept here.
    """
    base, edition = state.key(key, "base"), state.get(state.key(key, "edition"), 0)
    own = state.key(key, edition)
    if not state.has(own):  # new, or back from somewhere else
        state.put(base, kept(key, first))
    table = pd.DataFrame(state.require(base, np.ndarray), index=list(rows), columns=list(columns))
    number = st.column_config.NumberColumn(min_value=-LARGEST, max_value=LARGEST, width=width)
    typed = st.data_editor(
        table,
        key=own,
        alt=alt,
        width="content",
        column_config=dict.fromkeys(columns, number),
        placeholder=empty,
    )
    values = typed.to_numpy(np.float64)
    state.put(state.key(key, "last"), values)
    return values


def kept(key: str, first: np.ndarray) -> np.ndarray:
    """A table as it was left, for when its editor is not on the page."""
    left: np.ndarray | None = state.get(state.key(key, "last"), None)
    return first if left is None else left


def restart(*keys: str) -> None:
    """Back to the first numbers, in a callback; a new key, or the browser keeps the old ones."""
    for key in keys:
        state.put(state.key(key, "last"), None)
        state.increment(state.key(key, "edition"))


def keep_inside(key: str, count: int) -> None:
    """Before a box for 0 to count - 1: a number that only a larger picture has becomes the last."""
    if state.get(key, 0) >= count:
        state.put(key, count - 1)


def plain(number: float) -> str:
    """For LaTeX: at most three decimals, none that is 0."""
    return f"{number:z.3f}".rstrip("0").rstrip(".")


def factor(number: float) -> str:
    """The same as a factor or a term: a negative number in brackets."""
    words = plain(number)
    return f"({words})" if words.startswith("-") else words
