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
    base, last, edition = f"{key}_base", f"{key}_last", state.value(f"{key}_edition", 0)
    own = f"{key}_{edition}"
    if own not in st.session_state:  # first shown, or shown again after another page
        state.keep(base, kept(key, first))
    table = pd.DataFrame(state.value(base), index=list(rows), columns=list(columns))
    number = st.column_config.NumberColumn(min_value=-LARGEST, max_value=LARGEST, width=width)
    typed = st.data_editor(
        table,
        key=own,
        alt=alt,
        width="content",
        column_config=dict.fromkeys(columns, number),
        placeholder=empty,
    )
    state.keep(last, typed.to_numpy(np.float64))
    return state.value(last)


def kept(key: str, first: np.ndarray) -> np.ndarray:
    """Return the numbers of a table whose editor may not be on the page."""
    left = state.value(f"{key}_last")
    return first if left is None else left


def restart(*keys: str) -> None:
    """Reset tables to their initial numbers, in a callback.

    The editors get new keys, or the browser would keep the old numbers.
    """
    for key in keys:
        state.keep(f"{key}_last", None)
        state.keep(f"{key}_edition", state.value(f"{key}_edition", 0) + 1)


def keep_inside(key: str, count: int) -> None:
    """Limit the state of a box to 0 ... count - 1, before it is drawn."""
    if st.session_state.get(key, 0) >= count:
        st.session_state[key] = count - 1


def plain(number: float) -> str:
    """Return a number for LaTeX with at most three decimals, without trailing zeros."""
    return f"{number:z.3f}".rstrip("0").rstrip(".")


def factor(number: float) -> str:
    """Return a number for LaTeX like `plain`, a negative one in parentheses."""
    words = plain(number)
    return f"({words})" if words.startswith("-") else words
