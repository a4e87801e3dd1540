"""Small editable tables for several ideas."""

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
    base, last = state.key(key, "base"), state.key(key, "last")
    own = state.key(key, state.get(state.key(key, "edition"), 0))
    if not state.has(own):  # new, or back from somewhere else
        state.put(base, state.get(last, first))
    named = pd.Index(rows, name="row")  # read aloud; an empty corner says nothing
    table = pd.DataFrame(state.require(base, np.ndarray), index=named, columns=list(columns))
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
    state.put(last, values)
    return values


def replace(key: str, values: np.ndarray) -> None:
    """Give a table other numbers, in a callback. The browser keeps the old ones under its key."""
    state.put(state.key(key, "last"), values)
    state.increment(state.key(key, "edition"))


def restart_button(label: str, key: str, *tables: str) -> None:
    """Draw a button that resets tables, given by their keys, to their initial numbers."""
    st.button(label, icon=":material/restart_alt:", key=key, on_click=_restart, args=tables)


def _restart(*tables: str) -> None:
    """Give each table a new key, since the browser keeps the old numbers under the old one."""
    for key in tables:
        state.pop(state.key(key, "last"))
        state.increment(state.key(key, "edition"))
