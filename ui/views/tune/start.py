"""The start of an experiment: the spec from the page Build, the estimated time, the button."""

from collections.abc import Callable, Iterable

import streamlit as st

from mnist_core.experiments import definitions
from mnist_core.experiments.definitions import Experiment
from mnist_core.network.notation import write
from mnist_core.network.spec import Spec
from mnist_core.training import estimate
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import duration, plural
from ui.session import cache, drafts, navigation, selection, state
from ui.widgets import hosting, messages

NOT_MEASURED = "The time appears once a worker has measured its speed"
GOES_ON = (
    ". Runs train one after another, and each takes a few seconds to start. You can leave this "
    "page."
)


def from_build() -> Spec | None:
    """Draw a summary of the draft on the page Build; return its spec, None if it is invalid."""
    spec = drafts.current().working_spec()
    with st.container(horizontal=True, vertical_alignment="center"):
        if spec:
            training = spec.training
            st.markdown(
                f"**From Build:** `{write(spec.network)}`, {plural(training.epochs, 'epoch')}, "
                f"{training.optimizer} with learning rate {training.learning_rate:g}, batches of "
                f"{training.batch_size}",
                width="stretch",
            )
        else:
            st.markdown("The network on Build cannot be trained yet.", width="stretch")
        st.page_link(navigation.path("build"), label="Change it", icon=":material/layers:")
    return spec


def start(make: Callable[[], Experiment]) -> None:
    """Draw the estimated time of an experiment and its start button, or why it cannot start."""
    try:
        experiment = make()
        specs = list(experiment.specs().values())
    except MnistError as error:
        messages.show_error(error)
        return
    count, total = plural(len(specs), "run"), seconds((spec, 1.0) for spec in specs)
    with st.container(horizontal=True, vertical_alignment="center"):
        clicked = st.button(
            f"Train {count}",
            type="primary",
            icon=":material/play_arrow:",
            key=state.key("tune", experiment.kind, "start"),
        )
        known = f"About **{duration(total)}**" if total is not None else NOT_MEASURED
        st.markdown(f":material/timer: {known}{GOES_ON}", width="stretch")
    hosting.announce_deletions(len(specs))
    if clicked:
        try:
            selection.choose_group(definitions.start(cache.store(), experiment))
        except MnistError as error:
            messages.show_error(error)
            return
        cache.engine().wake()
        st.rerun()  # the whole page, since the sidebar starts to poll as well


def seconds(shares: Iterable[tuple[Spec, float]]) -> float | None:
    """Return the estimated seconds of trainings in sequence, None before a speed is measured.

    shares: specs, each with the share of its training that is left.
    """
    runs, measured, total = cache.store().runs(), cache.engine().speed(), 0.0
    speeds: dict[tuple, estimate.Speed | None] = {}
    for spec, share in shares:
        alike = (spec.network, spec.training.precision, estimate.augments(spec))
        if alike not in speeds:
            speeds[alike] = estimate.measured_speed(spec, runs) or measured
        speed = speeds[alike]
        if speed is None:
            return None
        total += share * estimate.seconds(spec, speed)
    return total
