"""The tab Hidden layers of the page Tune: the study of course note 4."""

import numpy as np
import streamlit as st

from mnist_core.experiments.definitions import Depths
from mnist_core.experiments.group_progress import GroupProgress
from mnist_core.network.presets import NOTE_4
from mnist_core.utils.text import percent, plural
from ui.charts import run_groups
from ui.views.tune import group_view, start
from ui.widgets import chart, controls

ABOUT = (
    "Train the networks of course note 4, not the one on Build. They have flattened pixels and up "
    "to six hidden layers of 512 units, and train with Adam, batches of 100 and 5 epochs."
)
FOLDS = (
    "Each network learns from four fifths of the training images and is validated on the rest. "
    "With one fold, a few tenths of a point may be luck. With five, you see how far networks of "
    "the same depth differ."
)
WHY = (
    "The best depth was picked by these very figures, so a little of its lead is luck. The dotted "
    f"line is the best accuracy in the note, {percent(NOTE_4.accuracy)}; other images can change "
    "it by a few tenths of a point."
)
WHY_SO = (
    "Without a hidden layer, each digit's score is a weighted sum of pixels, so the borders "
    "between digits are flat. One hidden layer with a nonlinearity can approximate any border, "
    "given enough units (Hornik 1991, Leshno et al. 1993). More layers add weights, work and ways "
    "to overfit, and these digits hardly need them. Convolution helps more."
)


@st.fragment
def show() -> None:
    """Draw the tab into the current container."""
    st.write(ABOUT)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", gap="large"):
            depths = controls.in_line(
                st.pills,
                "Numbers of hidden layers",
                range(7),
                selection_mode="multi",
                default=range(5),
                key="tune_depth_depths",
                persist_state="session",
            )
            folds = controls.in_line(
                controls.choice,
                "Folds per depth",
                (1, 5),
                "tune_depth_folds",
                format_func=lambda folds: "1" if folds == 1 else f"all {folds}",
            )
        st.caption(FOLDS)
        if depths:
            start.start(lambda: Depths(depths=tuple(sorted(depths)), folds=folds or 1))
        else:
            st.info("Choose at least one number of hidden layers.", icon=":material/info:")
    group_view.show("depth", _draw)


def _draw(found: GroupProgress) -> None:
    """Draw accuracy against depth, and the findings."""
    by_depth = found.by_depth()
    if not by_depth:
        return
    means = {depth: float(np.mean(list(scores.values()))) for depth, scores in by_depth.items()}
    best = max(means, key=means.__getitem__)
    with st.container(gap=None):
        st.metric("Best mean val_accuracy", percent(means[best]))
        wrong, count = round((1 - means[best]) * 12_000), len(by_depth[best])
        st.caption(
            f"with {plural(best, 'hidden layer')}, over {plural(count, 'fold')}: about {wrong:,} "
            "wrong of 12,000 per fold"
        )
    near = 0 in by_depth and len(by_depth) > 1
    if near and st.toggle("Hide 0 hidden layers", key="tune_depth_near"):
        by_depth = {depth: scores for depth, scores in by_depth.items() if depth}
    chart.show(
        run_groups.depths(by_depth, NOTE_4.accuracy),
        "Mean val_accuracy by hidden layers: "
        + ", ".join(f"{depth}: {percent(mean)}" for depth, mean in means.items()),
        "tune_depth_chart",
    )
    st.markdown(seen(found.by_depth()))
    st.write(WHY)
    with st.expander(
        "Why?", icon=":material/lightbulb:", on_change="rerun", key="tune_depth_why"
    ) as box:
        if box.open:
            st.write(WHY_SO)


def seen(by_depth: dict[int, dict[int, float]]) -> str:
    """Return the findings as text. by_depth: accuracies by hidden layers, then by fold."""
    means = {depth: float(np.mean(list(scores.values()))) for depth, scores in by_depth.items()}
    sentences = []
    if 0 in means and 1 in means:
        sentences.append(
            f"The first hidden layer changes the mean from {percent(means[0])} to "
            f"{percent(means[1])}, by **{100 * (means[1] - means[0]):.2f} points**."
        )
    deep = [depth for depth in means if depth]
    if len(deep) > 1:
        best, worst = (choose(deep, key=means.__getitem__) for choose in (max, min))
        sentences.append(
            "With hidden layers, the means differ by at most "
            f"**{100 * (means[best] - means[worst]):.2f} points**"
            f"{_fold_by_fold(best, worst, by_depth)}."
        )
    return f"**What you see.** {' '.join(sentences)}" if sentences else ""


def _fold_by_fold(best: int, worst: int, by_depth: dict[int, dict[int, float]]) -> str:
    """Return on how many folds one depth beat another, as the end of a sentence."""
    ours, theirs = by_depth[best], by_depth[worst]
    both = ours.keys() & theirs.keys()
    if len(both) < 2:
        return "; with one fold, that may be luck"
    won = sum(ours[fold] > theirs[fold] for fold in both)
    return f": {plural(best, 'layer')} beat {worst} on {won} of {plural(len(both), 'fold')}"
