"""Robustness: images made harder, several runs together; and a network that may not know."""

import numpy as np
import streamlit as st

from mnist_core import dataset, jobs
from mnist_core.errors import MnistError
from mnist_core.insight.distort import DISTORTIONS, Distortion
from mnist_core.insight.rejection import Rejection
from mnist_core.insight.robustness import interval
from mnist_core.store import Run
from mnist_core.words import in_context, percent
from ui import cache, controls, frame, insight, registry, showcase, visitor
from ui.charts import robustness as charts
from ui.charts import style
from ui.look import robustness_text as text

ALL, JOB = "All eight", "robustness"


def show(run: Run) -> None:
    """Two parts that rerun by themselves."""
    _harder(run)
    st.divider()
    _unsure(run)


@st.fragment
def _harder(run: Run) -> None:
    """Curves of up to five runs over the amount of a distortion, and the digits at one amount."""
    st.subheader("How much can the digits change?")
    st.write(text.HARDER)
    runs = _choose_runs(run)
    words = {ALL: ALL} | {name: kind.words for name, kind in DISTORTIONS.items()}
    name = st.segmented_control(
        "Change",
        list(words),
        default="rotated",
        required=True,
        format_func=words.__getitem__,
        key="look_robust_kind",
        persist_state="session",
    )
    measured = _measured(run, runs)
    if name == ALL:
        _overview(measured)
    else:
        _one(run, DISTORTIONS[name], measured)


def _choose_runs(run: Run) -> list[Run]:
    """Trained runs to compare, the page's own among them at first."""
    store = cache.store()
    every = [*store.runs(), *store.examples()]
    trained = {other.id: other for other in every if other.test_accuracy is not None}
    chosen = st.multiselect(
        "Up to five networks, with their test accuracy",
        list(trained),
        default=[run.id],
        format_func=lambda run_id: controls.run_label(trained[run_id]),
        max_selections=len(style.SERIES),
        key=f"look_robust_runs_{run.id}",
        persist_state="session",
    )
    if not chosen:
        st.info("Choose a network, and its curve appears.", icon=":material/info:")
    return [trained[run_id] for run_id in chosen]


def _measured(run: Run, runs: list[Run]) -> charts.Measured:
    """What is known of the runs; the page's own is measured unasked, others at a click."""
    waiting = [other for other in runs if insight.kept(other, JOB) is None]
    unasked = [
        other.id
        for other in waiting
        if other.id != run.id and jobs.find(cache.store(), other.id, JOB) is None
    ]
    if len(unasked) > 1:
        st.button(
            f"Measure all {len(unasked)}",
            icon=":material/play_circle:",
            key="look_robust_measure_all",
            on_click=insight.ask,
            args=(unasked, JOB),
        )
    for other in waiting:
        st.caption(text.MEASURING.format(label=controls.run_label(other)))
        if len(unasked) < 2 or other.id not in unasked:
            insight.result(other, JOB, "Measure it", at_once=other.id == run.id)
    return {
        controls.run_label(other): found
        for other in runs
        if (found := insight.kept(other, JOB)) is not None
    }


def _overview(measured: charts.Measured) -> None:
    if measured:
        st.caption(text.OVERVIEW)
        st.plotly_chart(
            charts.all_of_them(measured),
            key="look_robust_all",
            alt="Accuracy of each network under eight distortions of rising amount",
            config=style.CONFIG,
        )


