"""The idea A short history: five networks, and what convolutional networks are asked today."""

import streamlit as st

from mnist_core.dataset import mnist
from mnist_core.network.notation import parse
from mnist_core.network.summary import summarize
from mnist_core.teaching.concepts.history import MILESTONES, Milestone
from ui.charts import network
from ui.charts.ideas import history
from ui.session import navigation
from ui.views.learn.ideas.idea import Idea, Where
from ui.views.learn.ideas.layout import controls_and_figure
from ui.widgets import chart, touch
from ui.widgets.controls import number, pills

BY_TITLE = {f"{milestone.name}, {milestone.year}": milestone for milestone in MILESTONES}


@st.fragment
def show() -> None:
    """Draw the chosen network with its contribution, and three questions about an image."""
    chosen = BY_TITLE[pills("Network", list(BY_TITLE), "idea_history_network")]
    _one(chosen)
    st.subheader("What you can ask a network to do")
    controls, figure = controls_and_figure()
    with controls:
        at = number("Test image, 0 to 9,999", 0, 9_999, key="idea_history_image", width=165)
        st.markdown(
            "**Classification** gives one answer for the whole image; all networks in this app "
            "classify. **Detection** also draws a box around each object, such as a person in "
            "front of a car. **Segmentation** labels every pixel, such as a tumor in a scan. The "
            "box and the marked pixels here come from a simple threshold, not from a network."
        )
    data = mnist.load()
    label = int(data.y_test[at])
    with figure:
        chart.show(
            history.questions(data.x_test[at], label),
            f"A handwritten {label} three times: with its label, with a box around it, and with "
            "its pixels of ink marked",
        )


def _one(milestone: Milestone) -> None:
    """Draw the contribution of a network, its figures, and the app's nearest network."""
    st.markdown(f"**{milestone.brought}**")
    summary = summarize(parse(milestone.near))
    chart.show(
        network.diagram(summary.rows, wide=not touch.on_phone()),
        f"The network of this app that is nearest to {milestone.name}: {milestone.near}",
    )
    st.caption("The closest network that Build can make, for images of 28 × 28 pixels.")
    st.markdown(
        f"- **Authors:** {milestone.authors}\n- **Result:** {milestone.result}\n- **Parameters:** "
        f"{milestone.parameters}; {summary.trainable:,} in the network above"
    )
    st.page_link(
        navigation.path("build"),
        label="Open this network in Build",
        icon=":material/layers:",
        query_params={"network": milestone.near},
    )


IDEA = Idea(
    name="history",
    title="A short history",
    says="Convolutional networks are older than the web. For years they lacked data and fast "
    "computers. Then a few new ideas made very deep networks trainable.",
    formulas=(),
    symbols="In 1959 Hubel and Wiesel described cells in a cat's visual cortex that respond to "
    "edges in one small part of the view. Fukushima's *Neocognitron* (1980) stacked "
    "layers of such cells in a computer. The similarity ends there: brain cells share no "
    "weights, and nobody has found backpropagation in them.",
    to_try="Open two of these networks in Build and train each for one or two epochs. Which one "
    "reaches more accuracy with fewer parameters?",
    where=(
        Where("build", "Presets, including LeNet-5"),
        Where("learn", "Why deep networks were hard to train", {"idea": "initialization"}),
    ),
    show=show,
)
