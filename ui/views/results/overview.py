"""Four tabs of the page Results, one function each."""

import numpy as np
import streamlit as st

from mnist_core.dataset import mnist
from mnist_core.evaluation import tables
from mnist_core.evaluation.calibration import scale
from mnist_core.evaluation.prediction import read
from mnist_core.evaluation.report import Report
from mnist_core.evaluation.run import Run
from mnist_core.exporting import facts
from mnist_core.storage.runs import Store
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import percent, plain_markdown, with_article
from ui.charts import digits
from ui.charts import results as charts
from ui.session import cache, selection, state
from ui.views.results import text
from ui.widgets import chart, controls, image_links, learning_curves, messages, report_table, touch

_IMAGE = "results_index"


def overview(run: Run, report: Report, store: Store) -> None:
    """Draw the learning curves and the classification report."""
    st.header("Learning curves")
    if run.origin:
        st.info(text.NO_CURVES, icon=":material/info:")
    else:
        learning_curves.show(run, store.epochs(run.id))
        st.caption(text.CURVES)
    st.header("Digit by digit")
    left, right = st.columns([3, 2], gap="large")
    with left:
        report_table.show(report)
    with right:
        st.write(text.SCORES)
        with st.expander("Formulas", icon=":material/function:"):
            for formula in text.SCORES_FORMULAS:
                st.latex(formula)
            st.caption("TP: true positives; FP: false positives; FN: false negatives.")


@st.fragment
def calibration(run: Run, report: Report, store: Store) -> None:
    """Draw the reliability diagram and the histogram of confidences."""
    left, right = st.columns([3, 2], gap="large")
    with right:
        shown = _scaled(run, report)
    with left:
        chart.show(
            charts.calibration(shown),
            f"Accuracy by confidence in 15 bins; calibration error {shown.ece:.2%}",
            "results_calibration",
        )
    with right:
        st.write(text.CALIBRATION)
        mean, right_share = percent(float(shown.confidence.mean())), percent(shown.accuracy)
        after = "" if shown is report else "After scaling: "
        st.write(f"{after}**{mean}** sure on average, **{right_share}** right.")
        if run.spec.training.label_smoothing and shown is report:
            st.caption(text.SMOOTHED)
        with st.expander("Calibration error", icon=":material/function:"):
            st.write(text.ECE)
            st.latex(text.ECE_FORMULA)


def _scaled(run: Run, report: Report) -> Report:
    """Draw the switch of temperature scaling; return the report, scaled if it is on."""
    unseen = not run.origin and run.spec.split.kind not in ("none", "test")
    words = text.TEMPERATURE if unseen else text.NO_VALIDATION
    on = controls.toggle(
        "Temperature scaling", key="results_temperature", disabled=not unseen, help=words
    )
    if not (on and unseen):
        return report
    if not cache.engine().status().ready:
        messages.wait("Then the best temperature appears here.")
        return report
    try:
        with st.spinner("Reading the validation images ...", show_time=True):
            temperature = cache.temperature(run)
    except MnistError as error:
        messages.show_error(error)
        return report
    scaled = Report(scale(report.probabilities, temperature), report.labels)
    st.write(
        text.SCALED.format(
            images=f"{run.spec.split.held_out:,}",
            temperature=temperature,
            verdict=_verdict(temperature),
            loss=report.loss,
            scaled_loss=scaled.loss,
            error=percent(report.ece),
            scaled_error=percent(scaled.ece),
        )
    )
    return scaled


def _verdict(temperature: float) -> str:
    if round(temperature, 2) == 1:
        return "well calibrated"
    return "overconfident" if temperature > 1 else "underconfident"


def one_image(run: Run, report: Report, store: Store) -> None:
    """Draw a test image with its ten probabilities, then the first ten with their predictions."""
    last = len(report.labels) - 1
    if (asked := selection.asked_image(_IMAGE)) is not None:
        state.put(_IMAGE, asked)
    index = st.number_input(
        f"Test image, 0 to {last:,}",
        *(0, last),
        key=_IMAGE,
        width=220,
        persist_state="session",
    )
    selection.write_image(_IMAGE, index)
    reading, label = read(report.probabilities[index]), int(report.labels[index])
    verdict = "Right" if reading.digit == label else "Wrong"
    say = st.success if reading.digit == label else st.warning
    say(f"**{verdict}**: the label is {label}. {reading.sentence}", icon=_ICONS[verdict])
    left, right = st.columns(2, gap="large")
    alt = f"Test image {index}, {with_article(label)}"
    with left:
        chart.show(digits.pixels(mnist.load().x_test[index]), alt, "results_pixels")
    with right:
        chart.show(
            digits.probabilities(report.probabilities[index], reading.digit),
            reading.sentence,
            "results_probabilities",
        )
        st.caption(text.ONE_IMAGE)
        image_links.show(run, np.array([index]), ["Look inside"], [alt], "results_look")
    _first_ten(run, report)


def _first_ten(run: Run, report: Report) -> None:
    """Draw the first test images with their labels and predictions, as links to Look inside."""
    pairs = [*zip(report.labels[:10].tolist(), report.predicted[:10].tolist(), strict=True)]
    st.markdown(text.FIRST_TEN)
    image_links.show(
        run,
        np.arange(len(pairs)),
        [f"{label} → {guess}" for label, guess in pairs],
        [
            f"Test image {row}: {with_article(label)} read as {guess}"
            for row, (label, guess) in enumerate(pairs)
        ],
        "results_first_ten",
    )


_ICONS = {"Right": ":material/check_circle:", "Wrong": ":material/cancel:"}


def settings(run: Run, report: Report, store: Store) -> None:
    """Draw a table of all settings of the run, and what happened apart from them."""
    table = tables.settings(run.spec, run.origin)
    touch.room_above_table()
    st.dataframe(table, hide_index=True, height="content", alt="Every setting of this run")
    for sentence in facts.deviations(run):
        st.write(plain_markdown(sentence))
    with st.expander("As JSON", icon=":material/data_object:"):
        known = run.spec.network if run.origin else run.spec
        st.code(known.model_dump_json(indent=2), language="json")
