"""The idea Cross-entropy: the loss of a prediction, made up or of a real image."""

import numpy as np
import streamlit as st

from mnist_core.dataset import mnist
from mnist_core.evaluation.report import Report
from mnist_core.teaching.concepts import softmax
from mnist_core.utils.text import accuracy_in_context, percent, probability, with_article
from ui.charts import digits
from ui.charts.ideas import outputs as charts
from ui.session import cache
from ui.views.learn.ideas import squared_error
from ui.views.learn.ideas.idea import Idea, Where
from ui.views.learn.ideas.layout import controls_and_figure
from ui.views.learn.ideas.tex import tex
from ui.widgets import chart, gallery
from ui.widgets.controls import choice, number, select_slider, selectbox

BY_HAND, REAL = "By hand", "A real test image"
SHARES = (1e-7, 1e-4, 0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95,
          0.99, 0.999, 1.0)  # fmt: skip
ALL, RIVAL = "Shared", "All to one rival"
BATCH = 128


@st.fragment
def show() -> None:
    reports = [(run.name, cache.report(run)) for run in cache.store().examples()]
    read = [(name, report) for name, report in reports if report]
    kinds = [BY_HAND, REAL] if read else [BY_HAND]
    controls, figure = controls_and_figure()
    with controls:
        kind = choice("Prediction", kinds, "idea_cross_entropy_kind")
    if kind == REAL and read:
        name, report = read[0]
        with controls:
            at = _choose_image(name, report)
            label, probabilities = int(report.labels[at]), report.probabilities[at]
            _loss(label, probabilities.astype(np.float64))
        with figure:
            _picture(label, probabilities.astype(np.float64))
        _batch(report, at)
    else:
        with controls:
            label, probabilities = _by_hand()
            _loss(label, probabilities)
        with figure:
            _picture(label, probabilities)
        st.caption(
            "Accuracy only asks whether the right digit has the highest bar: to it, 51\u00a0% and "
            "99\u00a0% are alike. The loss tells them apart, and has a slope to go down."
        )
    squared_error.show()


def _by_hand() -> tuple[int, np.ndarray]:
    """Draw the sliders of a made-up prediction; return its label and probabilities, (10,)."""
    label = selectbox("Right digit", range(10), 3, key="idea_cross_entropy_label")
    share = select_slider(
        "Probability given to it", SHARES, 0.4, "{:g}".format, key="idea_cross_entropy_share"
    )
    rest = choice("The rest is", [ALL, RIVAL], "idea_cross_entropy_rest")
    return label, softmax.prediction(label, share, (label + 5) % 10 if rest == RIVAL else None)


def _choose_image(name: str, report: Report) -> int:
    """Draw the choice of a test image; return its index. name: of the run that predicted it."""
    most, first = len(report.labels) - 1, int(report.mistakes[0])
    at = number("Test image", 0, most, first, key="idea_cross_entropy_image")
    st.caption(f"Predicted by our example {name}, starting with its most confident mistake.")
    label = int(report.labels[at])
    alt = f"Test image {at}, a handwritten {label}"
    gallery.gallery([mnist.load().x_test[at]], [with_article(label)], [alt])
    return at


def _loss(label: int, probabilities: np.ndarray) -> None:
    """Draw the loss, and whether the prediction counts as right. probabilities: (10,)."""
    p, loss = float(probabilities[label]), softmax.sparse_cross_entropy(label, probabilities)
    highest = int(probabilities.argmax())
    st.latex(rf"L = -\ln p_{{{label}}} = -\ln({tex(p)}) = {loss:.3f}\text{{ nats}}")
    if int((probabilities == probabilities[highest]).sum()) > 1:
        st.markdown(":material/help: **A tie** for the highest bar: argmax takes the first digit.")
    elif highest == label:
        st.markdown(f":material/check_circle: **Counts as right**: {label} has the highest bar.")
    else:
        st.markdown(f":material/cancel: **Counts as wrong**: the highest bar is that of {highest}.")


def _picture(label: int, probabilities: np.ndarray) -> None:
    """Draw the probabilities, the loss curve with its point, and the gradient.

    probabilities: (10,).
    """
    p, loss = float(probabilities[label]), softmax.sparse_cross_entropy(label, probabilities)
    chart.show(
        digits.probabilities(probabilities, label),
        f"Ten probabilities; the right digit {label} gets {probability(p)}",
    )
    chart.show(
        charts.loss_curve(p, loss),
        f"The loss −ln p over p, now {loss:.3f} at {p:.4g}; guessing costs 2.303",
    )
    gradient = softmax.gradient(softmax.one_hot(label), probabilities)
    chart.show(
        charts.gradient(gradient, st.context.theme.type),
        f"The gradient p − y: {gradient[label]:.2f} for the right digit {label}",
    )
    st.caption(
        "The gradient with respect to the ten logits is p − y: p − 1, below 0, for the right "
        "digit, and p for the others. A step against the gradient raises the right logit and "
        "lowers the others. The more wrong the network, the larger the step."
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
        f"{accuracy_in_context(report.accuracy, len(losses))}. These {report.wrong:,} mistakes "
        f"carry {percent(losses[wrong].sum() / losses.sum(), 1)} of the loss. The right answers, "
        "perfect for the accuracy, carry the rest."
    )


IDEA = Idea(
    name="cross-entropy",
    title="Cross-entropy",
    says="How wrong is a prediction? **Cross-entropy** is minus the logarithm of the right "
    "digit's probability: 0 for certainty, 0.69 for one half, and more and more toward 0. "
    "Being sure and wrong costs the most.",
    formulas=(
        r"L = -\sum_{i=0}^{9} y_i \ln p_i = -\ln p_{\text{label}}",
        r"L_{\text{guessing}} = -\ln \tfrac{1}{10} = \ln 10 \approx 2.303",
        r"L_{\text{batch}} = \frac{1}{m} \sum_{s=1}^{m} L_s",
        r"\frac{\partial L}{\partial z_i} = p_i - y_i",
    ),
    symbols="$p_i$: probability of digit $i$, by softmax of the logits $z_i$; $y_i$: 1 for the "
    "right digit, else 0; $m$: images in the batch, $L_s$ the loss of one of them. With "
    "the natural logarithm the unit is the nat; 1 nat = 1.443 bits. Statistics calls "
    "this loss the **negative log-likelihood**. Keras clips bare probabilities to "
    "between $10^{-7}$ and $1 - 10^{-7}$, so no image costs more than 16.12. `fit` and "
    "`evaluate` use the logits before the softmax and need no such limit.",
    to_try="Give the right digit 0.1 and see the loss of guessing, 2.303: an untrained network "
    "begins near it. Then give it 0.4 and switch the rest from shared to one rival. The "
    "loss stays at 0.916, while right becomes wrong.",
    where=(
        Where("train", "Watch the loss fall"),
        Where("results", "See the loss of a trained network"),
    ),
    show=show,
)
