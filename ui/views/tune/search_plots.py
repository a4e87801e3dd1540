"""Optuna's plots of a study, one at a time, each with a note on how to read it."""

import streamlit as st

from mnist_core.experiments import studies
from mnist_core.experiments.search_space import Study
from mnist_core.experiments.studies import StudyProgress
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import plural
from ui.charts import study as charts
from ui.session import cache, state
from ui.views.tune import search_text as text
from ui.widgets import chart, touch
from ui.widgets.controls import choice

OVER = ("complete", "pruned", "failed")


def read(group_id: int) -> StudyProgress:
    """Return the current state of a study; rerun the page if another tab has deleted it."""
    try:
        return studies.read(cache.store(), group_id)
    except MnistError:
        st.rerun()


def show(group_id: int) -> None:
    """Draw one of Optuna's plots, with a note on how to read it."""
    name = choice("Plot", charts.PLOTS, "tune_search_plot", label_visibility="collapsed")
    view = read(group_id)
    complete = sum(trial.state == "complete" for trial in view.trials)
    needed, draw = charts.PLOTS[name]
    if complete < needed:
        st.info(text.too_few(name, needed, complete), icon=":material/hourglass:")
        return
    pair = _pair(view.study) if name == "Contour" else ()
    if pair is None:
        st.info("A contour needs two settings; this study varies one.", icon=":material/info:")
        return
    theme, narrow = st.context.theme.type or "light", touch.on_phone()
    over = sum(trial.state in OVER for trial in view.trials)
    created = view.group.created_at  # a study's number may be used again
    figure = cache.study_figure(
        group_id,
        (name, over, created, theme, narrow, pair),
        lambda: draw(
            studies.optuna_study(cache.store(), group_id), theme, narrow, *([pair] if pair else [])
        ),
    )
    chart.show(
        figure, f"{name} of {plural(complete, 'complete trial')}", state.key("tune_search", name)
    )
    st.caption(text.READING[name])


def _pair(study: Study) -> tuple[str, ...] | None:
    """Draw the choice of the two settings of a contour; return them, None if only one varies."""
    names = list(study.dimensions)
    if len(names) < 2:
        return None
    left, right = st.columns(2)
    key = state.key("tune_search_pair", "_".join(names))
    one = left.selectbox("One setting", names, key=key, persist_state="session")
    others = [name for name in names if name != one]
    other = right.selectbox("The other", others, key=state.key(key, one), persist_state="session")
    return one, other
