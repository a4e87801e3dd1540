"""Two tabs of the page Results: the confusion matrix, and the mistakes with their images."""

import numpy as np
import streamlit as st

from mnist_core.evaluation import tables
from mnist_core.evaluation.report import Report
from mnist_core.evaluation.run import Run
from mnist_core.storage.runs import Store
from mnist_core.utils.text import probability, with_article
from ui.charts import results as charts
from ui.charts import style
from ui.session import state
from ui.views.results import text
from ui.widgets import chart, controls, gallery, image_links

PAGE = 40
DIGITS = list(range(10))
ANY = "any"

_CELL = ("results_true", "results_read")


def confusion(run: Run, report: Report, store: Store) -> None:
    """Draw the confusion matrix, two lists that choose a cell, and the images of that cell."""
    for key, digit in zip(_CELL, tables.most_frequent_mistake(report), strict=True):
        state.setdefault(key, digit)
    left, right = st.columns([3, 2], gap="large")
    with right:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            for label, key in zip(("True digit", "Read as"), _CELL, strict=True):
                st.selectbox(label, DIGITS, key=key, width=96, persist_state="session")
            numbers = controls.choice("Numbers", ["Counts", "Percent"], "results_numbers")
        label, predicted = (state.get(key, 0) for key in _CELL)
        rows = tables.confusion_cell(report, label, predicted)
        count = f"{len(rows):,} of {(report.labels == label).sum():,} images"
        order = ", the most confident first" if len(rows) > 1 else ""
        st.markdown(f"**True {label}, read as {predicted}**: {count}{order}")
        _browse(run, report, rows, "results_cell_page")
    ink = style.TEXT[st.context.theme.type or "light"]
    with left:
        chart.show(
            charts.confusion(report, label, predicted, numbers == "Percent", ink),
            f"Confusion matrix: {report.wrong:,} of {len(report.labels):,} are off the diagonal",
            "results_matrix",
            _take_cell,
        )
        st.caption(text.CONFUSION)


def _take_cell(point: state.Point) -> None:
    """Set the two lists to the clicked cell."""
    for key, axis in zip(_CELL, ("y", "x"), strict=True):
        if (digit := str(point[axis])) in tuple("0123456789"):
            state.put(key, int(digit))


def mistakes(run: Run, report: Report, store: Store) -> None:
    """Draw all mistakes, with filters."""
    st.caption(text.MISTAKES)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = [
            st.selectbox(
                name,
                [ANY, *DIGITS],  # Streamlit would restore None as no choice
                key=key,
                width=130,
                persist_state="session",
            )
            for name, key in (("True digit", "results_of"), ("Read as", "results_as"))
        ]
        least = st.slider(
            "Minimum confidence",
            *(0, 100, 0),
            format="%d %%",
            key="results_least",
            width=220,
            persist_state="session",
        )
        order = controls.choice("Order", ["Most confident", "Least confident"], "results_order")
    label, predicted = (digit if isinstance(digit, int) else None for digit in chosen)
    rows = tables.mistakes(report, label, predicted, least / 100)
    if order == "Least confident":
        rows = rows[::-1]
    st.markdown(f"**{len(rows):,} of {report.wrong:,} mistakes**")
    if not len(rows):
        st.info("No mistake matches all filters: set a filter to any.", icon=":material/info:")
    _browse(run, report, rows, "results_mistakes_page")


def _browse(run: Run, report: Report, rows: np.ndarray, key: str) -> None:
    """Draw test images in pages of 40, each a link to the image in Look inside.

    rows: their indices in the test set; key: of the page selector.
    """
    shown = rows[gallery.page(len(rows), PAGE, key)]
    captions, alts = [], []
    for row in shown:
        label, read, share = report.labels[row], report.predicted[row], report.confidence[row]
        sure = probability(float(share), 0)  # a caption is as narrow as its image
        captions.append(f"{label} → {read}, {sure} #{row}")
        alts.append(f"Test image {row}: {with_article(int(label))} read as {read}, {sure} sure")
    if alts:
        image_links.show(run, shown, captions, alts, state.key(key, "images"))
