"""Step 4: what a trained network gets right, and what it gets wrong."""

import streamlit as st

from ui.session import address, cache, navigation
from ui.views.results import export, figures, mistakes, overview
from ui.widgets import run_picker, tabs

TABS = {
    "Overview": overview.overview,
    "Confusion": mistakes.confusion,
    "Mistakes": mistakes.mistakes,
    "Calibration": overview.calibration,
    "One image": overview.one_image,
    "Settings": overview.settings,
    "Export": export.show,
}

st.title("Results")

store = cache.store()
run = run_picker.pick_run([r for r in (*store.runs(), *store.examples()) if r.sees_test])
report = cache.report(run) if run else None
reason = f": {run.reason}" if run and run.reason else ""
if run is None:
    st.info("No runs yet: build a network, then train it.", icon=":material/info:")
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

figures.show(run, report)
for name, tab in tabs.show_tabs(TABS, address.RESULTS_TAB):
    with tab:
        TABS[name](run, report, store)
