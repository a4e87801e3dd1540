"""The tab k-fold of the page Tune: cross-validation, in which each image is held out once."""

import streamlit as st

from mnist_core.evaluation.statistics import Spread
from mnist_core.experiments.definitions import Folds
from mnist_core.experiments.group_progress import GroupProgress
from mnist_core.utils.text import percent, plural
from ui.charts import run_groups
from ui.views.tune import group_view, start
from ui.widgets import chart

ABOUT = (
    "Cross-validation trains k networks, each on all folds but one, so that **every training image "
    "is held out exactly once** and no lucky split decides."
)
PICTURE = "Each row is a run: it learns from the blue folds and is validated on the amber one."
WHY = (
    "Each image is read by the one network that did not learn from it, so the mean depends less on "
    "a lucky split."
)
NO_INTERVAL = (
    "± is the sample standard deviation: how far one fold typically lies from the mean. There is "
    "**no interval**: dividing by √k, as for seeds, assumes independent folds. But the networks "
    "share training images, so the interval would usually be too narrow."
)
BENGIO = (
    "With folds $F_1 \\dots F_k$, and $f_{-i}$ the network that learned from all but $F_i$, the "
    "result is the mean of k accuracies. No unbiased estimator of its variance works for every "
    "distribution (Bengio and Grandvalet 2004): the errors of two folds vary together, and one "
    "cross-validation cannot tell how much."
)
FORMULA = (
    r"\mathrm{CV} = \frac{1}{k} \sum_{i=1}^{k} \frac{1}{|F_i|} \sum_{(x, y) \in F_i} "
    r"\mathbf{1}\left[ \arg\max f_{-i}(x) = y \right]"
)
STOPPED = (
    "Early stopping watches the same fold that the accuracy is measured on, so these results are "
    "slightly too good."
)


@st.fragment
def show() -> None:
    """Draw the tab into the current container."""
    st.write(ABOUT)
    with st.container(border=True):
        spec = start.from_build()
        if spec:
            folds = st.slider("Folds, k", 2, 20, 5, key="tune_folds", persist_state="session")
            chart.show(
                run_groups.folds(folds, spec.split.images),
                f"{folds} runs; run number i holds out fold i and learns from the others",
                "tune_folds_picture",
            )
            size = spec.split.images // folds
            st.caption(
                f"{PICTURE} A fold has about {size:,} of the {spec.split.images:,} images, and "
                "each digit has the same share in every fold. The folds replace the split on Build."
            )
            start.start(lambda: Folds(spec=spec, folds=folds))
    group_view.show("folds", _draw)


def _headline(spread: Spread, experiment: Folds) -> None:
    """Draw the mean accuracy with its standard deviation, and which images it is measured on."""
    images = experiment.spec.split.images
    whole = spread.n == experiment.folds
    wrong = round((1 - spread.mean) * images)
    group_view.metrics(
        (
            "Mean val_accuracy",
            group_view.mean_text(spread),
            f"about {wrong:,} wrong of {images:,}"
            if whole
            else f"{spread.n} of {plural(experiment.folds, 'fold')} so far",
        ),
        (
            "Worst to best fold",
            f"{100 * spread.least:.2f} to {percent(spread.most)}",
            f"over {plural(spread.n, 'fold')}",
        ),
    )
    if experiment.spec.training.early_stopping:
        st.info(STOPPED, icon=":material/info:")


def _draw(found: GroupProgress) -> None:
    """Draw the mean accuracy, the learning curves of all folds, and a dot per fold."""
    spread, experiment = found.spread, found.experiment
    if spread and experiment.kind == "folds":
        _headline(spread, experiment)
    if spread:
        by_fold = {name.split()[1]: score for name, score in found.scores.items()}
        st.markdown("**Fold by fold**")
        chart.show(
            run_groups.dots(by_fold, spread, "held-out fold", "val_accuracy"),
            f"val_accuracy of {plural(spread.n, 'fold')}, mean {percent(spread.mean)}",
            "tune_folds_dots",
        )
    group_view.learning_curves(found, each=True)
    if spread and experiment.kind == "folds":
        whole = spread.n == experiment.folds
        st.write(WHY if whole else f"{WHY} This holds once all folds are done.")
        st.write(NO_INTERVAL)
        with st.expander(
            "Formula", icon=":material/function:", on_change="rerun", key="tune_folds_formula"
        ) as box:
            if box.open:
                st.write(BENGIO)
                st.latex(FORMULA)
