"""The idea Labels: one-hot, sparse and smoothed labels."""

import numpy as np
import pandas as pd
import streamlit as st
from scipy.special import entr

from mnist_core.teaching.concepts import softmax
from ui.charts.ideas import outputs as charts
from ui.views.learn.ideas.idea import Idea, Where
from ui.views.learn.ideas.layout import controls_and_figure
from ui.widgets import chart
from ui.widgets.controls import selectbox, slider

IMAGES = 60_000


@st.fragment
def show() -> None:
    controls, figure = controls_and_figure()
    with controls:
        label = selectbox("Digit", range(10), 3, key="idea_labels_digit")
        share = slider(
            "Predicted probability of this digit",
            *(0.01, 0.99, 0.8, 0.01),
            key="idea_labels_share",
            help="The other nine digits share the rest equally.",
        )
        smoothing = slider(
            r"Label smoothing $\varepsilon$", 0.0, 0.9, 0.1, 0.01, key="idea_labels_smoothing"
        )
        st.latex(_target(label, smoothing))
    prediction = softmax.prediction(label, share)
    with figure:
        _forms(label, prediction)
        _smoothed(label, prediction, smoothing)
    st.caption(
        "One-hot and sparse labels give the same loss. Nine of the ten products in the sum are "
        "0; the sparse form leaves them out. One-hot labels take 40 times the memory; from "
        "Keras's `to_categorical`, in float64, 80 times. The losses are called "
        "`categorical_crossentropy` and `sparse_categorical_crossentropy`."
    )


def _target(label: int, smoothing: float) -> str:
    """Return the smoothed label in LaTeX."""
    return (
        rf"\begin{{gathered}} y_{{{label}}} = (1 - {smoothing:g}) \cdot 1 + "
        rf"{smoothing:g} / 10 = {1 - 0.9 * smoothing:.3f}"
        rf"\\ y_{{\text{{other}}}} = {smoothing:g} / 10 = {smoothing / 10:.3f} \end{{gathered}}"
    )


def _forms(label: int, prediction: np.ndarray) -> None:
    """Draw both forms of the label, their memory, and their losses."""
    hot = softmax.one_hot(label)
    loss, sparse_loss = (
        softmax.cross_entropy(hot, prediction),
        softmax.sparse_cross_entropy(label, prediction),
    )
    digits = " ".join(f"{value:.0f}" for value in hot)
    rows = [
        ("**Label**", f"`[{digits}]`", f"`{label}`"),
        ("**Shape**", f"`({IMAGES:,}, 10)` float32", f"`({IMAGES:,},)` uint8"),
        ("**Memory**", f"{40 * IMAGES:,} bytes", f"{IMAGES:,} bytes"),
        ("**Loss**", f"{loss:.4f}", f"{sparse_loss:.4f}"),
    ]
    st.table(
        pd.DataFrame(rows, columns=["Property", "One-hot", "Sparse"]),
        border="horizontal",
        hide_index=True,
        alt=f"The digit {label} one-hot and sparse: the same loss, 40 times the memory",
    )


def _smoothed(label: int, prediction: np.ndarray, smoothing: float) -> None:
    """Draw target and prediction, and the loss over the digit's probability."""
    target = softmax.one_hot(label, smoothing)
    best, p = float(target[label]), float(prediction[label])
    loss = softmax.cross_entropy(target, prediction)
    plain, smoothed = softmax.smoothed_loss(0), softmax.smoothed_loss(smoothing)
    left, right = st.columns(2, gap="medium")
    with left:
        chart.show(
            charts.target_and_prediction(target, prediction),
            f"Target {best:.3f} and prediction {p:.2f} of digit {label}, and of the others",
        )
    with right:
        chart.show(
            charts.smoothed(plain, smoothed, (p, loss), best),
            f"The loss over the digit's probability: {loss:.3f} now, least at {best:.3f}",
        )
    if not smoothing:
        st.markdown(
            f"The loss is {loss:.3f}. Without smoothing the best prediction is 1. Softmax never "
            "reaches it, so training pushes the logits apart without end."
        )
        return
    place = "higher" if p < best else "lower"
    place = "as it is now" if abs(p - best) < 0.005 else f"{place} than it is now"
    st.markdown(
        f"The loss is {loss:.3f}. The best prediction is the target itself: {best:.3f} for this "
        f"digit, {place}. Even this costs {entr(target).sum():.3f}, the entropy of the target. So "
        "losses with and without smoothing cannot be compared."
    )


IDEA = Idea(
    name="labels",
    title="Labels: one-hot or sparse",
    says="A **label** says which digit an image shows. It is stored as the digit itself "
    "(**sparse**), or as ten numbers with a single 1 (**one-hot**), like the network's ten "
    "probabilities. The course notes use both; the network learns the same from either.",
    formulas=(
        r"y_i = \begin{cases} 1 & i = \text{label} \\ 0 & \text{else} \end{cases}",
        r"L = -\sum_{i=0}^{9} y_i \ln p_i = -\ln p_{\text{label}}",
        r"y_i^{\text{smooth}} = (1 - \varepsilon)\, y_i + \varepsilon / 10",
        r"p_{\text{label}}^{\text{best}} = 1 - \tfrac{9}{10}\, \varepsilon",
    ),
    symbols=r"$y_i$: what the label asks of digit $i$; $p_i$: its probability; $p^{\text{best}}$: "
    r"where the loss is least; $\varepsilon$: label smoothing. As in Keras, the share "
    r"$\varepsilon$ is spread over all ten digits; some books spread it over the nine "
    "others only.",
    to_try="Set the smoothing to 0.1 and raise the probability from 0.8 to 0.91, where the loss "
    "is least. At 0.99 it has risen again: smoothing keeps a network from being too sure.",
    where=(
        Where("data", "See labels in the data"),
        Where(
            "build",
            "Build with smoothed labels",
            {
                "network": "C8 M C16 M F D64 Drop0.2",
                "loss": "categorical_crossentropy",
                "label_smoothing": "0.1",
            },
        ),
    ),
    show=show,
)
