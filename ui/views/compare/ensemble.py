"""The tab Ensemble of the page Compare: the chosen runs vote on every test image."""

import numpy as np
import pandas as pd
import streamlit as st

from mnist_core.evaluation.ensemble import Ensemble, vote
from mnist_core.evaluation.report import Report
from mnist_core.evaluation.run import Run
from mnist_core.utils.text import percent, with_article
from ui.session import cache, state
from ui.views.compare import chosen_runs, text
from ui.widgets import accuracy_figure, gallery, image_links, run_picker, touch

PAGE = 40


@st.fragment
def show(runs: list[Run], picked: list[Run]) -> None:
    """Draw the accuracy of the vote, what it fixes and breaks, and those images."""
    evaluated = [(run, report) for run in picked if (report := cache.report(run))]
    if len(evaluated) < 2:
        st.info(text.CHOOSE_VOTERS, icon=":material/info:")
        return
    members, reports = [run for run, _ in evaluated], [report for _, report in evaluated]
    found = vote(reports)
    left, right = st.columns([2, 3], gap="large")
    with left:
        accuracy_figure.show(f"Test accuracy of all {len(members)} together", found.report)
    with right:
        _against_the_best(found, members[found.best], reports[found.best])
    st.write(text.ENSEMBLE)
    with st.expander("The formula", icon=":material/function:"):
        st.latex(text.ENSEMBLE_FORMULA)
        st.write(text.ENSEMBLE_FORMULA_WORDS)
    if any(run.spec.split.kind == "test" for run in members):
        st.warning(text.LEAK, icon=":material/warning:")
    _members(members, reports, found)
    _images(found, members[found.best], reports)


def _against_the_best(found: Ensemble, best: Run, alone: Report) -> None:
    """Draw whether the vote is better than the best member, by McNemar's test."""
    name = run_picker.run_number(best)
    fixed, broken = len(found.test.only_a), len(found.test.only_b)
    st.markdown(f"**{found.test.verdict('The ensemble', name)}.**")
    st.write(
        f"The best single run is {name} with {percent(alone.accuracy)}. Of its {alone.wrong:,} "
        f"mistakes, the ensemble fixes **{fixed:,}**, and it breaks **{broken:,}** right answers. "
        f"If both were equally good, {found.test.chance}."
    )


def _members(members: list[Run], reports: list[Report], found: Ensemble) -> None:
    """Draw a table of the ensemble and its members, and what all of them get wrong."""
    names = ["Ensemble", *(chosen_runs.name(run) for run in members)]
    results = [found.report, *reports]
    parameters = [run.parameters for run in members]
    seconds = [None if run.origin else run.seconds for run in members]  # unknown of an import
    known = [each for each in seconds if each is not None]
    together = sum(known) if len(known) == len(seconds) else None
    touch.room_above_table()
    st.dataframe(
        pd.DataFrame(
            {
                "Network": names,
                "Test accuracy": [100 * report.accuracy for report in results],
                "Wrong": [report.wrong for report in results],
                "Test loss": [report.loss for report in results],
                "Parameters": [sum(parameters), *parameters],
                "Training, s": [together, *seconds],
            }
        ),
        hide_index=True,
        height="content",
        column_config={
            "Test accuracy": st.column_config.NumberColumn(format="%.2f\u00a0%%"),
            "Wrong": st.column_config.NumberColumn(format="localized"),
            "Test loss": st.column_config.NumberColumn(format="%.4f"),
            "Parameters": st.column_config.NumberColumn(format="localized"),
            "Training, s": st.column_config.NumberColumn(format="%.1f"),
        },
        alt="The ensemble and its members with their test results and costs",
    )
    st.caption(f"Images that all of them get wrong: {found.shared:,}. {text.PICKED}")


def _images(found: Ensemble, best: Run, reports: list[Report]) -> None:
    """Draw the images that the vote fixes or breaks, as links into Look inside with the best."""
    options = {
        f"Fixed ({len(found.test.only_a):,})": found.test.only_a,
        f"Broken ({len(found.test.only_b):,})": found.test.only_b,
    }
    which = st.segmented_control(
        "Images that the vote changes", list(options), default=next(iter(options)), required=True
    )
    rows = options[which]
    if not len(rows):
        st.info("There are no such images.", icon=":material/info:")
        return
    st.caption(text.VOTED)
    shown = rows[gallery.page(len(rows), PAGE, state.key("compare_vote_page", which))]
    image_links.show(best, shown, *_words(shown, found.report, reports), "compare_vote_images")


def _words(rows: np.ndarray, voted: Report, reports: list[Report]) -> tuple[list[str], list[str]]:
    """Return captions and descriptions of test images. rows: their indices."""
    captions, alts = [], []
    for row in rows:
        said = " ".join(str(report.predicted[row]) for report in reports)
        one, answer = with_article(int(voted.labels[row])), voted.predicted[row]
        captions.append(f"{said} → {answer} #{row}")
        alts.append(f"Test image {row}: {one}; the runs say {said}, the ensemble {answer}")
    return captions, alts
