"""The idea Against overfitting: one run that overfits, and the effect of one change at a time."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from mnist_core.evaluation.diagnosis import best_epoch
from mnist_core.network.query import to_query
from mnist_core.teaching.concepts import curves
from mnist_core.utils.text import percent, plural
from ui.charts.ideas import generalize as charts
from ui.session import address, navigation
from ui.views.learn.ideas.idea import Idea, Where
from ui.views.learn.ideas.layout import controls_and_figure
from ui.widgets import chart
from ui.widgets.controls import pills

WITHOUT = "overfits"
"""The recorded run that overfits; each remedy changes one thing in it."""


@dataclass(frozen=True)
class Remedy:
    """One change. recorded: the name of its run; words: what it does, in Markdown."""

    title: str
    recorded: str
    words: str


REMEDIES = (
    Remedy(
        "More images",
        "images",
        "10,000 images, ten times as many. If you can get more images, nothing helps as much.",
    ),
    Remedy(
        "Augmentation",
        "augmentation",
        "In every epoch each image is shifted and turned a little, at random. The network never "
        "sees the same pixels twice, so it cannot memorize them.",
    ),
    Remedy(
        "Dropout",
        "dropout",
        "In each step, half of the units before and after the hidden Dense layer are silenced at "
        "random. So no unit can rely on another one.",
    ),
    Remedy(
        "L2 penalty",
        "l2",
        "The square of each kernel weight, times 0.001, is added to the loss, so a large weight "
        "has to pay for itself. Both losses include the penalty.",
    ),
    Remedy(
        "Weight decay",
        "weight_decay",
        "AdamW makes each weight smaller by a fixed share in every step. With plain gradient "
        "descent that equals an L2 penalty of half the strength. With Adam it does not: Adam "
        "also rescales the penalty's gradient.",
    ),
    Remedy(
        "A smaller network",
        "smaller",
        "8 and 16 filters and 32 units in place of 32, 64 and 128: fewer weights to memorize "
        "images with. Here it overfits all the same and reads worse: size is a blunt remedy.",
    ),
    Remedy(
        "Early stopping",
        "early_stopping",
        "Training stops when `val_loss` has not improved for three epochs, which saves time. "
        "Here `val_loss` turns before `val_accuracy` does, so the run ends with a lower accuracy.",
    ),
    Remedy(
        "Learning-rate schedule",
        "schedule",
        "The learning rate falls along a cosine to 0, so the last steps are small and the "
        "weights settle. It calms the curves, but is no remedy against overfitting.",
    ),
    Remedy(
        "Larger batches",
        "batch",
        "256 images per step in place of 32. The mean of more gradients is less noisy, and there "
        "are an eighth as many steps. Noise can help a network out of narrow valleys.",
    ),
)
BY_TITLE = {remedy.title: remedy for remedy in REMEDIES}


@st.fragment
def show() -> None:
    """Draw the run without a remedy beside the run with the chosen one."""
    controls, figure = controls_and_figure()
    with controls:
        remedy = BY_TITLE[pills("One change", list(BY_TITLE), "idea_regularization_remedy")]
        st.markdown(remedy.words)
    runs = curves.recorded_runs()
    without, run = runs[WITHOUT], runs[remedy.recorded]
    with figure:
        for metric in ("loss", "accuracy"):
            ends = [getattr(each.epochs[-1], f"val_{metric}") for each in (without, run)]
            chart.show(
                charts.against(metric, without.epochs, run.epochs, remedy.title),
                f"val_{metric} by epoch; at the end {ends[0]:.4f} without, and {ends[1]:.4f} with "
                f"this change: {remedy.title}",
            )
    with controls:
        st.page_link(
            navigation.path("build"),
            label="Open this run's network in Build",
            icon=":material/layers:",
            query_params=to_query(run.spec),
        )
    st.table(_figures())
    images = without.spec.split.count
    st.caption(
        f"Each row is one real run with seed 0, validated on {images:,} images. Another seed "
        "moves `val_accuracy` by some tenths of a point, so small differences may be chance."
    )


def _figures() -> pd.DataFrame:
    """Return a row per run: its epochs, its lowest and last `val_loss`, and its last accuracy."""
    rows, runs = {}, curves.recorded_runs()
    named = {"Without": WITHOUT} | {remedy.title: remedy.recorded for remedy in REMEDIES}
    for title, name in named.items():
        epochs = runs[name].epochs
        best, last = best_epoch(epochs), epochs[-1]
        rows[title] = {
            "Trained": plural(len(epochs), "epoch"),
            "Lowest val_loss": f"{best.val_loss:.3f}, epoch {best.epoch}" if best else "",
            "Last val_loss": f"{last.val_loss:.3f}",
            "Last val_accuracy": percent(last.val_accuracy or 0),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("Change")


IDEA = Idea(
    name="regularization",
    title="Against overfitting",
    says="The network of course note 1 learns from only 1,000 images here, and overfits: its "
    "`val_loss` turns around and climbs. **Regularization** keeps a network from memorizing "
    "its images. Try one change at a time, each a real run.",
    formulas=(
        r"L_{\text{L2}} = L + \lambda \sum_i w_i^2",
        r"\text{weight decay:}\quad w_i \leftarrow w_i - \eta\,\lambda\,w_i - \text{step}_i",
        r"\text{cosine:}\quad \eta_t = \frac{\eta_0}{2}\Big(1 + \cos\frac{\pi t}{T}\Big)",
        r"\operatorname{Var}[\bar g] = \frac{\operatorname{Var}[g]}{B}",
    ),
    symbols=r"$L$: the loss; $w_i$: a weight; $\lambda$: the strength of the penalty or the decay; "
    r"$\eta$: the learning rate, $\eta_t$ at step $t$ of $T$, at first $\eta_0$; "
    r"$\text{step}_i$: what Adam takes off; $g$: the gradient of one image, $\bar g$ the mean over "
    r"a batch of $B$ independent ones. Keras writes $\lambda$ as `l2` and `weight_decay`. "
    r"Loshchilov and Hutter (2019) describe AdamW.",
    to_try="Which change gives the lowest `val_loss`, and which the highest `val_accuracy`? Two "
    "changes together may do more: open one in Build, add the other, and train.",
    where=(
        Where("build", "Augmentation, L2 and schedules are settings of Build"),
        Where("compare", "Compare your own curves", {address.COMPARE_TAB: "Curves"}),
        Where("train", "Early stopping, seen live"),
    ),
    show=show,
)
