"""One run on the page Train, in training or at rest; each part reads the store."""

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
from mnist_core.utils.text import (
    GUESSING_ACCURACY,
    accuracy_in_context,
    duration,
    percent,
    plural,
)
from ui.session import address, cache, drafts, navigation, polling, state
from ui.widgets import (
    learning_curves,
    live_view,
    planning,
    run_picker,
    run_progress,
    showcase,
)

LOOK_EVERY_S = 0.5
GOOD_ACCURACY = 0.95
"""Test accuracy from which a result is shown as a success."""


def header(run: Run) -> None:
    """Draw the title of a run in training and its buttons, in one line where there is room."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title("Train", width="content")
        title = run_picker.run_title(run, network=True)  # the state is shown below
        st.markdown(title.removesuffix(f" · {run.state}"), width="stretch")
        controls(run)


def watch(run: Run) -> None:
    """Draw the live view of a run; rerun the page if its state changes."""

    @st.fragment(run_every=LOOK_EVERY_S if run.is_active else None)
    def look() -> None:
        seen = polling.run(run.id)
        epochs = cache.store().epochs(run.id)
        says = ""
        if seen.is_active:
            found = diagnose(seen.spec, epochs, seen.planned)
            says = f"What the curves say: {found.seen} {found.advice}"
        live_view.show(seen, epochs, says)
        if (seen.state, seen.request) != (run.state, run.request):
            st.rerun()

    look()


def controls(run: Run) -> None:
    """Draw the buttons that pause, stop or resume a run, and its learning rate."""
    if run.trial is not None and not run.is_active:
        st.caption("This run is a trial of a study. Resume the study on the Tune page.")
        return
    if run.is_active:
        asked = run.request is not None
        if run.trial is None:
            _button(run, "Pause", "pause", polling.request, asked, "pause")
        _button(run, "Stop", "stop", polling.request, asked and run.state == "running", "stop")
    elif server_settings().out_of_time(run.seconds) or _diverged(run):
        pass  # the reason is shown; a diverged run would take the same steps again
    elif _has_more(run):
        _button(run, "Resume", "play_arrow", _resume, False)
        if run.state == "paused":
            _button(run, "Stop", "stop", _stop_paused, False)
    if run.state in ("running", "paused") and run.sees_test:
        rate = run.learning_rate or run.spec.training.learning_rate
        with st.popover(f"lr {rate:g}", icon=":material/speed:", help="Change the learning rate"):
            _edit_rate(run)


def after_training(run: Run) -> None:
    """Draw the test result of a run at rest, and a row with what to do next."""
    if run.test_accuracy is not None:
        words = (
            f"Test accuracy **{accuracy_in_context(run.test_accuracy, TEST_IMAGES)}**. Training "
            f"took {duration(run.seconds)}, with seed {run.spec.training.seed}."
        )
        if run.test_accuracy >= GOOD_ACCURACY:
            st.success(words, icon=":material/fact_check:")
        elif run.test_accuracy > GUESSING_ACCURACY:
            st.info(words, icon=":material/fact_check:")
        else:
            st.warning(words, icon=":material/fact_check:")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if run.epochs and run.sees_test and not _has_more(run) and not _diverged(run):
            more = st.number_input(
                "More epochs", 1, 100, 2, key=state.key("train_more", run.id), width=120
            )
            words = f"Train {plural(more, 'more epoch')}"
            _button(run, words, "forward", _continue, False, more)
        if run.test_accuracy is not None:
            link_results()
            if run.spec.split.handwriting:
                st.page_link(
                    navigation.path("handwriting"),
                    label="See results for your class",
                    icon=":material/draw:",
                    query_params={address.HANDWRITING_TAB: "Results"},
                )


def link_results() -> None:
    """Draw links to the pages that show a trained network."""
    for page, label, icon in (
        ("results", "See results", "fact_check"),
        ("look", "Look inside", "frame_inspect"),
        ("draw", "Draw a digit", "draw"),
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


def _resume(run: Run) -> None:
    try:
        queue.enqueue(cache.store(), run.id)
        cache.engine().wake()
    except MnistError as error:
        state.keep_error(error)
    polling.forget()


def _stop_paused(run: Run) -> None:
    """Stop a paused run; a worker then evaluates it on the test images."""
    polling.request(run, "stop")
    cache.engine().wake()


def _continue(run: Run, epochs: int) -> None:
    try:
        artifacts.plan_more_epochs(cache.store(), run.id, epochs)
    except MnistError as error:
        state.keep_error(error)
        return
    _resume(run)


def _edit_rate(run: Run) -> None:
    now = run.learning_rate or run.spec.training.learning_rate
    # A new box if another browser tab has changed the rate.
    key = state.key("train_rate", run.id, f"{now:g}")
    words = "when training resumes" if run.state == "paused" else "from the next epoch on"
    st.number_input(
        f"learning_rate, {words}",
        *(min(1e-6, now), 10.0, now, now / 2, "%.6g"),
        key=key,
        width=240,
        on_change=_change_rate,
        args=(run, now, key),
    )


def _change_rate(run: Run, now: float, key: str) -> None:
    """Queue a new learning rate, unless it is the current one.

    Streamlit may report a box that has merely lost the focus as changed.
    """
    if (rate := state.get(key, now)) != now:
        polling.update(run, learning_rate=rate)


def show_rest(run: Run) -> None:
    """Draw the metrics, the learning curves and their diagnosis, for a run at rest."""
    epochs = cache.store().epochs(run.id)
    if not run.steps and not epochs:
        show_diagnosis(run, epochs)
        if run.state != "failed":
            st.info("No curves yet: this run has not started.")
        return
    _figures(run, epochs)
    learning_curves.show(run, epochs)
    show_diagnosis(run, epochs)
    _showcase(run, len(epochs))


def _figures(run: Run, epochs: list[Epoch]) -> None:
    """Draw the metrics of the last epoch and the speed."""
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


def show_diagnosis(run: Run, epochs: list[Epoch]) -> None:
    """Draw the diagnosis of a run at rest, with a button for each change that it suggests."""
    if not epochs and not _diverged(run):
        return  # there is no curve to diagnose; the state is shown above
    found = diagnose(run.spec, epochs, diverged=_diverged(run))
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f"**What the curves say.** {found.seen} {found.advice}", width="stretch")
        if found.change:
            words = ", ".join(f"{name} = {value}" for name, value in found.change.items())
            st.button(
                f"Try it: {words}",
                icon=":material/auto_fix_high:",
                key=state.key("train_try", run.id),
                on_click=_try,
                args=(run, found.change),
            )


def _try(run: Run, change: dict[str, object]) -> None:
    """Start a new run with the settings of this one, changed."""
    try:
        drafts.current().take(change_settings(run.spec, change))
        planning.start(drafts.current().spec())
    except MnistError as error:
        state.keep_error(error)


def _showcase(run: Run, epoch: int) -> None:
    """Draw twenty test digits with their predictions after the last epoch."""
    st.markdown("**Twenty test digits, after every epoch**")
    rows = mnist.showcase()
    images, labels = mnist.load().x_test[rows], mnist.load().y_test[rows]
    kept = artifacts.load_epoch_snapshot(cache.store(), run.id, epoch) if epoch else None
    if kept is None:
        st.caption("Two test images per digit: the first and the most atypical.")
    else:
        showcase.after(epoch, kept.probabilities, labels)
    showcase.show(images, labels, kept.probabilities if kept else None)


def state_line(run: Run) -> None:
    """Draw the progress of a run at rest, with its controls."""
    chosen = run_progress.rate_text(run, artifacts.load_rate_changes(cache.store(), run.id))
    st.progress(run_progress.done(run), f"{run_progress.state_text(run)} {chosen}")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls(run)
