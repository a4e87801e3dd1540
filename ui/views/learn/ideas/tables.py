"""Small editable tables for several ideas, and the format of their numbers."""

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
    """Draw an editable table; return its numbers: (rows, columns) float64, NaN for empty cells.

    first: the initial numbers; empty: what empty cells show; width: of a column, in pixels.
    Streamlit forgets edits once the editor is off the page, so they are kept here.
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
    """Return the numbers of a table whose editor may not be on the page."""
    left: np.ndarray | None = state.get(state.key(key, "last"), None)
    return first if left is None else left


def restart(*keys: str) -> None:
    """Reset tables to their initial numbers, in a callback.

    The editors get new keys, or the browser would keep the old numbers.
    """
    for key in keys:
        state.put(state.key(key, "last"), None)
        state.increment(state.key(key, "edition"))


def keep_inside(key: str, count: int) -> None:
    """Limit the state of a box to 0 ... count - 1, before it is drawn."""
    if state.get(key, 0) >= count:
        state.put(key, count - 1)


def plain(number: float) -> str:
    """Return a number for LaTeX with at most three decimals, without trailing zeros."""
    return f"{number:z.3f}".rstrip("0").rstrip(".")


def factor(number: float) -> str:
    """Return a number for LaTeX like `plain`, a negative one in parentheses."""
    words = plain(number)
    return f"({words})" if words.startswith("-") else words
