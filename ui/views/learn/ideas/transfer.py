"""The idea Transfer learning: five digits from few images, with and without trained weights."""

import streamlit as st

from mnist_core.network.query import to_query
from mnist_core.teaching.concepts import transfer
from mnist_core.utils.text import percent
from ui.charts.ideas import transfer as charts
from ui.session import address, navigation
from ui.views.learn.ideas.idea import Idea, Where
from ui.views.learn.ideas.layout import controls_and_figure
from ui.widgets import chart
from ui.widgets.controls import select_slider

NAMES: dict[transfer.Start, str] = {
    "random": "random weights",
    "transfer": "trained filters, new head",
    "frozen": "frozen filters, new head",
    "head": "trained filters, old head",
}


@st.fragment
def show() -> None:
    """Draw the recorded runs on the chosen number of images."""
    controls, figure = controls_and_figure()
    with controls:
        images = select_slider(
            "Training images of 5 to 9", transfer.IMAGES, 100, key="idea_transfer_images"
        )
    curves: dict[transfer.Start, transfer.Curve] = {
        start: transfer.curves()[images, start] for start in NAMES
    }
    with figure:
        ends = "; ".join(f"{NAMES[start]}: {percent(c.end)}" for start, c in curves.items())
        chart.show(
            charts.runs({NAMES[start]: curve for start, curve in curves.items()}),
            f"Accuracy on the test images of 5 to 9 by epoch, at the end {ends}",
        )
    with controls:
        for start, curve in curves.items():
            st.markdown(
                f"{NAMES[start].capitalize()}: **{percent(curve.end)}**{_gain(start, images)}"
            )
        st.caption(
            "The filters are the convolutions; the head is everything after them. Training "
            f"changes {transfer.trained_parameters('random'):,} parameters, or "
            f"{transfer.trained_parameters('frozen'):,} with frozen filters. Few images also mean "
            "few steps: 2 per epoch with 20 images, 50 with 500."
        )
        st.page_link(
            navigation.path("build"),
            label="Open the first network on Build",
            icon=":material/layers:",
            query_params=to_query(transfer.SOURCE),
            help="Train it on 0 to 4; Results then leads to a new network that starts from it.",
        )
    st.caption(
        f"Real runs of the network of note 5. Each line is the mean of {transfer.SEEDS} seeds, "
        "measured on the 4,861 test images of 5 to 9. The first network was trained on the "
        "30,596 images of 0 to 4 and never saw a 5. It has 32 dense units instead of 64, so its "
        "head cannot be reused. The old head comes from a second source network with 64."
    )


def _gain(start: transfer.Start, images: int) -> str:
    """Return how many points a start gains over random weights; empty for these themselves."""
    if start == "random":
        return ""
    gain, error = transfer.gain(images, start)
    return f" ({100 * gain:+.1f} ± {100 * error:.1f} points)"


IDEA = Idea(
    name="transfer",
    title="Transfer learning",
    says="A network that can read 0 to 4 has filters for strokes and curves. The digits 5 to 9 "
    "consist of strokes and curves as well. So a second network need not begin at random: "
    "it takes over the trained filters. **Freeze** the layers that should not change. The "
    "**head** knows which strokes make which digit; it is usually better trained from "
    "scratch.",
    formulas=(
        r"w_i \leftarrow \begin{cases} w_i & \text{in a frozen layer} \\ "
        r"w_i - \eta\,\dfrac{\partial L}{\partial w_i} & \text{otherwise} \end{cases}",
        r"w^{(0)} = w^{\text{source}}",
    ),
    symbols=r"$w_i$: a weight; $w^{(0)}$: the weights before the first step; $w^{\text{source}}$: "
    r"the trained weights of another network; $\eta$: the learning rate; $L$: the loss. ± "
    "is the standard error over the seeds. All runs start from the same source and see "
    "the same images, so the true uncertainty is larger.",
    to_try="From how many images on do the trained filters stop helping? Why does the old head "
    "hurt with 20 images? Then train the first network, and let a second one start from "
    "it to learn 5 to 9. Can it still read 0 to 4?",
    where=(
        Where("build", "Start from a run, freeze layers, choose digits"),
        Where("results", "Start a new run from trained weights"),
        Where("learn", "The lesson Learning from few images", {address.LEARN_TAB: "Lessons"}),
    ),
    show=show,
)