def _one(run: Run, distortion: Distortion, measured: charts.Measured) -> None:
    """One distortion: its curves, and twenty digits at the amount of a slider."""
    st.write(text.ABOUT[distortion.name])
    st.page_link(registry.path("build"), label=text.AUGMENT, icon=":material/layers:")
    levels = distortion.levels
    amount = st.select_slider(
        "Amount",
        levels,
        levels[len(levels) * 2 // 3],
        format_func=distortion.say,
        key=f"look_robust_{distortion.name}",
        persist_state="session",
    )
    if measured:
        for measure, column in enumerate(st.columns(2, gap="large")):
            column.markdown(f"**{text.MEASURES[measure]}**")
            column.plotly_chart(
                charts.curves(measured, distortion, measure, amount),
                key=f"look_robust_curve_{measure}",
                alt=f"{text.MEASURES[measure]} over the amount; the line stands at {amount:g}",
                config=style.CONFIG,
            )
        at, said = levels.index(amount), distortion.say(amount)
        for label, found in measured.items():
            seen = found[distortion.name]
            st.markdown(f"- {text.falls(label, distortion, seen[0])} {_at(said, seen[:, at])}")
        with st.expander("How sure are these figures?", icon=":material/function:"):
            st.write(text.INTERVAL)
            st.latex(text.INTERVAL_FORMULA)
    _digits(run, distortion, amount)


def _at(said: str, measured: np.ndarray) -> str:
    """One run at one amount, said in words. measured: accuracy and mean confidence."""
    images = len(dataset.sample())
    accuracy, confidence = (float(value) for value in measured)
    low, high = (percent(share, 1) for share in interval(accuracy, images))
    return (
        f"At {said} it gets **{in_context(accuracy, images)}** (95 % interval {low} to {high}), "
        f"and is {percent(confidence, 1)} sure on average."
    )


def _digits(run: Run, distortion: Distortion, amount: float) -> None:
    """The showcase, distorted, with what the page's run reads in it."""
    rows, data = dataset.showcase(), dataset.load()
    labels = data.y_test[rows]
    images = distortion.apply(data.x_test[rows], amount, rows)
    st.markdown(f"**Twenty digits, {distortion.words.lower()}: {distortion.say(amount)}**")
    try:
        probabilities = insight.probabilities(run, images)
        right = int((probabilities.argmax(axis=1) == labels).sum())
        st.caption(f"{controls.run_label(run)} reads {right} of {len(rows)} right.")
    except MnistError as error:
        probabilities = None
        frame.refuse(error)
    showcase.show(images, labels, probabilities)


@st.cache_resource(max_entries=8, show_spinner=False)
def _rejection(run_id: int, seconds: float, workspace: str, _run: Run) -> Rejection | None:
    report = cache.report(_run)
    return Rejection(report) if report else None


@st.fragment
def _unsure(run: Run) -> None:
    """A threshold on the confidence, below which the network withholds its answer."""
    st.subheader("May it say “I don't know”?")
    st.write(text.UNSURE)
    rejection = _rejection(run.id, run.seconds, visitor.workspace(), run)
    if rejection is None:
        return
    threshold = st.slider(
        "It answers from this confidence on",
        *(0.0, 100.0, 90.0, 0.5),
        format="%.1f %%",
        key="look_robust_threshold",
        persist_state="session",
    )
    found = rejection.at(threshold / 100)
    left, right = st.columns([3, 2], gap="large")
    left.plotly_chart(
        charts.rejection(rejection, found),
        key="look_robust_rejection",
        alt=f"Accuracy of the answers against coverage, which is {percent(found.coverage, 1)} here",
        config=style.CONFIG,
    )
    with right:
        if found.accuracy is None:
            st.write("No image makes it that sure: it **answers nothing**, and is never wrong.")
        else:
            st.write(
                f"It **answers {found.answered:,} of {found.images:,}** test images, "
                f"{percent(found.coverage)}, and **{found.wrong:,} of these are wrong**: "
                f"{percent(found.accuracy)} right."
            )
        silent = found.images - found.answered
        st.write(
            f"Of the {silent:,} images without an answer it would have read "
            f"**{found.withheld:,} wrong**, and {silent - found.withheld:,} right. In all it makes "
            f"{found.wrong + found.withheld:,} mistakes."
        )
        st.caption(text.CHOOSING)
        with st.expander("Formulas", icon=":material/function:"):
            st.latex(text.COVERAGE_FORMULA)
            st.latex(text.ACCURACY_FORMULA)
            st.write(text.FORMULAS)
