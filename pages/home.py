"""The start: a digit to draw, the way through the pages, and the latest runs."""

import streamlit as st

from mnist_core.utils.errors import MnistError
from ui.session import cache, navigation, state, teacher_link
from ui.widgets import answer, canvas, hosting, makers, messages, run_table, touch

SHEET, ANSWER = 280, 260  # pixels: the width of the sheet, the height of the answer
WORDS = {  # on a page's card
    "data": "See the digits",
    "build": "Choose the layers",
    "train": "Watch the network learn",
    "results": "Check the test results",
    "look": "See inside the network",
    "draw": "Draw your own digits",
    "compare": "Compare your runs",
    "tune": "Find better settings",
    "learn": "Study ideas and lessons",
    "handwriting": "Collect digits in class",
}

store = cache.store()
runs = [run for run in store.runs() if run.sees_test]
read = [run for run in runs if run.test_accuracy is not None]
reader = answer.choose_reader(
    read, [run for run in store.examples() if run.test_accuracy is not None]
)

st.title("MNIST, understood")
st.write(
    "Build a network, train it to read handwritten digits, and study its mistakes: no code needed."
)


@st.fragment  # a stroke runs this alone
def try_it() -> None:
    """Draw a small sheet and, beside it, what a trained network reads there."""
    phone = touch.on_phone()
    if phone:
        above, (left, right), below = st.container(), answer.places_on_phone(), st.container()
    else:
        with st.container(horizontal=True, gap="medium"):
            left, right = st.container(width=SHEET), st.container()
        above = below = right
    with left:
        try:
            found = canvas.draw("home", small=True)
        except MnistError as error:
            found = ()
            messages.show_error(error)
    with above:
        if reader is None:
            words = "No network can read digits yet: train one on the Train page."
            st.info(words, icon=":material/info:")
            return
        run, why = reader
        st.markdown(f"**Draw a digit.** {why}")
    if not (ready := cache.engine().status().ready):
        with below:
            messages.wait("Then the network reads what you draw.")
    with right:
        if found and ready:
            answer.show(run, found[0], "home_bars", ANSWER, answer.BESIDE if phone else None)
        elif ready or phone:  # beside a phone's sheet an empty place has no width
            answer.hint("Draw in the square; the network reads the digit while you draw.")


try_it()

mine = [run for run in runs if makers.is_mine(run)]
if not mine:
    place, words = "data", "Begin with the images"
elif not any(run.test_accuracy is not None for run in mine):
    place, words = "train", "Watch your network learn"
else:
    place, words = "draw", "Draw a digit for your network"
with st.container(horizontal=True, vertical_alignment="center"):
    st.header("Your path through the app", width="content")
    if not teacher_link.is_hidden(f"page.{place}") and st.button(
        words, type="primary", icon=":material/arrow_forward:", key="home_next"
    ):
        st.switch_page(navigation.path(place))
with st.grid(min_column_width=240, gap="small"):
    for step in navigation.STEPS[1:]:
        if teacher_link.is_hidden(f"page.{step.name}"):
            continue
        if st.button(
            f"**{step.title}**  \n{WORDS[step.name]}",
            icon=step.icon,
            key=state.key("home", step.name),
            width="stretch",
        ):
            st.switch_page(navigation.path(step.name))

st.header("Recent runs" if runs else "Two examples, trained for you")
run_table.show(runs[:8] or store.examples())

hosting.show_workspace()
