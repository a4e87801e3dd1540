"""What this is, where you are on the way, and the last runs."""

import numpy as np
import pandas as pd
import streamlit as st

from mnist_core.dataset import mnist
from mnist_core.dataset.mnist import TEST_IMAGES
from mnist_core.network.notation import write
from mnist_core.utils.text import accuracy_in_context
from ui.session import cache, drafts, navigation, teacher_link
from ui.widgets import gallery, hosting, run_picker

store = cache.store()
runs = [run for run in store.runs() if run.sees_test]
read = [run for run in runs if run.test_accuracy is not None]

st.title("MNIST, understood")
st.write(
    "Teach a computer to read handwritten digits, and see how it does it. You choose the layers of "
    "a convolutional network, train it on tens of thousands of real images, study its mistakes, "
    "and draw digits for it to read. No code needed; the code is yours to take away."
)
rows = mnist.showcase()[:20:2]
labels = mnist.load().y_test[rows]
strip = np.hstack(list(mnist.load().x_test[rows]))
st.image(
    gallery.enlarge(strip), width=560, alt=f"Ten handwritten digits: {', '.join(map(str, labels))}"
)

if not runs:
    place, words = "data", "Begin with the images"
elif not read:
    place, words = "train", "Watch your network learn"
else:
    place, words = "draw", "Draw a digit for your network"
if not teacher_link.is_hidden(f"page.{place}") and st.button(
    words, type="primary", icon=":material/arrow_forward:"
):
    st.switch_page(navigation.path(place))

st.subheader("The way")
stand = {
    "data": "70,000 digits, ready to look at.",
    "build": f"Your network now: {write(draft.network)}."
    if (draft := drafts.current().working_spec())
    else "Your network cannot work yet.",
    "train": f"You have {len(runs)} run{'s' * (len(runs) != 1)}." if runs else "No run yet.",
    "results": f"Your last: {accuracy_in_context(read[0].test_accuracy or 0, TEST_IMAGES)}."
    if read
    else "Look at the examples until you have one.",
    "look": "Your last run, or an example, opened up." if read else "An example, opened up.",
    "draw": "Your digits, read by your last run." if read else "An example can read your digits.",
    "compare": "Your runs and the examples, side by side.",
    "tune": "Let the app try what you cannot decide.",
    "learn": "New to this? Begin with a lesson.",
}
with st.grid(min_column_width=240, border=True):
    for step in navigation.STEPS[1:]:
        if teacher_link.is_hidden(f"page.{step.name}"):
            continue
        with st.container():
            st.page_link(navigation.path(step.name), label=f"**{step.title}**", icon=step.icon)
            st.write(step.about)
            st.caption(stand[step.name])

st.subheader("The last runs" if runs else "Two examples, trained for you")
shown = runs[:8] or store.examples()
st.dataframe(
    pd.DataFrame(
        {
            "Run": [run_picker.run_label(run, network=False) for run in shown],
            "Network": [write(run.spec.network) for run in shown],
            "Parameters": [run.parameters for run in shown],
            "Epochs": [
                "elsewhere" if run.origin else f"{run.epochs} of {run.planned}" for run in shown
            ],
            "On the test set": [
                ""
                if run.test_accuracy is None
                else accuracy_in_context(run.test_accuracy, TEST_IMAGES)
                for run in shown
            ],
        }
    ),
    hide_index=True,
    column_config={"Parameters": st.column_config.NumberColumn(format="localized")},
    alt="The last runs with their networks and test results",
)

hosting.show_workspace()
