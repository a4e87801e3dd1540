"""The tab Robustness: accuracy under distortions, and selective prediction."""

import numpy as np
import streamlit as st

from mnist_core.dataset import mnist
from mnist_core.evaluation.run import Run
from mnist_core.evaluation.statistics import wilson_interval
from mnist_core.execution import jobs
from mnist_core.insight.distortions import DISTORTIONS, Distortion, amounts_below
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import accuracy_in_context, percent, plain_markdown
from ui.charts import robustness as charts
from ui.charts import style
from ui.session import cache, navigation, state
from ui.widgets import chart, controls, job_result, messages, run_picker, showcase

HARDER = (
    "Networks read best what they saw in training: upright, centered digits of one size. Here each "
    "network reads 2,000 changed test images. The dotted line marks 10\u00a0%, about what guessing "
    "gives."
)
MEASURING = "**{label}** is not measured yet. That takes about ten seconds, once."
OVERVIEW = "Accuracy on 2,000 test images. Choose one change above to see the digits."
MEASURES = ("Accuracy", "Mean confidence")

ABOUT = {
    "rotated": "Turned clockwise. A convolution looks for its pattern everywhere, but always "
    "upright. Half a turn makes a 9 of a 6 but leaves 0, 1 and 8, so curves can rise again toward "
    "180°.",
    "shifted": "Moved to the right. Feature maps move along, and pooling forgives a pixel or two. "
    "But dense layers after Flatten have learned where digits lie.",
    "scaled": "Made smaller or larger around the middle; above 140\u00a0% the ink may leave the "
    "image. Kernels have a fixed size, so a stroke twice as long is another pattern.",
    "blurred": "Smoothed with a Gaussian; the amount is its standard deviation. Edges fade and "
    "small loops fill: an 8 and a 3 become alike.",
    "noised": "Each pixel changes at random; the amount is the standard deviation, in gray levels "
    "of 255. A kernel averages some of it away. People hardly mind; networks trained on clean "
    "paper do.",
    "thickened": "Strokes grow by this many pixels on either side, or get thinner if negative. At "
    "+3 loops close, at −1.5 little ink is left.",
    "inverted": "Blended toward dark ink on bright paper; at 50\u00a0% everything is one gray. At "
    "100\u00a0% you can read it again, but most networks cannot: they learned that ink is large "
    "numbers. That is why Draw inverts photos first.",
    "hidden": "A square of paper covers part of the digit. What is left may be another digit, and "
    "no network can know what it does not see.",
}
AUGMENT = "Train one with augmentation"

INTERVAL = (
    "Another 2,000 images would give a slightly different accuracy; the 95\u00a0% interval "
    "(Wilson's) holds the true one 19 times out of 20. Near 50\u00a0% it reaches about 2.2 points "
    "either way, near 99\u00a0% about half a point. All networks read the same images, so "
    "overlapping intervals do not settle which one is better."
)
INTERVAL_FORMULA = (
    r"\frac{\hat p + \frac{z^2}{2n} \pm z \sqrt{\frac{\hat p (1 - \hat p)}{n} + "
    r"\frac{z^2}{4n^2}}}{1 + \frac{z^2}{n}}, \quad z = 1.96,\ n = 2000"
)

UNSURE = (
    "A network always answers, even if it sees a shoe. Let it stay silent if its highest "
    "probability is below a threshold, and it answers fewer images, but is right more often."
)
CHOOSING = (
    "In real use, choose the threshold on validation images. Chosen here, on test images, it makes "
    "the figures above too good."
)
COVERAGE_FORMULA = r"\text{coverage}(t) = \frac{\#\{i : \max_k p_{ik} \ge t\}}{n}"
ACCURACY_FORMULA = (
    r"\text{accuracy}(t) = \frac{\#\{i : \max_k p_{ik} \ge t,\ \hat y_i = y_i\}}"
    r"{\#\{i : \max_k p_{ik} \ge t\}}"
)
FORMULAS = (
    "$t$ is the threshold, $p_{ik}$ the probability of digit $k$ for image $i$, $\\hat y_i$ the "
    "prediction, $y_i$ the label and $n$ the number of images."
)


def falls(label: str, distortion: Distortion, accuracy: np.ndarray) -> str:
    """Return a sentence on where a run's accuracy first falls below 90 %, and below 50 %.

    accuracy: (levels,), in [0, 1].
    """
    tenth, half = (amounts_below(share, distortion, accuracy) for share in (0.9, 0.5))
    if distortion.none in half:
        return f"**{label}** reads fewer than half right as they are."
    if not tenth:
        return f"**{label}** reads at least 9 of 10 right at every amount."
    if distortion.none in tenth:
        then = f"falls below half at {_amounts(distortion, half)}" if half else "stays above half"
        return f"**{label}** reads fewer than 9 of 10 right as they are, and {then}."
    then = f"and below half at {_amounts(distortion, half)}" if half else "but nowhere below half"
    return f"**{label}** falls below 9 of 10 right at {_amounts(distortion, tenth)}, {then}."


def _amounts(distortion: Distortion, levels: list[float]) -> str:
    return " and at ".join(distortion.say(level) for level in levels)


ALL, JOB = "All eight", "robustness"


def show(run: Run) -> None:
    """Draw both parts of the tab, each a fragment."""
    _harder(run)
    st.divider()
    _unsure(run)


