"""The figures at the top of the page Results: the test accuracy large, all others small."""

import streamlit as st

from mnist_core.evaluation.report import Report, about_loss
from mnist_core.evaluation.run import Run
from mnist_core.network.notation import write
from mnist_core.utils.text import duration, percent, plain_markdown
from ui.views.results import text
from ui.widgets import accuracy_figure, run_picker


def show(run: Run, report: Report) -> None:
    """Draw the test accuracy of a run in its context, its other figures, and what the run is."""
    left, right = st.columns([2, 3], gap="medium")
    with left:
        accuracy_figure.show("Test accuracy", report, text.ACCURACY)
    with right.container(gap="small"):
        with st.container(horizontal=True, gap="small"):
            for words, theory in _others(report):
                st.markdown(words, width="content", help=theory)
        st.caption(_about(run))
        if not run.origin and (words := about_loss(run.spec)):
            st.caption(words)
    if run.spec.split.kind == "test":
        st.warning(text.LEAK, icon=":material/warning:")


def _others(report: Report) -> list[tuple[str, str]]:
    """Return the secondary figures in Markdown, each with its theory."""
    images = len(report.labels)
    missed = images - round(report.top2_accuracy * images)
    return [
        (f"Top-2 accuracy **{percent(report.top2_accuracy)}**: {missed:,} missed", text.TOP2),
        (f"Test loss **{report.loss:.4f}**", text.LOSS),
        (f"Calibration error **{percent(report.ece)}**", text.ECE),
    ]


def _about(run: Run) -> str:
    """Return which run this is and how it was trained, in Markdown."""
    reason = f": {run.reason}" if run.reason else ""
    training = (
        f"{run.epochs} of {run.planned} epochs · seed {run.spec.training.seed} · "
        f"{duration(run.seconds)} in training · {run.state}{reason}"
    )
    if run.origin:
        training = f"{run.reason} · from {plain_markdown(run.origin)}"
    network = f"`{write(run.spec.network)}` · {run.parameters:,} parameters"
    return f"{run_picker.run_sign(run)} · {network} · {training}"
