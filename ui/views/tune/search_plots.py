"""Optuna's plots of a study, one at a time, each with a note on how to read it."""

from functools import partial

import plotly.graph_objects as go
import streamlit as st

from mnist_core.experiments import studies
from mnist_core.experiments.search_space import Study
from mnist_core.experiments.studies import StudyProgress
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import plural
from ui.charts import study as charts
from ui.charts import style
from ui.session import cache, state
from ui.views.tune import search_text as text
from ui.widgets import touch

OVER = ("complete", "pruned", "failed")


def read(group_id: int) -> StudyProgress:
    """Return the present state of a study; rerun the page if another tab has deleted it."""
    try:
        return studies.read(cache.store(), group_id)
    except MnistError:
        st.rerun()


def show(group_id: int) -> None:
    """Draw one of Optuna's plots, with a note on how to read it."""
    st.subheader("What the trials say")
    name = st.segmented_control(
        "Plot",
        list(charts.PLOTS),
        default="History",
        required=True,
        key="tune_search_plot",
        label_visibility="collapsed",
        persist_state="session",
    )
    view = read(group_id)
    complete = sum(trial.state == "complete" for trial in view.trials)
    needed, _ = charts.PLOTS[name]
    if complete < needed:
        st.info(text.too_few(name, needed, complete), icon=":material/hourglass:")
        return
    pair = _pair(view.study) if name == "Contour" else ()
    if pair is None:
        st.info("A contour needs two settings, and this study varies one.", icon=":material/info:")
        return
    theme, narrow = st.context.theme.type or "light", touch.on_phone()
    try:
        figure = cache.study_figure(
            group_id,
            (name, _news(view), theme, narrow, pair),
            partial(_figure, name, group_id, theme, narrow, pair),
        )
    except _TooEarlyError:
        st.info(text.NOT_HEARD, icon=":material/hourglass:")
        return
    st.plotly_chart(
        figure,
        key=state.key("tune_search", name),
        config=style.CONFIG,
        alt=f"{name} of {plural(complete, 'complete trial')}",
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
    other = right.selectbox("And another", others, key=state.key(key, one), persist_state="session")
    return one, other


def _news(view: StudyProgress) -> tuple[object, ...]:
    """Return a cache key, which changes when a figure must be redrawn.

    Optuna is told of a trial shortly after it ends, and of all trials before the study ends.
    """
    over = sum(trial.state in OVER for trial in view.trials)
    return over, view.group.state, view.group.created_at  # a study's number may be used again


class _TooEarlyError(Exception):
    """Optuna does not know enough trials yet; an exception keeps this result out of the cache."""


def _figure(name: str, group_id: int, theme: str, narrow: bool, pair: tuple[str, ...]) -> go.Figure:
    """Return a plot, cached until another trial is over."""
    found = studies.optuna_study(cache.store(), group_id)
    needed, draw = charts.PLOTS[name]
    if sum(trial.state.name == "COMPLETE" for trial in found.trials) < needed:
        raise _TooEarlyError
    return draw(found, theme, narrow, *([pair] if pair else []))
