"""Parts of the page Draw: a run's prediction, the preprocessing steps, and the theory."""

import streamlit as st

from mnist_core.dataset.preprocessing import Step
from mnist_core.evaluation.prediction import SURE, read
from mnist_core.evaluation.run import Run
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import GUESSING_ACCURACY, percent, plain_markdown
from ui.charts import digits, style
from ui.charts import draw as charts
from ui.session import cache, state
from ui.widgets import controls, gallery, messages, run_picker
from ui.widgets.canvas import Digit

WIDTH = 280  # pixels per prediction, where there are several; narrower bars lose their numbers
NARROW = 200  # per digit, where there are several: two beside each other

PROBABILITIES = (
    "The last layer gives each digit a score, and softmax turns the ten scores into "
    "probabilities: none below 0, in sum 1. The network must share them out among the ten digits, "
    "so it names one even for a letter, at times with much confidence. A first choice below "
    f"{SURE:.0%} counts as doubtful here.".replace("%", " %")
)
SOFTMAX = r"p_k = \frac{e^{z_k}}{\sum_{j=0}^{9} e^{z_j}}"
STEPS = (
    "A network reads well only what looks like the digits that it learned from. MNIST's makers cut "
    "out each digit, shrank it and centered it, so the same is done here."
)
CENTRE = (
    "Every image is 784 numbers from 0, paper, to 255, full ink: point at one to read it. The "
    "center of mass is the mean position of all ink, each pixel weighed by its number. It goes to "
    "row 14 and column 14, so the digit lies in the same place wherever on the sheet you drew it."
)
CENTRE_FORMULA = (
    r"\bar r = \frac{\sum_{r,c} r \, p_{rc}}{\sum_{r,c} p_{rc}} \qquad "
    r"\bar c = \frac{\sum_{r,c} c \, p_{rc}}{\sum_{r,c} p_{rc}}"
)


def show_all(runs: list[Run], found: tuple[Digit, ...]) -> None:
    """Draw what each run predicts of each digit; several digits from left to right."""
    if len(found) == 1:
        with st.container(horizontal=True):
            for run in runs:
                with st.container(width="stretch" if len(runs) == 1 else WIDTH):
                    show(run, found[0])
        return
    st.caption(f"Your picture has {len(found)} digits. Each is read separately.")
    with st.container(horizontal=True):
        for number, digit in enumerate(found, 1):
            with st.container(width=NARROW, border=True):
                alt = f"Digit {number} of {len(found)}, as the network receives it"
                st.image(gallery.enlarge(digit.image, 3), width=84, alt=alt)
                for run in runs:
                    show(run, digit, number)


def choose(found: tuple[Digit, ...]) -> Digit:
    """Draw the choice of a digit whose preprocessing is shown; return it."""
    if len(found) == 1:
        return found[0]
    numbers = [str(number) for number in range(1, len(found) + 1)]
    number = controls.choice(
        "Show the steps for digit", numbers, state.key("draw_which", len(found))
    )
    return found[int(number) - 1]


def show(run: Run, digit: Digit, number: int = 1) -> None:
    """Draw a run's prediction as a sentence and ten bars, or the reason why there is none."""
    st.markdown(f"**{plain_markdown(run_picker.run_label(run))}**")
    try:
        probabilities = cache.probabilities(run, digit.image[None])[0]
        reading = read(probabilities)
    except MnistError as error:
        messages.show_error(error)
        return
    if run.test_accuracy is not None and run.test_accuracy <= GUESSING_ACCURACY:
        told = f"It reads only {percent(run.test_accuracy)} of the test images right: it guesses."
        st.caption(f":material/warning: {told}")
    words = reading.sentence
    if digit.label is not None:
        verdict = "Right" if reading.digit == digit.label else "Wrong"
        words += f" {verdict}: its label says {digit.label}."
    if reading.doubtful:
        st.warning(words, icon=":material/help:")
    else:
        st.info(words, icon=":material/visibility:")
    st.plotly_chart(
        digits.probabilities(probabilities, reading.digit),
        key=state.key("draw_bars", run.id, number),
        alt=f"Ten bars, one a digit. {words}",
        config=style.CONFIG,
    )


def show_steps(steps: tuple[Step, ...]) -> None:
    """Draw each preprocessing step as a picture with its explanation, wrapped to the page."""
    with st.container(horizontal=True):
        for number, step in enumerate(steps, 1):
            with st.container(width=160):
                alt = f"Step {number}, {step.name}. {step.explanation}"
                st.image(charts.framed(step.image), width=160, alt=alt)
                st.markdown(f"**{number}. {step.name}**")
                st.caption(step.explanation)
