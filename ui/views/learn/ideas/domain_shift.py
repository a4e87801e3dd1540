"""The idea Whose handwriting: two groups of writers, and digits that differ from MNIST's."""

import numpy as np
import streamlit as st

from mnist_core.dataset import mnist
from mnist_core.teaching.concepts import domain_shift
from mnist_core.teaching.concepts.domain_shift import GROUPS, SHIFTS, Group, Measured, Source
from mnist_core.utils.text import percent
from ui.charts.ideas import domain_shift as charts
from ui.session import address, navigation, state
from ui.views.learn.ideas.idea import Idea, Where
from ui.views.learn.ideas.layout import controls_and_figure
from ui.widgets import chart, touch
from ui.widgets.controls import choice, pills, select_slider

SOURCES: dict[Source, str] = {
    "both": "Both groups",
    "students": "Students",
    "employees": "Employees",
}


@st.fragment
def show() -> None:
    """Draw the recorded accuracies for the chosen writers and the chosen shift."""
    controls, figure = controls_and_figure()
    with controls:
        found, level = _choose()
    kind = found.shift.distortion
    with figure:
        _digits(found, level)
        ends = "; ".join(
            f"{charts.NAMES[group]}: {_accuracy(found, group, level)}" for group in GROUPS
        )
        chart.show(
            charts.curves(found, level),
            f"Accuracy by {kind.words.lower()}, at {kind.say(kind.levels[level])} {ends}",
        )
    with controls:
        for group in GROUPS:
            st.markdown(f"{charts.NAMES[group].capitalize()}: **{_accuracy(found, group, level)}**")
        st.caption(found.shift.says)
        st.page_link(
            navigation.path("handwriting"),
            label="Can a network read you?",
            icon=":material/draw:",
            help="Write digits on the page Our handwriting and test a network on them.",
        )
    st.caption(ABOUT)


def _choose() -> tuple[Measured, int]:
    """Draw the controls; return the measurements of the chosen shift, and its level."""
    source = choice(
        "Trained on digits by",
        SOURCES,
        "idea_domain_shift_source",
        format_func=lambda each: SOURCES[each],
    )
    names = {shift.distortion.words: name for name, shift in SHIFTS.items()}
    name = names[pills("What changes", list(names), "idea_domain_shift_kind")]
    kind = SHIFTS[name].distortion
    amount = select_slider(
        "How much",
        kind.levels,
        kind.none,
        format_func=kind.say,
        key=state.key("idea_domain_shift", name),
    )
    return domain_shift.measured()[source, name], kind.levels.index(amount)


def _digits(found: Measured, level: int) -> None:
    """Draw test digits of both groups, before and after the change."""
    rows = np.concatenate([found.shift.examples(group) for group in GROUPS])
    images, kind = mnist.load().x_test[rows], found.shift.distortion
    labels, read = mnist.load().y_test[rows], found.read[level].ravel()
    changed, right = kind.apply(images, kind.levels[level], rows), int((labels == read).sum())
    theme, height = st.context.theme.type, 115 if touch.on_phone() else 170
    chart.show(
        charts.digits(images, changed, read, labels, theme, height),
        f"{len(rows)} test digits as written, and below them changed; the network reads {right} "
        "of the changed ones right",
    )


def _accuracy(found: Measured, group: Group, level: int) -> str:
    """Return the accuracy with the mean number of wrong images."""
    share, images = found.accuracy(group)[level], found.images(group)
    return f"{percent(share)}: {(1 - share) * images:,.0f} wrong of {images:,}"


ABOUT = (
    f"Each number is the mean of {domain_shift.SEEDS} networks of note 5 with different seeds, "
    f"trained on {domain_shift.TRAINED:,} images each. The picture shows what the first of them "
    f"reads. {domain_shift.WRITERS['students']} students and {domain_shift.WRITERS['employees']} "
    "employees wrote the test set. None of them wrote a training image."
)

IDEA = Idea(
    name="domain-shift",
    title="Whose handwriting",
    says="A network learns only the handwriting of its training images. **Domain shift** means "
    "that the images it meets later are different. Two groups of people in the United States "
    "wrote MNIST, about half of it each: employees of the Census Bureau and high-school "
    "students.",
    formulas=(r"p_{\text{training}}(x) \ne p_{\text{use}}(x)",),
    symbols=r"$x$: an image; $p_{\text{training}}$: how likely it is among the training images; "
    r"$p_{\text{use}}$: how likely it is among the images that the network meets later. "
    "The first 5,001 test images are by students and the others by employees. Yadav and "
    "Bottou traced every image to its writer in 2019.",
    to_try="Choose the networks trained on **Employees**. Whose digits do they misread more "
    "often? Then choose **Students**. Which group prepares a network better for the "
    "other? Last, find the change that does the most harm, and one that does almost none.",
    where=(
        Where("handwriting", "Test a network on your own digits"),
        Where("look", "More changes, for any network", {address.LOOK_TAB: "Robustness"}),
        Where("learn", "The lesson Does it read us?", {address.LEARN_TAB: "Lessons"}),
    ),
    show=show,
)
