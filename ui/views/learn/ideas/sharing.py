"""The idea Weight sharing: three ways to connect a layer, and a map that moves with its image."""

import pandas as pd
import streamlit as st

from mnist_core.dataset import mnist
from mnist_core.teaching.concepts import pooling
from mnist_core.teaching.concepts import sharing as theory
from mnist_core.utils.text import percent, plural
from ui.charts.ideas import sharing as charts
from ui.session import address
from ui.views.learn.ideas.idea import Idea, Where
from ui.views.learn.ideas.layout import controls_and_figure
from ui.widgets import chart, touch
from ui.widgets.controls import slider


@st.fragment
def show() -> None:
    image = mnist.load().x_test[0] / 255
    controls, figure = controls_and_figure()
    with controls:
        right = slider("Shift to the right, in pixels", -6, 6, 2, key="idea_sharing_right")
        before, after = theory.layers(image), theory.layers(image, right)
        _compare(before, after, right)
    with figure:
        chart.show(
            charts.shifted(before, after, 20 if touch.on_phone() else 30),
            "A 7, the map of its vertical edges, and the pooled map; below, the same three after "
            f"a shift of {plural(abs(right), 'pixel')} to the {'left' if right < 0 else 'right'}",
        )
    _count()


def _compare(before: theory.Layers, after: theory.Layers, right: int) -> None:
    """Draw how much of the map moved along, and how much the shift changes before pooling."""
    if not right:
        st.markdown("Shift the 7 and compare the two rows.")
        return
    equal, compared = theory.kept(before.edges, after.edges, right)
    of_map = pooling.change(before.edges, after.edges)
    of_pooled = pooling.change(before.pooled, after.pooled)
    st.markdown(
        f"**The map shifts along.** {equal} of {compared} values are the same as before, only in "
        f"another column. The other {26 * 26 - compared} places are at the edge, where new pixels "
        "come in.\n\n**What pooling does.** Compare each place with itself before the shift, and "
        f"add up all changes: {percent(of_map.share, 0)} of the map's total, and "
        f"**{percent(of_pooled.share, 0)}** of the pooled map's."
    )


def _count() -> None:
    """Draw the parameters of note-5's first layer, connected in three ways."""
    counts = theory.parameters(28, 3, 8)
    rows = [
        ("Convolution", "9, the same at every place", "8 · (3·3 + 1)", counts.shared),
        ("Locally connected", "9, different at every place", "26·26·8 · (3·3 + 1)", counts.local),
        ("Dense", "784, different for every output", "26·26·8 · (28·28 + 1)", counts.dense),
    ]
    table = [(name, weights, f"`{sum_} = {count:,}`") for name, weights, sum_, count in rows]
    shapes = "28\u00a0×\u00a028 to 26\u00a0×\u00a026\u00a0×\u00a08"
    st.markdown(f"**The first layer of note-5, connected in three ways:** {shapes}")
    st.table(
        pd.DataFrame(table, columns=["Layer", "Weights per output", "Parameters"]),
        border="horizontal",
        hide_index=True,
        alt=f"Parameters: convolution {counts.shared:,}, locally connected {counts.local:,}, "
        f"dense {counts.dense:,}",
    )


IDEA = Idea(
    name="sharing",
    title="Weight sharing and shifts",
    says="A convolution uses the same weights at every place. So it needs few weights, and finds "
    "a pattern wherever it appears: shift the image, and the map shifts along. This "
    "property is called **equivariance**. A layer with different weights at each place "
    "would have to learn every pattern again for each place.",
    formulas=(
        r"\text{Equivariance: } f(T_d\, x) = T_d\, f(x)",
        r"\text{Invariance: } g(T_d\, x) = g(x)",
    ),
    symbols="$x$: an image; $T_d$: a shift by $d$ pixels; $f$: a convolution and ReLU; $g$: the "
    "largest value of the whole map (`GlobalMaxPooling2D`). Both lines hold away from "
    "the edges. Pooling with stride 2 lies in between: the pooled map shifts along "
    "exactly only for even $d$.",
    to_try="Shift by 1, then by 4: how much does pooling still help?",
    where=(
        Where("look", "How a network reads shifted digits", {address.LOOK_TAB: "Robustness"}),
        Where("build", "Train with shifted digits"),
    ),
    show=show,
)
