"""One run on the page Train, live or finished; each part reads the store."""

from collections.abc import Callable

import streamlit as st

from mnist_core.dataset import mnist
from mnist_core.evaluation.diagnosis import best_epoch, diagnose
from mnist_core.evaluation.history import Epoch
from mnist_core.execution import queue
from mnist_core.network.settings import changed
from mnist_core.storage import artifacts
from mnist_core.storage.runs import Request, Run
from mnist_core.utils.errors import MnistError
from mnist_core.utils.server_settings import server_settings
from mnist_core.utils.text import GUESSING, duration, in_context, percent
from ui.charts import style, training
from ui.session import cache, navigation, state, teacher_link
from ui.widgets import planning, showcase

LOOK_EVERY_S, DRAW_EVERY_S = 1.0, 2.5  # progress and charts; browsers are slow to draw charts


def moves(run: Run) -> bool:
    """Return whether a run waits or trains, so that the page must poll it."""
    return run.state in ("queued", "running")


def transport(run: Run) -> None:
    """Draw the progress bar of a run, with the buttons to stop, resume or continue it."""
    st.progress(done(run), where(run))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if moves(run):
            asked = run.state == "running" and run.request is not None
            if run.trial is None:
                _button(run, "Pause", "pause", _ask, asked, "pause")
            _button(run, "Stop", "stop", _ask, asked, "stop")
            if run.sees_test and not teacher_link.is_hidden("train.rate"):
                _edit_rate(run)
            return
        if run.trial is not None:
            st.caption("A trial of a study: go on with the study on the page Tune.")
        elif server_settings().out_of_time(run.seconds):
            pass  # the reason is shown above, and there is nothing to control
        elif _has_more(run):
            _button(run, f"Go on to epoch {run.planned}", "play_arrow", _go_on, False)
        elif run.epochs and run.sees_test:
            more = st.number_input("More epochs", 1, 100, 2, key=f"train_more_{run.id}", width=120)
            _button(run, f"Continue for {more} more", "forward", _continue, False, more)
        if run.test_accuracy is not None:
            st.page_link(
                navigation.path("results"), label="See results", icon=":material/fact_check:"
            )
            st.page_link(
                navigation.path("look"), label="Look inside", icon=":material/frame_inspect:"
            )
            st.page_link(
                navigation.path("draw"), label="Draw for it to read", icon=":material/draw:"
            )


def _has_more(run: Run) -> bool:
    """Return whether a stopped run has epochs left; a range test may end before its last batch."""
    through = run.reason == "early stopping" or (run.state == "finished" and not run.sees_test)
    return run.epochs < run.planned and not through


def _button(
    run: Run, words: str, icon: str, action: Callable[..., None], disabled: bool, *arguments: object
) -> None:
    st.button(
        words,
        icon=f":material/{icon}:",
        key=f"train_{icon}_{run.id}",
        disabled=disabled,
        on_click=action,
        args=(run, *arguments),
    )


def _ask(run: Run, request: Request) -> None:
    queue.ask(cache.store(), run.id, request)


def _go_on(run: Run) -> None:
    try:
        queue.enqueue(cache.store(), run.id)
        cache.engine().wake()
    except MnistError as error:
        state.refuse(error)
    st.rerun()  # the whole page, which then starts to poll


def _continue(run: Run, epochs: int) -> None:
    try:
        artifacts.plan_more(cache.store(), run.id, epochs)
    except MnistError as error:
        state.refuse(error)
        st.rerun()
    _go_on(run)


def _edit_rate(run: Run) -> None:
    now = run.learning_rate or run.spec.training.learning_rate
    key = f"train_rate_{run.id}_{now:g}"  # a new box when another tab changes the rate
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
    if (rate := st.session_state[key]) != now:
        cache.store().update(run.id, learning_rate=rate)


def done(run: Run) -> float:
    """Return the share of the planned batches that are done, in [0, 1]."""
    part = run.step / run.steps if run.steps else 0.0
    return min(1.0, (run.epochs + part) / run.planned)


