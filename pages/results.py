"""Step 4: what a trained network gets right, and what it gets wrong."""

import streamlit as st

from mnist_core.evaluation.report import about_loss
from mnist_core.network.notation import write
from mnist_core.utils.text import duration, percent, plain_markdown
from ui.session import address, cache, navigation
from ui.views.results import export, mistakes, overview, text
from ui.widgets import run_picker, tabs

TABS = {
    "Overview": overview.overview,
    "Confusion": mistakes.confusion,
    "Mistakes": mistakes.mistakes,
    "Calibration": overview.calibration,
    "One image": overview.one_image,
    "Settings": overview.settings,
    "Take it away": export.show,
}

st.title("Results")
st.write("How well does a network read 10,000 digits that it did not learn from, and where not?")

store = cache.store()
run = run_picker.pick_run([r for r in (*store.runs(), *store.examples()) if r.sees_test])
report = cache.report(run) if run else None
reason = f": {run.reason}" if run and run.reason else ""
if run is None:
    st.info("There is no run yet: build a network, then train it.", icon=":material/info:")
    st.page_link(navigation.path("build"), label="Build a network", icon=":material/layers:")
elif report is None and run.state == "failed":
    words = f"Run {run.number} failed{reason}. It has no test result."
    st.info(words, icon=":material/error:")
elif report is None:
    words = f"Run {run.number} is {run.state}{reason}. Its test results appear after training."
    st.info(words, icon=":material/hourglass_empty:")
if run is None or report is None:
    st.page_link(navigation.path("train"), label="Go to Train", icon=":material/play_circle:")
    st.stop()

images = len(report.labels)
missed = images - round(report.top2_accuracy * images)
with st.container(horizontal=True):
    for label, value, context, theory in (
        ("Test accuracy", percent(report.accuracy), f"{report.wrong:,} wrong of", text.ACCURACY),
        (
            "In two guesses",
            percent(report.top2_accuracy),
            f"{missed:,} missed of",
            text.TWO_GUESSES,
        ),
        ("Test loss", f"{report.loss:.4f}", "mean over", text.LOSS),
        ("Calibration error", percent(report.ece), "mean over", text.ECE),
    ):
        with st.container(width=166, gap=None):
            st.metric(label, value, help=theory)
            st.caption(f"{context} {images:,}")
training = (
    f"{run.epochs} of {run.planned} epochs · seed {run.spec.training.seed} · "
    f"{duration(run.seconds)} in training · {run.state}{reason}"
)
if run.origin:
    training = f"{run.reason} · from {plain_markdown(run.origin)}"
network = f"`{write(run.spec.network)}` · {run.parameters:,} parameters"
st.caption(f"{run_picker.run_sign(run)} · {network} · {training}")
if not run.origin and (words := about_loss(run.spec)):
    st.caption(words)
if run.spec.split.kind == "test":
    st.warning(text.LEAK, icon=":material/warning:")

for name, tab in tabs.show_tabs(TABS, address.RESULTS_TAB):
    with tab:
        TABS[name](run, report, store)
