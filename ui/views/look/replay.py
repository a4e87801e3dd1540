"""The tab Replay: a run epoch by epoch, from what was stored during training."""

from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from mnist_core.dataset import mnist
from mnist_core.evaluation.history import Epoch
from mnist_core.evaluation.run import Run
from mnist_core.storage.artifacts import EpochSnapshot
from mnist_core.utils.text import percent
from ui.charts import replay as charts
from ui.charts import results, style
from ui.session import cache, navigation, state
from ui.views.look import tile_grids
from ui.widgets import chart, playback, showcase, touch

HEIGHT = 300  # pixels of the confusion matrix
THIRD = 290  # pixels of a third of the page

ABOUT = (
    "The first epoch usually brings most of the accuracy; later ones fix single mistakes, and make "
    "a new one now and then."
)
FILTERS = (
    "Red weights add where the image has ink, blue ones subtract. All epochs share one scale, so "
    "a stronger color is a larger weight."
)
CONFUSION = (
    "True digits down, predictions across: {right} right. Only every fifth test image is counted, "
    "so this can differ a little from the run's test accuracy."
)
NOTHING = (
    "There is nothing to replay: this run was trained before the app kept its epochs. A new run "
    "with the same settings can be replayed."
)
ELSEWHERE = (
    "There is nothing to replay: this network was trained elsewhere. Train the same layers here to "
    "keep every epoch."
)
CUT_OFF = "Nothing was kept of this epoch: training was interrupted, or the app was older."


def show(run: Run) -> None:
    """Draw a slider over the epochs, a button that plays them, and the stored state of each."""
    film = cache.kept_epochs(run)
    epochs = cache.store().epochs(run.id)
    if not epochs or not any(film):
        st.info(ELSEWHERE if run.origin else NOTHING, icon=":material/info:")
        st.page_link(navigation.path("train"), label="Go to Train", icon=":material/play_circle:")
        return
    playback.show(_playback(run), lambda: _frame(_choose(run), epochs, film))
    st.write(ABOUT)


def _choose(run: Run) -> int:
    """Draw the slider; return its epoch, which advances during playback."""
    if run.epochs == 1:
        st.info("This run has a single epoch, so there is nothing to play.", icon=":material/info:")
        return 1
    key = state.key("look_replay_epoch", run.id)
    before = state.setdefault(key, run.epochs)
    if (at := playback.position(_playback(run), before, run.epochs)) != before:
        state.put(key, at)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first = partial(state.put, key, 1)
        playback.button(_playback(run), first if at == run.epochs else None)
        return st.slider("Epoch", 1, run.epochs, key=key, persist_state="session")


def _playback(run: Run) -> str:
    return state.key("look_replay", run.id)


def _frame(number: int, epochs: list[Epoch], film: list[EpochSnapshot | None]) -> None:
    """Draw one epoch. number: from 1; film: before training, and after each epoch."""
    kept = film[number]
    left, middle, right = st.columns(3, gap="medium")
    with left:
        _curves(number, epochs)
    if kept is None:
        st.info(CUT_OFF, icon=":material/info:")
        return
    with middle:
        _filters(number, kept, film)
    with right:
        _confusion(number, kept)
    rows, data = mnist.showcase(), mnist.load()
    st.markdown("**Twenty test digits**")
    showcase.after(number, kept.probabilities, data.y_test[rows])
    showcase.show(data.x_test[rows], data.y_test[rows], kept.probabilities)


def _curves(number: int, epochs: list[Epoch]) -> None:
    st.markdown("**Accuracy**")
    if len(epochs) > 1:
        chart.show(
            charts.accuracies(epochs, number),
            f"Accuracy over {len(epochs)} epochs; the line marks epoch {number}",
            "look_replay_curves",
        )
    _figures(number, epochs)


def _filters(number: int, kept: EpochSnapshot, film: list[EpochSnapshot | None]) -> None:
    st.markdown("**Filters of the first layer**")
    if kept.kernel is None:
        st.caption("This network has no Conv2D layer, so it has no filters.")
        return
    kernels = [then.kernel for then in film if then and then.kernel is not None]
    top = max(float(np.abs(kernel).max()) for kernel in kernels)
    shown, count = min(kept.kernel.shape[-1], charts.MOST), kept.kernel.shape[-1]
    chart.show(
        charts.filters(
            kept.kernel,
            top or 1.0,
            st.context.theme.type,
            tile_grids.PHONE if touch.on_phone() else THIRD,
        ),
        f"{shown} filters of the first convolution after epoch {number}",
        "look_replay_filters",
    )
    some = f" The first {shown} of {count:,} are shown." if shown < count else ""
    st.caption(FILTERS + some)


def _confusion(number: int, kept: EpochSnapshot) -> None:
    counts = kept.confusion.astype(np.int64)
    images, correct = int(counts.sum()), int(counts.trace())
    st.markdown("**Confusion matrix**")
    ink = style.TEXT[st.context.theme.type or "light"]
    chart.show(
        results.matrix(counts, False, ink, height=HEIGHT),
        f"Confusion matrix after epoch {number}: {images - correct} of {images:,} wrong",
        "look_replay_confusion",
    )
    st.caption(CONFUSION.format(right=f"{correct:,} of {images:,}"))


def _figures(number: int, epochs: list[Epoch]) -> None:
    """Draw loss and accuracy of an epoch, and their change since the previous one."""
    now = epochs[number - 1]
    before = epochs[number - 2] if number > 1 else None
    with st.container(horizontal=True):
        for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
            value = getattr(now, name)
            if value is None:
                continue
            rate = "accuracy" in name
            change = None if before is None else value - getattr(before, name)
            st.metric(
                name,
                percent(value) if rate else f"{value:.4f}",
                help="The change since the previous epoch is in percentage points."
                if rate
                else None,
                **_change(change, rate),
            )


def _change(change: float | None, rate: bool) -> dict[str, Any]:
    """Return how a metric shows its change; one that rounds to 0 has neither color nor arrow.

    change: None for the first epoch; rate: whether it is a share, where more is better.
    """
    if change is None:
        return {}
    words = f"{100 * change:+.2f} points" if rate else f"{change:+.4f}"
    if not any(character in words for character in "123456789"):
        return {"delta": "unchanged", "delta_color": "off", "delta_arrow": "off"}
    return {"delta": words, "delta_color": "normal" if rate else "inverse"}
