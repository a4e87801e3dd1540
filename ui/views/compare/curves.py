"""The tab Curves of the page Compare: loss and accuracy of the selected runs, overlaid."""

import streamlit as st

from mnist_core.evaluation.history import Epoch
from mnist_core.evaluation.run import Run
from ui.charts import compare as charts
from ui.session import cache, state
from ui.views.compare import chosen_runs, text
from ui.widgets import chart, run_picker


@st.fragment
def show(runs: list[Run], picked: list[Run]) -> None:
    """Draw both charts, their options, and what the runs are."""
    if not picked:
        st.info(text.CHOOSE_ONE, icon=":material/info:")
        return
    shown_runs, store = chosen_runs.few(picked), cache.store()
    histories = {run.id: store.epochs(run.id) for run in shown_runs}
    lines = [(run, histories[run.id]) for run in shown_runs]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        which, over = (
            st.segmented_control(
                words,
                options,
                default=options[0],
                required=True,
                key=key,
                persist_state="session",
            )
            for words, options, key in (
                ("Images", charts.SETS, "compare_set"),
                ("Over", ("Epochs", "Seconds"), "compare_over"),
            )
        )
    for column, metric in zip(st.columns(2, gap="large"), ("loss", "accuracy"), strict=True):
        column.markdown(f"**{metric.capitalize()}**")
        with column:
            chart.show(
                charts.curves(metric, lines, which, over == "Seconds"),
                f"{which.lower()} {metric} of {len(shown_runs)} runs over {over.lower()}",
                state.key("compare", metric),
            )
    st.caption(text.CURVES if which != charts.BOTH else f"{text.CURVES} {text.BOTH}")
    st.markdown(
        "  \n".join(
            f"{run_picker.run_title(run, network=True)}{_gap(run, histories[run.id])}"
            for run in shown_runs
        )
    )


def _gap(run: Run, epochs: list[Epoch]) -> str:
    """Return why a run has no line or only one, or an empty text."""
    if not epochs:
        return " · no epochs known" if run.origin else " · no epoch finished yet"
    return " · no validation images" if epochs[0].val_loss is None else ""
