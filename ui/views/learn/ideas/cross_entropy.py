"""The idea Cross-entropy: the loss of a prediction, made up or of a real image."""

import numpy as np
import streamlit as st

from mnist_core.dataset import mnist
from mnist_core.evaluation.report import Report
from mnist_core.teaching.concepts import softmax
from mnist_core.utils.text import accuracy_in_context, percent
from ui.charts import style
from ui.charts.ideas import outputs as charts
from ui.session import cache
from ui.views.learn.ideas.idea import Idea, Where
from ui.views.learn.ideas.tex import tex
from ui.widgets import gallery

BY_HAND, REAL = "By hand", "A real test image"
SHARES = (1e-7, 1e-4, 0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95,
          0.99, 0.999, 1.0)  # fmt: skip
ALL, RIVAL = "Shared", "All to one rival"
BATCH = 128
DIGITS = list(range(10))


@st.fragment
def show() -> None:
    reports = [(run, cache.report(run)) for run in cache.store().examples()]
    read = [(run, report) for run, report in reports if report]
    kind = st.segmented_control(
        "Prediction", [BY_HAND, REAL] if read else [BY_HAND], default=BY_HAND, required=True,
        key="idea_cross_entropy_kind", persist_state="session",
    )  # fmt: skip
    if kind == REAL and read:
        run, report = read[0]
        at = _choose_image(run.name, report)
        label, probabilities = int(report.labels[at]), report.probabilities[at].astype(np.float64)
        _picture(label, probabilities)
        _batch(report, at)
    else:
        label, probabilities = _by_hand()
        _picture(label, probabilities)
        st.caption(
            "Accuracy only asks whether the right digit is the highest bar, so it cannot tell 51 % "
            "from 99 %. The loss can, and unlike accuracy it has a slope to go down."
        )


def _by_hand() -> tuple[int, np.ndarray]:
    """Draw the sliders of a made-up prediction; return its label and probabilities, (10,)."""
    left, middle, right = st.columns(3, gap="medium")
    label = left.selectbox(
        "Right digit", DIGITS, 3, key="idea_cross_entropy_label", persist_state="session"
    )
    share = middle.select_slider(
        "Probability given to it", SHARES, 0.4, key="idea_cross_entropy_share",
        format_func=lambda value: f"{value:g}", persist_state="session",
    )  # fmt: skip
    rest = right.segmented_control(
        "The rest is", [ALL, RIVAL], default=ALL, required=True,
        key="idea_cross_entropy_rest", persist_state="session",
    )  # fmt: skip
    rival = (label + 5) % 10 if rest == RIVAL else None
    return label, softmax.prediction(label, share, rival)


def _choose_image(name: str, report: Report) -> int:
    """Draw the choice of a test image; return its index. name: of the run that predicted it."""
    left, right = st.columns([3, 1], vertical_alignment="center")
    at = left.number_input(
        "Test image", 0, len(report.labels) - 1, int(report.mistakes[0]),
        key="idea_cross_entropy_image", persist_state="session",
    )  # fmt: skip
    left.caption(
        f"As the example {name} reads it. The first one shown is its most confident mistake."
    )
    label = int(report.labels[at])
    with right:
        image = mnist.load().x_test[at]
        gallery.gallery([image], [f"a {label}"], [f"Test image {at}, a handwritten {label}"])
    return at


