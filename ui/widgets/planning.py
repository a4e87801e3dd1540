"""The plan of a run: its steps and its time, and its start."""

import streamlit as st

from mnist_core.evaluation.run import Run
from mnist_core.network.spec import Spec
from mnist_core.training import estimate
from mnist_core.utils.text import duration, plural
from ui.session import cache, polling, selection


def measured_speed(spec: Spec) -> estimate.Speed | None:
    """Return the expected speed of a run; None before one was measured."""
    return estimate.measured_speed(spec, cache.store().runs()) or cache.engine().speed()


def show_steps(spec: Spec, speed: estimate.Speed | None) -> None:
    """Draw the number of images and steps of a run, and an estimate of its time."""
    steps = estimate.steps(spec)
    size, epochs = spec.training.batch_size, spec.training.epochs
    rest = plural(steps.last_batch, "image")
    last = f", the last with {rest}" if steps.last_batch != size else ""
    st.markdown(
        f"**{steps.images:,} training images** / {size} per batch = **{steps.per_epoch:,} steps "
        f"per epoch**{last}; × {plural(epochs, 'epoch')} = **{steps.total:,} steps**. Each step "
        f"updates every {'unfrozen ' if spec.frozen else ''}weight once."
    )
    if speed:
        total = estimate.seconds(spec, speed)
        st.markdown(
            f":material/timer: About **{duration(total)}** on this machine, "
            f"{duration(total / epochs)} per epoch: an estimate from {speed.source}"
            f"{_reservations(spec, speed)}."
        )
    else:
        st.caption(":material/timer: A time estimate appears once the server knows its speed.")


def _reservations(spec: Spec, speed: estimate.Speed) -> str:
    """Return how the measured run differed from this one, as the end of a sentence."""
    told, precision = "", spec.training.precision
    if speed.precision != precision:
        told += (
            f", measured in {speed.precision}; {precision} is faster on processors that support it"
        )
    if estimate.augments(spec) and not speed.augments:
        told += "; augmentation takes extra time"
    if speed.augments and not estimate.augments(spec):
        told += ", which used augmentation; without it, training is faster"
    return told


def start(spec: Spec) -> Run:
    """Queue a run of a spec and show it from now on. Raises SpecError above the limits."""
    run = cache.store().create_run(spec, cache.store().describe(spec))
    polling.forget()
    cache.engine().wake()
    selection.choose_run(run.id)
    return run
