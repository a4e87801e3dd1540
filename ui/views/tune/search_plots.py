"""Optuna's plots of a study, one at a time, each with a word on how to read it."""

from functools import partial

import plotly.graph_objects as go
import streamlit as st

from mnist_core.experiments import studies
from mnist_core.experiments.search_space import Study
from mnist_core.experiments.studies import View
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import plural
from ui.charts import study as charts
from ui.charts import style
from ui.session import cache, state
from ui.views.tune import search_text as text
from ui.widgets import touch

OVER = ("complete", "pruned", "failed")


def read(group_id: int) -> View:
    """A study as it is now; where another tab has deleted it, the page begins anew."""
    try:
        return studies.read(cache.store(), group_id)
    except MnistError:
        st.rerun()


def show(group_id: int) -> None:
    """One of Optuna's plots, with a word on how to read it."""
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
    """Which two settings a contour shows; None where only one varies."""
    names = list(study.dimensions)
    if len(names) < 2:
        return None
    left, right = st.columns(2)
    key = state.key("tune_search_pair", "_".join(names))
    one = left.selectbox("One setting", names, key=key, persist_state="session")
    others = [name for name in names if name != one]
    other = right.selectbox("And another", others, key=state.key(key, one), persist_state="session")
    return one, other


def _news(view: View) -> tuple[object, ...]:
    """What changes when a figure has to be drawn anew.

    Optuna hears of a trial shortly after it is over, and of all before the study is finished.
    """
    over = sum(trial.state in OVER for trial in view.trials)
    return over, view.group.state, view.group.created_at  # a number may be given again


class _TooEarlyError(Exception):
    """Optuna does not know enough trials yet; nothing of that is kept."""


def _figure(name: str, group_id: int, theme: str, narrow: bool, pair: tuple[str, ...]) -> go.Figure:
    """Return a plot. Raises _TooEarlyError while Optuna knows too few trials."""
    found = studies.optuna_study(cache.store(), group_id)
    needed, draw = charts.PLOTS[name]
    if sum(trial.state.name == "COMPLETE" for trial in found.trials) < needed:
        raise _TooEarlyError
    return draw(found, theme, narrow, *([pair] if pair else []))
