"""The idea Training, validation and test: why the best of many measurements is too good."""

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.network.presets import NOTES
from mnist_core.teaching.concepts import holdout
from mnist_core.teaching.concepts.holdout import Draw
from mnist_core.utils.text import percent, plural
from ui.charts.ideas import generalize as charts
from ui.session import address, drafts
from ui.views.learn.ideas.idea import Idea, Where
from ui.views.learn.ideas.layout import controls_and_figure
from ui.widgets import chart
from ui.widgets.controls import choice, draw_again, select_slider, slider

IMAGES = [100, 200, 500, 1000, 2000, 5000, 10_000]
UP_TO = np.unique(np.geomspace(1, 1000, 60).round()).astype(int)
NOTES_WORDS = (
    "**Note 2** validates on the test set. Whoever stops or chooses by its `val_accuracy` has "
    "chosen by the test, and no unseen image can say how good the choice is. **Note 3** holds "
    "nothing out: honest as long as nothing is chosen. **Note 4** takes turns: in k-fold "
    "cross-validation every training image is used for validation once; the picture shows one of "
    "its 5 turns."
)


@st.fragment
def show() -> None:
    luck, split = "Tune on the test set", "Who sees which images"
    controls, figure = controls_and_figure()
    with controls:
        view = choice("Look at", [luck, split], "idea_holdout_view")
    if view == luck:
        _luck(controls, figure)
    else:
        _splits()


def _luck(controls: DeltaGenerator, figure: DeltaGenerator) -> None:
    """Draw k equally good settings, and the accuracy of the best one on fresh images."""
    with controls:
        settings = slider("Settings tried, k", 1, 1000, 100, key="idea_holdout_settings")
        images = select_slider(
            "Images per measurement, n", IMAGES, 1000, "{:,}".format, key="idea_holdout_images"
        )
        true = slider(
            "True accuracy of each setting, %",
            *(50.0, 99.9, 99.0, 0.1, "%.1f"),
            key="idea_holdout_accuracy",
        )
        seed = draw_again("Measure again, on other images", "idea_holdout_again")
    accuracy = true / 100
    drawn = holdout.draw(settings, accuracy, images, seed)
    exact = holdout.expected_best(UP_TO, accuracy, images)
    rule = holdout.rule_of_thumb(UP_TO, accuracy, images)
    with figure:
        chart.show(
            charts.lucky(drawn, accuracy),
            f"The accuracies of {settings} settings about the true one, {percent(accuracy, 1)}; "
            f"the best shows {percent(drawn.best)}, on fresh images {percent(drawn.fresh)}",
        )
        chart.show(
            charts.optimism(UP_TO, exact, rule, accuracy, settings, drawn.best),
            f"The best of k on average, {percent(exact[0])} for 1, {percent(exact[-1])} for 1,000",
        )
    with st.container(horizontal=True):
        _metric("Best measured accuracy", drawn.best, accuracy)
        _metric("The same setting on 10,000 fresh images", drawn.fresh, accuracy)
        st.metric(
            "True accuracy of each setting", percent(accuracy, 1), border=True, height="stretch"
        )
    st.markdown(_in_numbers(drawn, settings, accuracy))


def _metric(words: str, measured: float, accuracy: float) -> None:
    """Draw a measured accuracy with its difference from the true one, if they differ."""
    points = round(100 * (measured - accuracy), 2)
    st.metric(
        words,
        percent(measured),
        f"{points:+.2f} points" if points else None,
        delta_color="off",
        border=True,
        height="stretch",
    )


