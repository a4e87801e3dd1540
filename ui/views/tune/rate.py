"""The tab Learning rate of the page Tune: the learning-rate range test."""

import streamlit as st

from mnist_core.evaluation.run import Run
from mnist_core.network.notation import write
from mnist_core.network.spec import Spec
from mnist_core.training import learning_rate_finder
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import duration
from ui.charts import learning_rate as charts
from ui.charts import style
from ui.session import cache, drafts, navigation, polling, state
from ui.views.tune import start
from ui.widgets import chart, hosting, messages, run_progress

_CHOSEN_TEST = "tune_rate_run"
NAME = "learning-rate test"
THEORY = (
    "The test starts with a tiny learning rate and raises it by the same factor after each batch. "
    "The loss falls faster and faster, until the steps overshoot and the loss runs away. Good "
    "rates lie where the loss falls steeply, well before it turns."
)
FORMULA = r"""
At step $t = 1, 2, \dots, T$ the rate is
$\eta_t = \eta_{\max} \cdot 10^{-6\,(1 - (t - 1)/T)}$, up to nearly $\eta_{\max} = 10$.
The loss $L_t$ of single batches is noisy, so it is smoothed:
$m_t = 0.9\,m_{t-1} + 0.1\,L_t$ with $m_0 = 0$, and
$\tilde L_t = m_t / (1 - 0.9^t)$ to correct for the start at 0.
The loss falls fastest where $\mathrm d \tilde L / \mathrm d \log_{10} \eta$ is lowest. The test
ends once $\tilde L_t$ is four times its lowest value so far.

Sources: the test is by L. N. Smith (*Cyclical learning rates for training neural networks*, 2015),
who raises the rate linearly. The exponential rise, the smoothing and the tenth are from fastai
(S. Gugger, *How do you find a good learning rate*, 2018).
"""
WAYS = {
    "steepest": "where the loss falls fastest",
    "tenth": "a tenth of the rate with the lowest loss",
}
WHY = {
    "tenth": "In our measurements, all optimizers but plain sgd learned faster with this rate than "
    "with the steepest one.",
    "steepest": "In our measurements, plain sgd learned faster with this rate than with the other "
    "suggestion. Do not go far beyond it: with ten times this rate, the loss ran away.",
}
EVERY_S = 1.0


@st.fragment
def show() -> None:
    """Draw the tab into the current container."""
    _begin()
    hosting.announce_deletions()
    if refused := state.take_error():
        messages.show_error(refused)
    tests = [run for run in cache.store().runs() if learning_rate_finder.is_range_test(run.spec)]
    if tests:
        _watch(_choose(tests))
    else:
        st.info("No test yet. Start one above to see its curve here.", icon=":material/info:")
    st.write(THEORY)
    with st.expander("The formula", key="tune_rate_formula", on_change="rerun") as box:
        if box.open:
            st.markdown(FORMULA)


def _begin() -> None:
    """Draw the button that starts a range test of the spec on the page Build."""
    with st.container(border=True):
        if spec := start.from_build():
            st.button(
                "Start the test",
                type="primary",
                icon=":material/play_arrow:",
                key="tune_rate_start",
                on_click=_start,
                args=(spec,),
            )


def _start(spec: Spec) -> None:
    test = learning_rate_finder.range_test(spec)
    try:
        run = cache.store().create_run(test, NAME)
    except MnistError as error:
        state.keep_error(error)
        return
    cache.engine().wake()
    state.put(_CHOSEN_TEST, run.id)


def _choose(tests: list[Run]) -> Run:
    """Return the test to show; with several tests, draw a box that offers the newest first."""
    labels = {run.id: f"Test {run.number} · {_about(run)}" for run in tests}
    chosen = state.get(_CHOSEN_TEST)
    if chosen not in labels:
        state.put(_CHOSEN_TEST, tests[0].id)
    if len(tests) > 1:
        st.selectbox("Test", list(labels), format_func=labels.__getitem__, key=_CHOSEN_TEST)
    return next(run for run in tests if run.id == state.get(_CHOSEN_TEST))


