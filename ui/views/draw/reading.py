"""Parts of the page Draw: what each run reads, the preprocessing steps, and the theory."""

import streamlit as st

from mnist_core.dataset.preprocessing import Step
from mnist_core.evaluation.prediction import SURE
from mnist_core.evaluation.run import Run
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import plain_markdown
from ui.charts import draw as charts
from ui.charts import thumbnails
from ui.session import cache, state
from ui.widgets import answer, controls, gallery, messages, run_picker
from ui.widgets.canvas import Digit

STEP = 148  # pixels per step: all five side by side in a window of 1,280
HEIGHT = 290  # pixels of an answer: with what goes in, it fits beside the sheet
ON_PHONE = 330  # pixels of an answer on a phone, as high as the sheet with its buttons
NARROW = 200  # pixels per digit, if there are several: two side by side

PROBABILITIES = (
    "Softmax turns the ten scores of the last layer into probabilities, which are never negative "
    "and sum to 1. The network must choose a digit, so it "
    "names one even for a letter, sometimes with confidence. A first choice below "
    f"{SURE:.0%} counts as doubtful.".replace("%", "\u00a0%")
)
SOFTMAX = r"p_k = \frac{e^{z_k}}{\sum_{j=0}^{9} e^{z_j}}"
STEPS = (
    "A network reads well only what looks like its training images. MNIST's makers cut out, shrank "
    "and centered each digit; the app does the same. Gray areas only pad a picture to make it "
    "square."
)
CENTRE = (
    "Every image is 784 numbers from 0, paper, to 255, full ink: point at a pixel to see its "
    "number. The center of mass is the mean position of all pixels, each weighted by its number. "
    "The app moves it to row 14 and column 14, so you can draw the digit anywhere on the sheet."
)
CENTRE_FORMULA = (
    r"\bar r = \frac{\sum_{r,c} r \, p_{rc}}{\sum_{r,c} p_{rc}} \qquad "
    r"\bar c = \frac{\sum_{r,c} c \, p_{rc}}{\sum_{r,c} p_{rc}}"
)


def show_all(runs: list[Run], found: tuple[Digit, ...]) -> None:
    """Draw what each run reads in each digit: a column per run, or a frame per digit."""
    if len(found) == 1:
        for run, column in zip(runs, st.columns(len(runs), gap="xsmall"), strict=True):
            with column:
                _show(run, found[0], 1, several=len(runs) > 1)
        return
    st.caption(f"Your picture has {len(found)} digits. The network reads each one separately.")
    with st.container(horizontal=True):
        for number, digit in enumerate(found, 1):
            with st.container(width=NARROW, border=True):
                alt = f"Digit {number} of {len(found)}, as the network receives it"
                st.image(gallery.enlarge(digit.image, 3), width=84, alt=alt)
                for run in runs:
                    _show(run, digit, number, several=True)


def show_beside(run: Run, digit: Digit) -> None:
    """Draw what a run reads, in the narrow place beside a phone's sheet."""
    answer.show(run, digit, "draw_bars_beside", ON_PHONE, answer.BESIDE)


def show_briefly(runs: list[Run], found: tuple[Digit, ...]) -> None:
    """Draw what each run reads in each digit, two lines each, beside a phone's sheet."""
    for number, digit in enumerate(found, 1):
        for run in runs:
            of = f", digit {number}" if len(found) > 1 else ""
            answer.show_briefly(run, digit, f":small[{run_picker.run_sign(run)}{of}]")


def _show(run: Run, digit: Digit, number: int, several: bool) -> None:
    width = NARROW if several else None
    answer.show(run, digit, state.key("draw_bars", run.id, number), HEIGHT, width)
    if several:
        st.markdown(run_picker.run_title(run, network=True))


def choose(found: tuple[Digit, ...]) -> Digit:
    """Draw the choice of the digit whose preprocessing is shown; return the digit."""
    if len(found) == 1:
        return found[0]
    numbers = [str(number) for number in range(1, len(found) + 1)]
    number = controls.choice(
        "Show the steps for digit", numbers, state.key("draw_which", len(found))
    )
    return found[int(number) - 1]


def show_received(digit: Digit, run: Run | None) -> None:
    """Draw the 28 x 28 input pixels and, if asked, the output of a run's first layer."""
    with st.container(horizontal=True):
        alt = "The network's input: the digit in 28 by 28 pixels"
        st.image(gallery.enlarge(digit.image), width=112, alt=alt)
        with st.container(width=146):
            st.markdown("**Input:** 28 × 28 pixels")
            shown = run is not None and controls.toggle("Show first layer", key="draw_maps")
            if run is not None and shown:
                name = plain_markdown(run.name)
                st.caption(f"The first layer of {run_picker.run_sign(run)} · {name}")
        if run is not None and shown:
            _show_first_layer(run, digit)


def _show_first_layer(run: Run, digit: Digit) -> None:
    try:
        outputs = cache.answer("outputs", run, digit.image)
    except MnistError as error:
        messages.show_error(error)
        return
    name, values = next(iter(outputs.items()))
    picture = thumbnails.picture(values, st.context.theme.type)
    st.image(picture, width=112, alt=f"Output of {name} for this digit")


def show_steps(steps: tuple[Step, ...]) -> None:
    """Draw each preprocessing step as a picture with its explanation, wrapped to the page."""
    with st.container(horizontal=True):
        for number, step in enumerate(steps, 1):
            with st.container(width=STEP):
                alt = f"Step {number}, {step.name}. {step.explanation}"
                st.image(gallery.enlarge(charts.framed(step.image), 1), width=STEP, alt=alt)
                st.markdown(f"**{number}. {step.name}**")
                st.caption(step.explanation)