def _in_numbers(drawn: Draw, settings: int, accuracy: float) -> str:
    """Return standard deviation, expected best and rule of thumb, with the present numbers."""
    n, spread = drawn.images, holdout.deviation(accuracy, drawn.images)
    k = np.array([settings])
    mean = float(holdout.expected_best(k, accuracy, n)[0])
    rule = float(holdout.rule_of_thumb(k, accuracy, n)[0])
    chance = holdout.flattering(settings, accuracy, n)
    ties = f" {drawn.ties} settings share the best figure." if drawn.ties > 1 else ""
    over = " Above 100\u00a0% the rule of thumb means nothing." if rule > 1 else ""
    lead = (
        "With one setting there is nothing to choose. Its measured accuracy is honest: sometimes "
        "too high, sometimes too low, right on average."
        if settings == 1
        else f"Nothing was learned here: all {settings:,} are equally good, and the winner was "
        f"lucky.{ties}"
    )
    return (
        f"{lead} One measurement is typically off by $\\sigma = \\sqrt{{{accuracy:.3f} \\cdot "
        f"{1 - accuracy:.3f} / {n}}} = {spread:.5f}$, that is {100 * spread:.2f} points or "
        f"{plural(round(n * spread), 'image')}; the best of {settings:,} shows "
        f"{percent(mean)} on average, and in {percent(chance, 1)} of all draws more than the "
        f"truth. Rule of thumb: ${accuracy:.3f} + {spread:.5f} \\cdot "
        f"\\sqrt{{2 \\ln {settings}}} = {rule:.4f}.${over}"
    )


def _splits() -> None:
    """Draw how the draft's split and the course notes divide the 70,000 images."""
    split = drafts.current().split.model_copy(update={"handwriting": None})  # MNIST's alone
    own = holdout.sizes(split)
    counted = {"Your draft": own}
    for name, presets in NOTES.items():
        counted[name.replace("note-", "Note ")] = holdout.sizes(presets[0].spec.split)
    chart.show(
        charts.splits(list(counted), list(counted.values())),
        "; ".join(
            f"{name}: {each.train:,} for training, {each.validation + each.both:,} for "
            f"validation{', the test set itself' if each.leaks else ''}"
            for name, each in counted.items()
        ),
    )
    if own.leaks:
        st.warning(
            f"Your draft trains on {own.train:,} images and validates on the test set itself. "
            "Choose another split on the Build page to keep the test honest.",
            icon=":material/warning:",
        )
    else:
        left_out = f" It leaves {own.unused:,} out." if own.unused else ""
        st.markdown(
            f"**Your draft** trains on {own.train:,}, validates on {own.validation:,} and keeps "
            f"{own.test:,} for the test.{left_out}"
        )
    st.markdown(NOTES_WORDS)


IDEA = Idea(
    name="holdout",
    title="Train, validation and test",
    says="Training images teach the weights; validation images help you to choose settings. Test "
    "images say, once and at the end, how good the choice is. Whoever chooses by the test "
    "set picks luck along with skill, and reports too much. Below, all settings are "
    "**equally good**, yet one of them looks best.",
    formulas=(
        r"\sigma = \sqrt{\frac{a\,(1 - a)}{n}}",
        r"\mathbb{E}\Big[\max_{1 \le j \le k} \hat a_j\Big] = \frac{1}{n} \sum_{c=0}^{n-1} "
        r"\big(1 - F(c)^k\big)",
        r"\mathbb{E}\Big[\max_{1 \le j \le k} \hat a_j\Big] \le a + \sigma \sqrt{2 \ln k}",
    ),
    symbols=r"$a$: the true accuracy of every setting; $\hat a_j$: what setting $j$ shows on $n$ "
    r"images; $k$: here the number of settings tried; $\sigma$: the standard deviation of "
    r"one $\hat a_j$; $F(c)$, the binomial distribution function: the probability that a "
    r"setting reads at most $c$ of the $n$ images right; $\mathbb{E}$: the mean over all "
    "draws. The sum is exact for independent measurements. The last line holds from $a = "
    r"\tfrac12$ on. It is a rule of thumb, never too low, but it may exceed 1. Real "
    "networks tend to fail on the same images, so their accuracies rise and fall "
    "together. The best one is inflated less, but still inflated.",
    to_try="Try one setting, then 10, then 1,000: where does the best go, and where does the "
    "fresh figure stay? Then measure on 100 images, and on 10,000. The honest way: choose "
    "by validation images, and report only what the test set says about that one choice.",
    where=(
        Where("compare", "Is a difference chance? See Compare",
              {address.COMPARE_TAB: "Two runs"}),
        Where("tune", "Cross-validate in Tune", {address.TUNE_TAB: "k-fold"}),
        Where("data", "See the parts of your split in Data"),
    ),
    show=show,
)  # fmt: skip
