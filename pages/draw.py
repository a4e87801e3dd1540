"""Step 6: a digit of your own, and how it becomes what the network receives."""

import streamlit as st

from mnist_core.utils.errors import MnistError
from ui.charts import digits, style
from ui.session import cache, navigation, selection, state
from ui.views.draw import reading
from ui.widgets import canvas, controls, messages, run_picker

st.title("Draw")
st.write(
    "Now it is your turn: write a digit and see whether the network can read your hand. Then try "
    "an open 4, a 7 with a bar, or something that is no digit at all."
)
store = cache.store()
runs = {
    run.id: run
    for run in [*store.runs(), *store.examples()]
    if run.test_accuracy is not None  # so it has weights
}
first = selection.chosen_run(list(runs.values()))
if first is None:
    st.info("There is no trained network yet that could read a digit.", icon=":material/info:")
    st.page_link(navigation.path("train"), label="Go to Train", icon=":material/play_circle:")
    st.stop()
chosen = st.multiselect(
    "Up to three networks that read it, with their test accuracy",
    list(runs),
    default=[first.id],
    format_func=lambda run_id: run_picker.run_label(runs[run_id]),
    max_selections=3,
    key=state.key("draw_runs", first.id),  # another run chosen elsewhere is the one to draw for
    persist_state="session",
)


@st.fragment  # a stroke runs this alone, not the whole page
def read_digit() -> None:
    source = controls.choice("Where the digit comes from", canvas.SOURCES, "draw_source")
    with st.container(horizontal=True, gap="large"):
        left, right = st.container(width=canvas.SIDE), st.container()
    with left:
        try:
            found = canvas.SOURCES[source]()
        except MnistError as error:
            messages.show_error(error)
            return
    with right:
        if not cache.engine().status().ready:
            messages.wait("Your bars appear here by themselves.")
        elif not found:
            start = "Choose a picture" if source == "Upload" else "Draw a digit"
            st.info(f"{start}, and its ten bars appear here.", icon=":material/draw:")
        elif not chosen:
            st.info("Choose a network above, and it reads this digit.", icon=":material/info:")
        else:
            reading.show_all([runs[run_id] for run_id in chosen], found)
            with st.popover("What the bars say", icon=":material/lightbulb:"):
                st.write(reading.PROBABILITIES)
                st.latex(reading.SOFTMAX)
    if not found:
        return
    digit = reading.choose(found)
    if digit.steps:
        st.subheader("From your picture to what the network receives")
        st.write(reading.STEPS)
        reading.show_steps(digit.steps)
    words = "The 784 numbers that go in, and how a digit is centered"
    numbers = st.expander(words, key="draw_numbers", on_change="rerun")
    if not numbers.open:  # its chart would slow every stroke
        return
    with numbers:
        alt = "What the network receives: 28 by 28 gray levels from 0, paper, to 255, full ink"
        st.plotly_chart(digits.pixels(digit.image), key="draw_pixels", alt=alt, config=style.CONFIG)
        st.write(reading.CENTRE)
        st.latex(reading.CENTRE_FORMULA)


read_digit()