def where(run: Run) -> str:
    """Return the state of a run as text, with its reason if there is one."""
    reason = f" {run.reason[:1].upper()}{run.reason[1:]}." if run.reason else ""
    if run.state == "queued":
        place, status = queue.place(run), cache.engine().status()
        if not status.ready:
            return f":material/hourglass: Waiting: {status.words}.{reason}"
        first = "the first to go" if place <= 1 else f"number {place} in the queue"
        return f":material/hourglass: Waiting, {first}.{reason}"
    if run.state != "running":
        return f"{run.state.capitalize()} after {run.epochs} of {run.planned} epochs.{reason}"
    if run.request:
        return f"Will {run.request} after this batch ..."
    if run.epochs == run.planned:
        return "Reading the 10,000 test images ..." if run.sees_test else "Keeping the weights ..."
    if not run.step and not run.epochs:
        return f"Preparing the first batch ...{reason}"
    eta = f", about {duration(run.eta_s)} left" if run.eta_s else ""
    batch = f"batch {run.step:,} of {run.steps:,}"
    return f"Epoch {run.epochs + 1} of {run.planned}, {batch}{eta}.{reason}"


def show(run: Run) -> None:
    """Draw metrics, learning curves and their diagnosis, all from one reading of the store."""
    epochs = cache.store().epochs(run.id)
    _figures(run, epochs)
    curves(run, epochs)
    _reading(run, epochs)
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
    if run.test_accuracy is not None and not moves(run):
        told = st.success if run.test_accuracy > GUESSING else st.warning
        told(
            f"On the test set: **{in_context(run.test_accuracy, 10_000)}**, after "
            f"{duration(run.seconds)} of training, seed {run.spec.training.seed}.",
            icon=":material/fact_check:",
        )


def curves(run: Run, epochs: list[Epoch]) -> None:
    """Draw the curves of loss and accuracy side by side."""
    batches = cache.store().batches(run.id)
    best = best_epoch(epochs)
    for column, metric, values in zip(st.columns(2), ("loss", "accuracy"), batches, strict=True):
        column.markdown(f"**{metric.capitalize()}**")
        column.plotly_chart(
            training.curves(metric, epochs, values, run.steps, best.epoch if best else None),
            key=f"train_{metric}",
            config=style.CONFIG,
            alt=f"{metric} of training and validation over {len(epochs)} epochs",
        )


def _reading(run: Run, epochs: list[Epoch]) -> None:
    """Draw the diagnosis of the curves, with a button for each change that it suggests."""
    diverged = run.state == "failed" and "stopped being a number" in run.reason
    found = diagnose(run.spec, epochs, diverged)
    with st.container(border=True):
        st.markdown(f"**What the curves say.** {found.seen} {found.advice}")
        if found.change and not moves(run):
            words = ", ".join(f"{name} = {value}" for name, value in found.change.items())
            st.button(
                f"Try it: {words}",
                icon=":material/auto_fix_high:",
                key=f"train_try_{run.id}",
                on_click=_try,
                args=(run, found.change),
            )


def _try(run: Run, change: dict[str, object]) -> None:
    """Start a new run with the settings of this one and a change."""
    try:
        state.draft().take(changed(run.spec, change))
        planning.start(state.draft().spec())
    except MnistError as error:
        state.refuse(error)
    st.rerun()  # the whole page, which then shows the new run


def _showcase(run: Run, epoch: int) -> None:
    """Draw twenty test digits with their predictions after the last epoch."""
    st.markdown("**Twenty test digits, after every epoch**")
    rows = mnist.showcase()
    images, labels = mnist.load().x_test[rows], mnist.load().y_test[rows]
    kept = artifacts.epoch(cache.store(), run.id, epoch) if epoch else None
    if kept is None:
        st.caption("For each digit the first of the test set, and the most unusual one.")
    else:
        showcase.after(epoch, kept.probabilities, labels)
    showcase.show(images, labels, kept.probabilities if kept else None)
