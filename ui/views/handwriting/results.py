"""The tab Results: how well a network reads the class, beside MNIST's own test images."""

import numpy as np
import pandas as pd
import streamlit as st

from mnist_core.dataset.mnist import TEST_IMAGES
from mnist_core.evaluation.class_report import ClassReport
from mnist_core.evaluation.report import Report
from mnist_core.evaluation.run import Run
from mnist_core.network.presets import PRESETS
from mnist_core.network.query import to_query
from mnist_core.network.spec import Transfer
from mnist_core.storage import handwriting
from mnist_core.storage.handwriting import CollectionError, Sample
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import percent, plural
from ui.charts import results as charts
from ui.charts import style
from ui.session import cache, navigation, teacher_link
from ui.views.handwriting import wall
from ui.widgets import chart, class_digits, gallery, messages, report_table, run_picker

PER_PAGE = 30
SHIFT = (
    "The network learned from digits by census employees and high-school students in the United "
    "States around 1990. You may write on a screen, or form some digits differently, such as a 7 "
    "with a bar. Such a difference between training images and later images is called **domain "
    "shift**."
)
FEW = (
    "**A few writers tell you little.** Digits by the same person look alike, so the interval "
    "counts writers, not digits. It shows where the accuracy for people like you probably lies."
)
LEARNED = (
    "This network was trained on digits by {count} here. The test leaves these writers out, "
    "because a network reads them better than new ones."
)
NOBODY = (
    "This network was trained on digits by everyone who wrote here, so no writer is left for a "
    "fair test. Ask someone else to write, or choose another network."
)
IMPORTED = (
    "This network was imported, so its training digits are unknown. If yours were among them, this "
    "accuracy is too high."
)
NO_INTERVAL = "An interval needs at least two writers with different accuracies."
LUCK = "With so few writers, the difference from MNIST's test set may be luck."


def show() -> None:
    """Draw the figures of one network on the digits of the class."""
    name = class_digits.chosen_set()
    samples = class_digits.follow(name)
    if not samples:
        st.info("There are no digits yet: write some under **Write**.", icon=":material/info:")
        return
    run = wall.choose_reader()
    if run is None:
        st.info("Choose a network to read your digits.", icon=":material/info:")
        return
    new = class_digits.is_new([run], samples, name)
    if not new.any():
        st.info(NOBODY, icon=":material/info:")
        return
    if not cache.engine().status().ready:
        messages.wait("Then the network reads your digits.")
        return
    try:
        with st.spinner("Reading the digits"):
            report = class_digits.class_report(run, samples, new)
            before = "" if new.all() else _before(run, samples, new)
    except MnistError as error:
        messages.show_error(error)
        return
    learned = {each.writer for each, is_new in zip(samples, new, strict=True) if not is_new}
    if learned:
        st.caption(LEARNED.format(count=plural(len(learned), "writer")))
    _figures(run, report)
    if before:
        st.write(before)
    _fine_tune(run)
    _details(report)
    _mistakes([each for each, is_new in zip(samples, new, strict=True) if is_new], report.report)


def _details(report: ClassReport) -> None:
    """Draw the confusion matrix, and the figures of each writer and of each digit."""
    found = report.report
    left, right = st.columns([3, 2], gap="large")
    with left:
        ink = style.NOTES[st.context.theme.type or "light"]
        chart.show(
            charts.matrix(found.confusion, False, ink),
            f"Confusion matrix of {plural(len(found.labels), 'digit')}: {found.wrong} wrong",
        )
    with right:
        _by_writer(report)
    with st.expander("Digit by digit", key="handwriting_report", on_change="rerun") as box:
        if box.open:
            report_table.show(found)