def _picture(label: int, probabilities: np.ndarray) -> None:
    """Draw the probabilities, the loss curve with its point, and the gradient.

    probabilities: (10,).
    """
    p, loss = float(probabilities[label]), softmax.sparse_cross_entropy(label, probabilities)
    highest = int(probabilities.argmax())
    st.latex(rf"L = -\ln p_{{{label}}} = -\ln({tex(p)}) = {loss:.3f}\text{{ nats}}")
    tie = int((probabilities == probabilities[highest]).sum()) > 1
    if tie:
        st.markdown(":material/help: **A tie** for the highest bar: argmax takes the first digit.")
    elif highest == label:
        st.markdown(f":material/check_circle: **Counts as right**: {label} has the highest bar.")
    else:
        st.markdown(f":material/cancel: **Counts as wrong**: the highest bar is that of {highest}.")
    left, right = st.columns(2, gap="medium")
    left.plotly_chart(
        style.probabilities(probabilities, label),
        key="idea_cross_entropy_bars",
        alt=f"Ten probabilities; the right digit {label} gets {percent(p)}",
        config=style.CONFIG,
    )
    right.plotly_chart(
        charts.loss_curve(p, loss),
        key="idea_cross_entropy_curve",
        alt=f"The loss −ln p over p, now {loss:.3f} at {p:.4g}; guessing costs 2.303",
        config=style.CONFIG,
    )
    pushes = softmax.gradient(softmax.one_hot(label), probabilities)
    st.plotly_chart(
        charts.gradient(pushes, st.context.theme.type),
        key="idea_cross_entropy_gradient",
        alt=f"The gradient p − y: {pushes[label]:.2f} for the right digit {label}",
        config=style.CONFIG,
    )
    st.caption(
        "The gradient with respect to the ten logits is p − y: for the right digit p − 1, which "
        "is below 0, for the others p. A step against it raises the right logit and lowers the "
        "others, all the more the more mistaken the network is."
    )


def _batch(report: Report, at: int) -> None:
    """Draw the mean loss of a batch, and which images contribute most of the total loss."""
    rows = np.arange(len(report.labels))
    given = report.probabilities[rows, report.labels].astype(np.float64)
    losses = -np.log(np.maximum(given, np.finfo(np.float32).tiny))
    start = at // BATCH * BATCH
    batch = losses[start : start + BATCH]
    wrong = report.predicted != report.labels
    st.markdown(
        f"**Mean over a batch**: images {start:,} to {start + len(batch) - 1:,} have a mean loss "
        f"of {batch.sum():.3f} / {len(batch)} = {batch.mean():.4f}. All {len(losses):,} have "
        f"{losses.mean():.4f}, at an accuracy of "
        f"{accuracy_in_context(report.accuracy, len(losses))}. "
        f"These {report.wrong:,} carry {percent(losses[wrong].sum() / losses.sum(), 1)} of the "
        "loss; the right ones, which accuracy counts as perfect, carry the rest."
    )


IDEA = Idea(
    name="cross-entropy",
    title="Cross-entropy",
    says="How wrong is a prediction? Cross-entropy looks only at the probability that the right "
    "digit got, and takes minus its logarithm: 0 for certainty, 0.69 for one half, and more "
    "without end the nearer it comes to 0. To be sure and wrong is what costs most.",
    formulas=(
        r"L = -\sum_{i=0}^{9} y_i \ln p_i = -\ln p_{\text{label}}",
        r"L_{\text{guessing}} = -\ln \tfrac{1}{10} = \ln 10 \approx 2.303",
        r"L_{\text{batch}} = \frac{1}{m} \sum_{s=1}^{m} L_s",
        r"\frac{\partial L}{\partial z_i} = p_i - y_i",
    ),
    symbols="$p_i$: probability of digit $i$, by softmax of the logits $z_i$; $y_i$: 1 for the "
    "right digit, else 0; $m$: images in the batch, $L_s$ the loss of one of them. With the "
    "natural logarithm the unit is the nat; 1 nat = 1.443 bits. Given bare probabilities, Keras "
    "clips them to between $10^{-7}$ and $1 - 10^{-7}$, so no image costs more than 16.12; "
    "`fit` and `evaluate` reach back to the logits before the softmax and need no such limit.",
    to_try="Give the right digit 0.1 and see the loss of guessing, 2.303: an untrained network "
    "begins near it. Then give it 0.4 and switch the rest from shared to one rival: the loss stays "
    "at 0.916, while right becomes wrong.",
    where=(
        Where("train", "Watch the loss fall"),
        Where("results", "See the loss of a trained network"),
    ),
    show=show,
)
