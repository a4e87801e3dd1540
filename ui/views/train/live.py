"""One run on the page Train, live or finished; each part reads the store."""

from collections.abc import Callable

import streamlit as st

from mnist_core.dataset import mnist
from mnist_core.dataset.mnist import TEST_IMAGES
from mnist_core.evaluation.diagnosis import best_epoch, diagnose
from mnist_core.evaluation.history import Epoch
from mnist_core.evaluation.run import Run
from mnist_core.execution import queue
from mnist_core.network.settings import change_settings
from mnist_core.storage import artifacts
from mnist_core.utils.errors import MnistError
from mnist_core.utils.server_settings import server_settings
from mnist_core.utils.text import GUESSING_ACCURACY, accuracy_in_context, duration, percent
from ui.session import cache, drafts, navigation, polling, state
from ui.widgets import learning_curves, planning, run_progress, showcase

LOOK_EVERY_S, DRAW_EVERY_S = 1.0, 2.5  # progress and charts; browsers are slow to draw charts


def controls(run: Run) -> None:
    """Draw the progress bar of a run, with the buttons to stop, resume or continue it."""
    st.progress(run_progress.done(run), run_progress.state_text(run))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if polling.is_moving(run):
            asked = run.state == "running" and run.request is not None
            if run.trial is None:
                _button(run, "Pause", "pause", polling.request, asked, "pause")
            _button(run, "Stop", "stop", polling.request, asked, "stop")
            if run.sees_test:
                _edit_rate(run)
            return
        if run.trial is not None:
            st.caption("A trial of a study: go on with the study on the page Tune.")
        elif server_settings().out_of_time(run.seconds) or _diverged(run):
            pass  # the reason is shown above; a diverged run would take the same steps again
        elif _has_more(run):
            _button(run, f"Go on to epoch {run.planned}", "play_arrow", _go_on, False)
        elif run.epochs and run.sees_test:
            more = st.number_input(
                "More epochs", 1, 100, 2, key=state.key("train_more", run.id), width=120
            )
            _button(run, f"Continue for {more} more", "forward", _continue, False, more)
        if run.test_accuracy is not None:
            link_results()


def link_results() -> None:
    """Draw links to the pages that show a trained network."""
    for page, label, icon in (
        ("results", "See results", "fact_check"),
        ("look", "Look inside", "frame_inspect"),
        ("draw", "Try it with a drawing", "draw"),
    ):
        st.page_link(navigation.path(page), label=label, icon=f":material/{icon}:")


def _has_more(run: Run) -> bool:
    """Return whether a stopped run has epochs left; a range test may end before its last batch."""
    through = run.reason == "early stopping" or (run.state == "finished" and not run.sees_test)
    return run.epochs < run.planned and not through


def _diverged(run: Run) -> bool:
    """Return whether a run failed because its loss stopped being a number."""
    return run.state == "failed" and "stopped being a number" in run.reason


def _button(
    run: Run, words: str, icon: str, action: Callable[..., None], disabled: bool, *arguments: object
) -> None:
    st.button(
        words,
        icon=f":material/{icon}:",
        key=state.key("train", icon, run.id),
        disabled=disabled,
        on_click=action,
        args=(run, *arguments),
    )


def _go_on(run: Run) -> None:
    try:
        queue.enqueue(cache.store(), run.id)
        cache.engine().wake()
    except MnistError as error:
        state.keep_error(error)
    st.rerun()  # the whole page, which then starts to poll


def _continue(run: Run, epochs: int) -> None:
    try:
        artifacts.plan_more_epochs(cache.store(), run.id, epochs)
    except MnistError as error:
        state.keep_error(error)
        st.rerun()
    _go_on(run)


def _edit_rate(run: Run) -> None:
    now = run.learning_rate or run.spec.training.learning_rate
    # A new box when another tab changes the rate.
    key = state.key("train_rate", run.id, f"{now:g}")
    st.number_input(
        "learning_rate, from the next epoch on",
        *(min(1e-6, now), 10.0, now, now / 2, "%.6g"),
        key=key,
        width=240,
        on_change=_change_rate,
        args=(run, now, key),
    )


def _change_rate(run: Run, now: float, key: str) -> None:
    """Queue a new learning rate, unless it is the present one.

    Streamlit may report a box that has merely lost the focus as changed.
    """
    if (rate := state.get(key, now)) != now:
        polling.update(run, learning_rate=rate)


def show(run: Run) -> None:
    """Draw metrics, learning curves and their diagnosis, all from one reading of the store."""
    epochs = cache.store().epochs(run.id)
    _figures(run, epochs)
    learning_curves.show(run, epochs)
    show_diagnosis(run, epochs)
    _showcase(run, len(epochs))


def _figures(run: Run, epochs: list[Epoch]) -> None:
    """Draw the metrics of the last epoch, the speed, and the test result once there is one."""
    best = best_epoch(epochs)
    with st.container(horizontal=True):
        if epochs:
            last = epochs[-1]
            st.metric("loss", f"{last.loss:.4f}")
            st.metric("accuracy", percent(last.accuracy))
            if last.val_loss is not None and last.val_accuracy is not None:
                st.metric("val_loss", f"{last.val_loss:.4f}")
                st.metric("val_accuracy", percent(last.val_accuracy))
            if best:
                st.metric("Best epoch", best.epoch)
        if run.images_per_s:
            st.metric("Images per second", f"{run.images_per_s:,.0f}")
    if run.test_accuracy is not None and not polling.is_moving(run):
        told = st.success if run.test_accuracy > GUESSING_ACCURACY else st.warning
        told(
            f"On the test set: **{accuracy_in_context(run.test_accuracy, TEST_IMAGES)}**, after "
            f"{duration(run.seconds)} of training, seed {run.spec.training.seed}.",
            icon=":material/fact_check:",
        )


def show_diagnosis(run: Run, epochs: list[Epoch]) -> None:
    """Draw the diagnosis of the curves, with a button for each change that it suggests."""
    if run.state == "failed" and not epochs and not _diverged(run):
        return  # no curve says anything about it; the reason is shown above
    found = diagnose(run.spec, epochs, _diverged(run))
    with st.container(border=True):
        st.markdown(f"**What the curves say.** {found.seen} {found.advice}")
        if found.change and not polling.is_moving(run):
            words = ", ".join(f"{name} = {value}" for name, value in found.change.items())
            st.button(
                f"Try it: {words}",
                icon=":material/auto_fix_high:",
                key=state.key("train_try", run.id),
                on_click=_try,
                args=(run, found.change),
            )


def _try(run: Run, change: dict[str, object]) -> None:
    """Start a new run with the settings of this one and a change."""
    try:
        drafts.current().take(change_settings(run.spec, change))
        planning.start(drafts.current().spec())
    except MnistError as error:
        state.keep_error(error)
    st.rerun()  # the whole page, which then shows the new run


def _showcase(run: Run, epoch: int) -> None:
    """Draw twenty test digits with their predictions after the last epoch."""
    st.markdown("**Twenty test digits, after every epoch**")
    rows = mnist.showcase()
    images, labels = mnist.load().x_test[rows], mnist.load().y_test[rows]
    kept = artifacts.load_epoch_snapshot(cache.store(), run.id, epoch) if epoch else None
    if kept is None:
        st.caption("For each digit the first of the test set, and the most unusual one.")
    else:
        showcase.after(epoch, kept.probabilities, labels)
    showcase.show(images, labels, kept.probabilities if kept else None)
