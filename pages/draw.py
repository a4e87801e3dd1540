"""Step 6: draw a digit, and see how it becomes the input of a network."""

import streamlit as st

from mnist_core.evaluation.run import Run
from mnist_core.utils.errors import MnistError
from ui.charts import digits, style
from ui.session import cache, navigation, state
from ui.views.draw import reading
from ui.widgets import answer, canvas, controls, messages, run_picker, touch

st.title("Draw")
own, examples = answer.readers()
runs = {run.id: run for run in [*own, *examples]}
reader = answer.choose_reader(own, examples)
if reader is None:
    st.info("No network can read digits yet: train one first.", icon=":material/info:")
    st.page_link(navigation.path("train"), label="Go to Train", icon=":material/play_circle:")
    st.stop()
first, why = reader
st.write(
    "Draw a digit and see whether the network can read it; then try an open 4, or no digit at all."
)


def choose_networks() -> list[Run]:
    """Draw the choice of the networks that read; `why` explains the default."""
    chosen = st.multiselect(
        "Networks (up to three)",
        list(runs),
        default=[first.id],
        format_func=lambda run_id: run_picker.run_tag(runs[run_id]),
        max_selections=3,
        key=state.key("draw_runs", first.id),  # a run chosen elsewhere becomes the default
        persist_state="session",
    )
    if chosen == [first.id]:
        st.caption(why)
    return [runs[run_id] for run_id in chosen]


@st.fragment  # a stroke runs this alone, not the whole page
def read_digit() -> None:
    phone = touch.on_phone()
    if phone:
        above, (left, right), below = st.container(), answer.places_on_phone(), st.container()
    else:
        left, right = st.columns(2)
        above, below = left, right
    with above:
        source = controls.choice(
            "Source of the digit",
            canvas.SOURCES,
            "draw_source",
            label_visibility="collapsed",
        )
    with left:
        try:
            found = canvas.SOURCES[source]()
        except MnistError as error:
            found = ()
            messages.show_error(error)
    with below:
        chosen = choose_networks()
        if not (ready := cache.engine().status().ready):
            messages.wait("Then the bars appear.")
        several = len(chosen) * len(found) > 1
    with right:
        if not found:
            start = "Choose a picture" if source == "Upload" else "Draw a digit"
            answer.hint(f"{start}, and its ten bars appear here.")
        elif not ready:
            answer.hint("The ten bars appear here.")
        elif not chosen:
            answer.hint("Choose a network to read this digit.")
        elif phone and several:
            reading.show_briefly(chosen, found)
            with below:
                reading.show_all(chosen, found)
        elif phone:
            reading.show_beside(chosen[0], found[0])
        else:
            reading.show_all(chosen, found)
    if not found:
        return
    with below:
        digit = reading.choose(found)
        reading.show_received(digit, chosen[0] if chosen else None)
        with st.popover("About the bars", icon=":material/lightbulb:"):
            st.write(reading.PROBABILITIES)
            st.latex(reading.SOFTMAX)
    if digit.steps:
        st.header("From your picture to the network's input")
        st.write(reading.STEPS)
        reading.show_steps(digit.steps)
    words = "The 784 input numbers, and how a digit is centered"
    numbers = st.expander(words, key="draw_numbers", on_change="rerun")
    if not numbers.open:  # its chart would slow every stroke
        return
    with numbers:
        alt = "The network's input: 28 by 28 gray levels from 0, paper, to 255, full ink"
        st.plotly_chart(digits.pixels(digit.image), key="draw_pixels", alt=alt, config=style.CONFIG)
        st.write(reading.CENTRE)
        st.latex(reading.CENTRE_FORMULA)


read_digit()