def _before(run: Run, samples: list[Sample], new: np.ndarray) -> str:
    """Return how well the network read the same digits before it was fine-tuned; empty if unknown.

    new: (n,) bool, the digits that count. Raises EngineError while no worker answers.
    """
    source, name = cache.store().source(run.spec), class_digits.chosen_set()
    if source is None or not class_digits.is_new([source], samples, name)[new].all():
        return ""
    found = class_digits.class_report(source, samples, new).report
    return (
        f"Before, {run_picker.run_number(source)} read **{percent(found.accuracy, 1)}** of the "
        f"same {plural(len(found.labels), 'digit')}: {found.wrong:,} wrong."
    )


def _fine_tune(run: Run) -> None:
    """Draw the link to Build for fine-tuning these weights on this handwriting."""
    if run.weights_hash is None or teacher_link.is_hidden("build.transfer"):
        return
    try:
        own = handwriting.choose_to_learn(cache.store(), class_digits.chosen_set())
    except CollectionError:
        return
    preset = PRESETS["our-class"].spec
    split = preset.split.model_copy(update={"handwriting": own})
    start = {"network": run.spec.network, "transfer": Transfer(source=run.weights_hash)}
    st.page_link(
        navigation.path("build"),
        label="Fine-tune this network on your handwriting",
        icon=":material/tune:",
        query_params=to_query(preset.model_copy(update={"split": split, **start})),
        help="Opens Build with this network and its weights. It trains on most of your writers and "
        "is tested on the others.",
    )


def _figures(run: Run, report: ClassReport) -> None:
    """Draw the accuracy on the class beside that on MNIST, each with its interval."""
    found, digits = report.report, len(report.writers)
    ours, theirs = st.columns(2)
    with ours:
        st.metric("Your class", percent(found.accuracy, 1))
        writers = plural(len(report.by_writer), "writer")
        st.write(f"{found.wrong:,} of {digits:,} digits wrong, from {writers}")
        st.caption(_interval(report.interval) or NO_INTERVAL, help=FEW)
    with theirs:
        accuracy = run.test_accuracy or 0
        st.metric("MNIST test set", percent(accuracy, 1))
        st.write(f"{round((1 - accuracy) * TEST_IMAGES):,} of {TEST_IMAGES:,} images wrong")
    if run.origin:
        st.caption(IMPORTED)
    if report.interval is None or report.interval[1] >= accuracy:
        st.write(LUCK)
    elif not run.origin:  # what an imported network learned from is not known
        gap = round(100 * accuracy, 1) - round(100 * found.accuracy, 1)
        why = "" if run.spec.split.handwriting else f" {SHIFT}"
        st.write(f"The gap is **{gap:.1f} points**.{why}")


def _interval(ends: tuple[float, float] | None) -> str:
    return f"95 % interval: {percent(ends[0], 1)} to {percent(ends[1], 1)}" if ends else ""


def _by_writer(report: ClassReport) -> None:
    rows = [
        (score.writer, score.digits, score.digits - score.right, 100 * score.right / score.digits)
        for score in report.by_writer
    ]
    st.dataframe(
        pd.DataFrame(rows, columns=["writer", "digits", "wrong", "accuracy"]),
        hide_index=True,
        height="content" if len(rows) < 12 else 440,
        column_config={"accuracy": st.column_config.NumberColumn(format="%.0f\u00a0%%")},
        alt="Digits, mistakes and accuracy of each writer",
    )


def _mistakes(samples: list[Sample], report: Report) -> None:
    """Draw the digits that were read wrong, the most confident mistakes first."""
    if not len(report.mistakes):
        st.success("The network reads all your digits correctly.", icon=":material/check_circle:")
        return
    st.header("Mistakes")
    shown = report.mistakes[gallery.page(len(report.mistakes), PER_PAGE, "handwriting_mistakes")]
    wrong = [(samples[at], int(report.predicted[at])) for at in shown]
    gallery.gallery(
        [each.image for each, _ in wrong],
        [f"{each.label} → {read}" for each, read in wrong],
        [f"Writer {each.writer}'s {each.label}, read as {read}" for each, read in wrong],
    )