@st.fragment
def _harder(run: Run) -> None:
    """Draw the curves of up to five runs over a distortion, and digits at one amount."""
    runs = _choose_runs(run)
    words = {ALL: ALL} | {name: kind.words for name, kind in DISTORTIONS.items()}
    look = {"default": "rotated", "format_func": words.__getitem__}
    name = controls.choice(
        "Change", words, "look_robust_kind", **look, label_visibility="collapsed"
    )
    measured = _measured(run, runs)
    if name == ALL:
        _overview(measured)
    else:
        _one(run, DISTORTIONS[name], measured)
    st.caption(HARDER)


def _choose_runs(run: Run) -> list[Run]:
    """Draw the choice of runs to compare; return them, initially the run of the page."""
    store = cache.store()
    every = [*store.runs(), *store.examples()]
    trained = {other.id: other for other in every if other.test_accuracy is not None}
    chosen = st.multiselect(
        "Up to five networks, with their test accuracy",
        list(trained),
        default=[run.id],
        format_func=lambda run_id: run_picker.run_label(trained[run_id]),
        max_selections=len(style.SERIES),
        key=state.key("look_robust_runs", run.id),
        persist_state="session",
    )
    if not chosen:
        st.info("Choose a network to see its curve.", icon=":material/info:")
    return [trained[run_id] for run_id in chosen]


def _measured(run: Run, runs: list[Run]) -> list[charts.Measured]:
    """Return the curves that are known; draw a button that measures the other runs.

    The run of the page is measured without a click.
    """
    waiting = [other for other in runs if cache.job_result(other, JOB) is None]
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
            on_click=job_result.ask,
            args=(unasked, JOB),
        )
    for other in waiting:
        st.caption(MEASURING.format(label=plain_markdown(run_picker.run_label(other))))
        if len(unasked) < 2 or other.id not in unasked:
            job_result.result(other, JOB, "Measure it", at_once=other.id == run.id)
    return [
        charts.Measured(other, run_picker.run_label(other), found)
        for other in runs
        if (found := cache.job_result(other, JOB)) is not None
    ]


def _overview(measured: list[charts.Measured]) -> None:
    if measured:
        st.caption(OVERVIEW)
        chart.show(
            charts.overview(measured),
            "Accuracy of each network under eight distortions of rising amount",
            "look_robust_all",
        )


def _one(run: Run, distortion: Distortion, measured: list[charts.Measured]) -> None:
    """Draw the curves of one distortion, and twenty digits at the amount of a slider."""
    levels = distortion.levels
    amount = st.select_slider(
        "Amount",
        levels,
        levels[len(levels) * 2 // 3],
        format_func=distortion.say,
        key=state.key("look_robust", distortion.name),
        persist_state="session",
    )
    if measured:
        for measure, column in enumerate(st.columns(2, gap="large")):
            column.markdown(f"**{MEASURES[measure]}**")
            with column:
                chart.show(
                    charts.curves(measured, distortion, measure, amount),
                    f"{MEASURES[measure]} over the amount; the line marks {amount:g}",
                    state.key("look_robust_curve", measure),
                )
    _digits(run, distortion, amount)
    st.write(ABOUT[distortion.name])
    st.page_link(navigation.path("build"), label=AUGMENT, icon=":material/layers:")
    if measured:
        at, said = levels.index(amount), distortion.say(amount)
        for found in measured:
            seen = found.curves[distortion.name]
            st.markdown(f"- {falls(found.label, distortion, seen[0])} {_at(said, seen[:, at])}")
        with st.expander("How sure are these figures?", icon=":material/function:"):
            st.write(INTERVAL)
            st.latex(INTERVAL_FORMULA)


def _at(said: str, measured: np.ndarray) -> str:
    """Return one run's result at one amount as text. measured: accuracy and mean confidence."""
    images = len(mnist.sample_rows())
    accuracy, confidence = (float(value) for value in measured)
    low, high = (percent(share, 1) for share in wilson_interval(accuracy, images))
    return (
        f"At {said} it gets **{accuracy_in_context(accuracy, images)}** (95 % interval {low} to "
        f"{high}), "
        f"and is {percent(confidence, 1)} sure on average."
    )


def _digits(run: Run, distortion: Distortion, amount: float) -> None:
    """Draw the distorted showcase digits, with the predictions of the page's run."""
    rows, data = mnist.showcase(), mnist.load()
    labels = data.y_test[rows]
    images = distortion.apply(data.x_test[rows], amount, rows)
    st.markdown(f"**Twenty digits, {distortion.words.lower()}: {distortion.say(amount)}**")
    try:
        probabilities = cache.probabilities(run, images)
        right = int((probabilities.argmax(axis=1) == labels).sum())
        name = plain_markdown(run_picker.run_label(run))
        st.caption(f"{name} reads {right} of {len(rows)} right.")
    except MnistError as error:
        probabilities = None
        messages.show_error(error)
    showcase.show(images, labels, probabilities)


@st.fragment
def _unsure(run: Run) -> None:
    """Draw selective prediction: a confidence threshold below which the network does not answer."""
    st.header("Letting it say “I don't know”")
    st.write(UNSURE)
    rejection = cache.selective_prediction(run)
    if rejection is None:
        return
    threshold = st.slider(
        "Confidence threshold",
        *(0.0, 100.0, 90.0, 0.5),
        format="%.1f %%",
        key="look_robust_threshold",
        persist_state="session",
    )
    found = rejection.at(threshold / 100)
    left, right = st.columns([3, 2], gap="large")
    with left:
        chart.show(
            charts.selective_prediction(rejection, found),
            f"Accuracy of the answers against coverage, which is {percent(found.coverage, 1)} here",
            "look_robust_rejection",
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
        st.caption(CHOOSING)
        with st.expander("Formulas", icon=":material/function:"):
            st.latex(COVERAGE_FORMULA)
            st.latex(ACCURACY_FORMULA)
            st.write(FORMULAS)