def _about(run: Run) -> str:
    training = run.spec.training
    return f"{write(run.spec.network)} · {training.optimizer} · batches of {training.batch_size}"


def _watch(run: Run) -> None:
    moving = run.is_active

    @st.fragment(run_every=EVERY_S if moving else None)
    def watch() -> None:
        seen = polling.run(run.id)
        if moving and not seen.is_active:
            st.rerun()  # the whole page: ends the polling, updates the sidebar
        _progress(seen)
        _curve(seen)

    watch()


def _progress(run: Run) -> None:
    """Draw the progress of a test, and the button that stops it."""
    if not run.is_active:
        if run.state == "finished" and not run.reason:
            st.caption(
                f"Finished in {duration(run.seconds)}: the loss did not diverge, up to a learning "
                f"rate of {run.spec.training.learning_rate:g}."
            )
        else:
            end = f": {run.reason}" if run.reason else ""
            st.caption(f"{run.state.capitalize()} after {duration(run.seconds)}{end}.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.progress(run_progress.done(run), run_progress.state_text(run))
        st.button(
            "Stop",
            icon=":material/stop:",
            key=state.key("tune_rate_stop", run.id),
            disabled=run.request is not None,
            on_click=polling.request,
            args=(run, "stop"),
        )


def _curve(run: Run) -> None:
    """Draw the curve so far, and once the test is over its suggestions."""
    found = learning_rate_finder.recorded_curve(run, polling.batches(run)[0])
    if not len(found.rates):
        return
    peak = run.spec.training.learning_rate
    suggested = None if run.is_active else learning_rate_finder.suggest(found)
    marks = {name: getattr(suggested, name) for name in WAYS} if suggested else {}
    place = st.container()
    chosen = _suggest(run, marks) if marks else None
    with place:
        chart.show(
            charts.curve(found, peak, marks, chosen),
            f"Loss of {len(found.rates)} batches over a learning rate that rises from "
            f"{found.rates[0]:.1g} to {found.rates[-1]:.2g}",
            state.key("tune_rate_curve", run.id),
        )
    if not run.is_active and not marks:
        st.warning(
            "The loss has not fallen, so there is nothing to suggest. Let the test run to its "
            "end, or try another network or optimizer on Build.",
            icon=":material/trending_flat:",
        )


def _suggest(run: Run, marks: dict[str, float]) -> float:
    """Draw the suggestions, and the button that takes one to Build; return the chosen rate."""
    signs = {
        name: f"{style.SIGNS[charts.MARKS[name][0]]} {value:.2g}" for name, value in marks.items()
    }
    best = learning_rate_finder.recommended(run.spec)
    st.markdown(f"**Suggestion: {signs[best]}**, {WAYS[best]}. {WHY[best]}")
    chosen = st.radio(
        "Learning rate",
        list(marks),
        list(marks).index(best),
        format_func=lambda name: f"{signs[name]}, {WAYS[name]}",
        key=state.key("tune_rate_choice", run.id),
        persist_state="session",
    )
    _use(run, float(f"{marks[chosen]:.2g}"))
    return marks[chosen]


def _use(run: Run, value: float) -> None:
    """Draw the button that takes a learning rate to Build, unless Build has it already."""
    spec = drafts.current().working_spec()
    if spec is None:
        return
    test, now = run.spec.training, spec.training
    if (spec.network, now.optimizer) != (run.spec.network, test.optimizer):
        st.caption("Build now has a different network or optimizer from this test.")
    if now.learning_rate == value:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":material/check: Build has the learning rate {value:g}.")
            st.page_link(navigation.path("build"), label="Go to Build", icon=":material/layers:")
    elif st.button(
        f"Use {value:g} in Build", icon=":material/layers:", key=state.key("tune_rate_use", run.id)
    ):
        drafts.current().take(learning_rate_finder.with_rate(spec, value))
        st.rerun()  # the whole page, since the spec on Build is shown above
