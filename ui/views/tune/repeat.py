"""The tab Repeat of the page Tune: one spec trained with several seeds."""

import streamlit as st

from mnist_core.dataset.mnist import TEST_IMAGES
from mnist_core.experiments.definitions import Repeat
from mnist_core.experiments.group_progress import GroupProgress
from mnist_core.utils.text import duration, percent, plural
from ui.charts import run_groups
from ui.views.tune import group_view, start
from ui.widgets import chart, controls

ABOUT = (
    "Train the same network with several seeds to see **how much of a result is luck**. Each seed "
    "gives different initial weights, a different order of the images, and a different accuracy."
)
WHY = (
    "Expect the **mean** from the next seed; the best seed is mostly luck. ± is the sample "
    "standard deviation in percentage points: how far a single seed typically lies from the mean."
)
NOT_ALL = (
    "All seeds share their training and test images, so the luck is in the training, not in the "
    "choice of images."
)
INTERVAL = (
    "The mean and sample standard deviation of $n$ accuracies $a_i$, and the interval that holds "
    "the mean of infinitely many seeds in 95 of 100 such experiments (Student 1908). It assumes "
    "independent draws from a normal distribution. More seeds narrow the interval, but not the "
    "spread."
)
FORMULAS = (
    r"\bar a = \frac{1}{n} \sum_{i=1}^{n} a_i \qquad "
    r"s = \sqrt{\frac{1}{n-1} \sum_{i=1}^{n} (a_i - \bar a)^2}",
    r"\bar a \pm t_{0.975,\,n-1} \, \frac{s}{\sqrt{n}}",
)


@st.fragment
def show() -> None:
    """Draw the tab into the current container."""
    st.write(ABOUT)
    with st.container(border=True):
        spec = start.from_build()
        if spec:
            left, right = st.columns([3, 1], vertical_alignment="bottom")
            seeds = left.slider("Seeds", 2, 20, 5, key="tune_repeat_seeds", persist_state="session")
            with right:
                first = controls.in_line(
                    st.number_input,
                    "First seed",
                    *(0, 2**31 - 20, 0),
                    key="tune_repeat_first",
                    width=100,
                    persist_state="session",
                )
            start.start(lambda: Repeat(spec=spec, seeds=seeds, first=first))
    group_view.show("repeat", _draw)


def _draw(found: GroupProgress) -> None:
    """Draw the mean accuracy, a dot per seed, and the learning curves."""
    spread = found.spread
    if spread:
        _figures(found)
        st.markdown("**Seed by seed**")
        chart.show(
            run_groups.dots(_by_seed(found), spread, "seed", "test accuracy"),
            f"Test accuracy of {plural(spread.n, 'seed')}, mean {percent(spread.mean)}",
            "tune_repeat_dots",
        )
    group_view.learning_curves(found, each=False)
    if spread:
        st.write(WHY)
        st.caption(
            "Each dot is a run; the dashed line is their mean, the band ± one standard deviation. "
            f"{NOT_ALL}"
        )
        with st.expander(
            "Formulas", icon=":material/function:", on_change="rerun", key="tune_repeat_formulas"
        ) as box:
            if box.open:
                st.write(INTERVAL)
                for formula in FORMULAS:
                    st.latex(formula)


def _by_seed(found: GroupProgress) -> dict[str, float]:
    return {name.removeprefix("seed "): score for name, score in found.scores.items()}


def _figures(found: GroupProgress) -> None:
    spread = found.spread
    if spread is None:
        return
    wrong = round((1 - spread.mean) * TEST_IMAGES)
    seconds = sum(m.run.seconds for m in found.members if m.run and m.name in found.scores)
    group_view.metrics(
        (
            "Mean test accuracy",
            group_view.mean_text(spread),
            f"about {wrong:,} wrong of {TEST_IMAGES:,}",
        ),
        (
            "Worst to best",
            f"{100 * spread.least:.2f} to {percent(spread.most)}",
            f"over {plural(spread.n, 'seed')}",
        ),
        (
            "95 % interval of the mean",
            "needs two seeds"
            if spread.low is None or spread.high is None
            else f"{100 * max(0.0, spread.low):.2f} to {percent(min(1.0, spread.high))}",
            f"Student's t, {duration(seconds)} of training in all",
        ),
    )
