"""The tab Two runs of the page Compare: McNemar's test, and the images on which two runs differ."""

import numpy as np
import pandas as pd
import streamlit as st

from mnist_core.evaluation.report import Report
from mnist_core.evaluation.run import Run
from mnist_core.evaluation.statistics import McNemar, mcnemar
from mnist_core.utils.text import accuracy_in_context, plain_markdown, with_article
from ui.session import cache, state
from ui.views.compare import chosen_runs, text
from ui.widgets import gallery, image_links, run_picker

PAGE = 40


@st.fragment
def show(runs: list[Run], picked: list[Run]) -> None:
    """Draw the choice of two runs, the result of the test, and the disputed images."""
    every = [run for run in runs if run.test_accuracy is not None]
    if len(every) < 2:
        st.info(text.TWO_RESULTS, icon=":material/info:")
        return
    first = [run for run in picked if run.test_accuracy is not None]
    order = [*first, *(run for run in every if run not in first)]
    labels = {run.id: run_picker.run_label(run) for run in order}
    ids = [
        box.selectbox(
            f"Run {letter}",
            list(labels),
            at,
            format_func=labels.__getitem__,
            key=state.key("compare", letter, *labels),  # another choice above, another box
            persist_state="session",
        )
        for at, (letter, box) in enumerate(zip("AB", st.columns(2), strict=True))
    ]
    a, b = (next(run for run in order if run.id == run_id) for run_id in ids)
    if a.id == b.id:
        st.info("A run agrees with itself: choose two different runs.", icon=":material/info:")
        return
    reports = cache.report(a), cache.report(b)
    if reports[0] and reports[1]:
        _answer(a, b, reports[0], reports[1])


def _answer(a: Run, b: Run, report_a: Report, report_b: Report) -> None:
    found = mcnemar(report_a, report_b)
    names = chosen_runs.name(a), chosen_runs.name(b)
    written = plain_markdown(names[0]), plain_markdown(names[1])
    st.header(found.verdict(*written))
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.write(found.sentence(*written))
        shares = [
            accuracy_in_context(report.accuracy, len(report.labels))
            for report in (report_a, report_b)
        ]
        st.markdown("\n".join(f"- {n}: {share}" for n, share in zip(written, shares, strict=True)))
        if "test" in (a.spec.split.kind, b.spec.split.kind):
            st.warning(text.LEAK, icon=":material/warning:")
        st.caption(text.NOT_SAID)
    with right:
        st.table(_counts(found, *written))
    with st.expander(  # below both columns, since its formula needs the width
        "McNemar's test", icon=":material/function:", key="compare_mcnemar", on_change="rerun"
    ) as box:
        if box.open:
            st.write(text.MCNEMAR)
            st.latex(text.MCNEMAR_FORMULA)
            st.caption(text.MCNEMAR_SOURCE)
    _disputed(found, (a, b), report_a, report_b)


def _counts(found: McNemar, a: str, b: str) -> pd.DataFrame:
    cells = [[found.both, len(found.only_a)], [len(found.only_b), found.neither]]
    return pd.DataFrame(
        [[f"{count:,}" for count in row] for row in cells],
        index=pd.Index([f"{a} right", f"{a} wrong"], name="test images"),
        columns=[f"{b} right", f"{b} wrong"],
    )


def _disputed(found: McNemar, runs: tuple[Run, Run], a: Report, b: Report) -> None:
    """Draw the images that one run gets right and the other wrong, in pages.

    Each is a link to the image in Look inside, with the run that is wrong.
    """
    names = chosen_runs.name(runs[0]), chosen_runs.name(runs[1])
    options = {
        f"Only {plain_markdown(name)} is right ({len(rows):,})": rows
        for name, rows in zip(names, (found.only_a, found.only_b), strict=True)
    }
    which = st.segmented_control(
        "Images that decide", list(options), default=next(iter(options)), required=True
    )
    rows = options[which]
    if not len(rows):
        st.info("There are no such images.", icon=":material/info:")
        return
    st.caption(text.DISPUTED)
    shown = rows[gallery.page(len(rows), PAGE, state.key("compare_page", which))]
    wrong = runs[1] if rows is found.only_a else runs[0]
    image_links.show(wrong, shown, *_words(shown, names, a, b), "compare_images")


def _words(
    rows: np.ndarray, names: tuple[str, str], a: Report, b: Report
) -> tuple[list[str], list[str]]:
    """Return captions and descriptions of test images. rows: their indices."""
    captions, alts = [], []
    for row in rows:
        label, one, other = a.labels[row], a.predicted[row], b.predicted[row]
        captions.append(f"{label}: A {one}, B {other} #{row}")
        said = f"{names[0]} says {one}, {names[1]} {other}"
        alts.append(f"Test image {row}: {with_article(int(label))}; {said}")
    return captions, alts
