"""The classification report as a table: precision, recall, F1 and support of each digit."""

import streamlit as st

from mnist_core.evaluation import tables
from mnist_core.evaluation.report import Report

SHARES = ("precision", "recall", "F1")


def show(report: Report) -> None:
    """Draw the table into the current container."""
    table = tables.classification(report)
    share = st.column_config.NumberColumn(format="%.2f\u00a0%%")
    st.dataframe(
        table.assign(**{name: 100 * table[name] for name in SHARES}),
        hide_index=True,
        height="content",
        column_config={
            "digit": st.column_config.TextColumn(width=104),
            "support": st.column_config.NumberColumn(format="localized"),
        }
        | dict.fromkeys(SHARES, share),
        alt="Precision, recall, F1 and support of each digit and their averages",
    )
