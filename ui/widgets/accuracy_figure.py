"""The large figure of a page: a test accuracy in context."""

import streamlit as st

from mnist_core.evaluation.report import Report
from mnist_core.evaluation.statistics import wilson_interval
from mnist_core.utils.text import percent

INTERVAL = (
    "Wilson's interval. Other test digits would give a slightly different accuracy. Of intervals "
    "made this way, 19 out of 20 contain the accuracy on infinitely many such digits."
)


def show(label: str, report: Report, theory: str | None = None) -> None:
    """Draw an accuracy, large, with its mistakes and interval. theory: the help of the label."""
    images = len(report.labels)
    low, high = (percent(bound) for bound in wilson_interval(report.accuracy, images))
    with st.container(gap=None):
        st.metric(label, percent(report.accuracy), help=theory)
        st.markdown(f"{report.wrong:,} wrong of {images:,}")
        st.caption(f"95\u00a0% interval: {low} to {high}", help=INTERVAL)
