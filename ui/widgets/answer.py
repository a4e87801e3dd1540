"""What a network reads in a digit, and which network reads unless the user chooses another."""

from collections.abc import Collection

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.evaluation.prediction import Reading, read
from mnist_core.evaluation.run import Run
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import GUESSING_ACCURACY, percent, probability
from ui.charts import digits
from ui.session import cache, selection
from ui.widgets import chart, makers, messages, touch
from ui.widgets.canvas import Digit

BESIDE = 104  # pixels: the width of an answer beside a phone's sheet

PICKED = "The network that you chose reads the digit."
BEST = "Your best network reads the digit."
EXAMPLE = "An example network reads the digit until you train your own."


def readers() -> tuple[list[Run], list[Run]]:
    """Return the trained networks that can read: the workspace's own, and the examples."""
    store = cache.store()
    own, examples = (
        [run for run in runs if run.test_accuracy is not None]
        for runs in (store.runs(), store.examples())
    )
    return own, examples


def choose_reader(own: Collection[Run], examples: Collection[Run]) -> tuple[Run, str] | None:
    """Return the network that reads by default, and a sentence that says why.

    It is the one picked by the user or the address, else the best that the user trained, else the
    best example. own, examples: runs with a test accuracy. None if there are no runs.
    """
    if picked := selection.picked_run([*own, *examples]):
        return picked, PICKED
    mine = [run for run in own if makers.is_mine(run)]
    for runs, words in ((mine, BEST), (examples, EXAMPLE)):
        if runs:
            return max(runs, key=lambda run: run.test_accuracy or 0), words
    return None


def places_on_phone() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return placeholders side by side, for a sheet and a narrow answer, both in view at once."""
    row = st.container(horizontal=True, wrap=False, gap="xsmall")
    return row.container(), row.container(width=BESIDE)


def hint(words: str) -> None:
    """Draw what to do before there is an answer; in small print beside a phone's sheet."""
    if touch.on_phone():
        st.caption(words)
    else:
        st.info(words, icon=":material/draw:")


def show(run: Run, digit: Digit, key: str, height: int = 300, width: int | None = None) -> None:
    """Draw the digit that a run reads and its ten bars, or why there are none.

    key: of the figure; height, width: of the figure, see `digits.answer`. A sentence follows below,
    except in a narrow column, which has a width.
    """
    if (answered := _ask(run, digit)) is None:
        return
    probabilities, reading = answered
    verdict = ""
    if digit.label is not None:
        is_right = reading.digit == digit.label
        verdict = f"{'Right' if is_right else 'Wrong'}: the label is {digit.label}."
    words = f"{reading.sentence} {verdict}".rstrip()
    chart.show(
        digits.answer(probabilities, reading, st.context.theme.type, height, width),
        f"The digit {reading.digit}, and ten bars, one per digit. {words}",
        key,
    )
    if width and verdict:
        st.caption(verdict)
    if not width:
        st.caption(f":material/{'help' if reading.doubtful else 'visibility'}: {words}")
    if run.test_accuracy is not None and run.test_accuracy <= GUESSING_ACCURACY:
        accuracy = percent(run.test_accuracy)
        st.caption(
            f":material/warning: Do not trust this answer: the network reads only {accuracy} of "
            "the test images correctly."
        )


def show_briefly(run: Run, digit: Digit, name: str) -> None:
    """Draw the digit that a run reads and its probability, in two lines. name: of the run."""
    if answered := _ask(run, digit):
        reading = answered[1]
        doubt = "?" if reading.doubtful else ""
        st.markdown(f"**{reading.digit}{doubt}** · {probability(reading.confidence)}  \n{name}")


def _ask(run: Run, digit: Digit) -> tuple[np.ndarray, Reading] | None:
    """Return the ten probabilities and their reading; on an error, draw it and return None."""
    try:
        probabilities = cache.probabilities(run, digit.image[None])[0]
        return probabilities, read(probabilities)
    except MnistError as error:
        messages.show_error(error)
        return None
