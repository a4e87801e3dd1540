"""Widgets that define a study: search space, sampler, pruner and budget."""

from statistics import mean

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.experiments.search_space import Range, Space, Study, spec_of
from mnist_core.network.naming import NAME_LENGTH
from mnist_core.network.optimizers import OPTIMIZERS
from mnist_core.network.spec import Spec
from mnist_core.training import estimate
from mnist_core.utils.text import duration, plural
from ui.session import cache, state
from ui.views.tune import search_text as text
from ui.widgets.controls import choice

CHOICES: dict[str, tuple[list[int | str], list[int | str]]] = {
    "batch_size": ([16, 32, 64, 128, 256, 512], [32, 64, 128]),
    "optimizer": (sorted(OPTIMIZERS), ["adam", "rmsprop", "sgd"]),
    "filters": ([4, 8, 16, 32, 64], [8, 16, 32]),
    "convolutions": ([1, 2, 3], [1, 2]),
    "hidden_layers": ([0, 1, 2, 3], [0, 1, 2]),
    "shift": ([0, 1, 2, 3, 4], [0, 1, 2]),
}
"""Settings with a list of values: the values on offer, and the default choice."""
RANGES: dict[str, tuple[list[float], tuple[float, float]]] = {
    "learning_rate": ([m * 10.0**e for e in range(-6, 0) for m in (1, 2, 5)] + [1.0], (1e-4, 1e-2)),
    "dropout": ([n / 20 for n in range(17)], (0.0, 0.5)),
    "rotation": ([float(n) for n in range(46)], (0.0, 15.0)),
}
"""Settings with a range: the numbers on offer, and the default range."""
AT_FIRST = {"learning_rate", "batch_size"}
GRID_STEPS = 4
TPE_STARTUP = 10  # Optuna's n_startup_trials: the first ones are drawn at random
NEVER_PRUNED = 5  # complete trials before the first one can be pruned


def edit(base: Spec, left: DeltaGenerator, right: DeltaGenerator) -> tuple[Study, str]:
    """Draw all widgets of a study in two columns; return the study and its name.

    base: the spec to vary. Raises SpecError if the choices make no valid study.
    """
    with right:
        sampler, steps, pruning = _edit_sampler()
        values = {"sampler": sampler, "pruning": pruning} | _edit_budget(base, sampler)
        name = st.text_input(
            "Name (optional)",
            key="tune_search_name",
            max_chars=NAME_LENGTH,
            placeholder="learning rate and batch",
            persist_state="session",
        )
    with left:
        st.header("What to vary")
        dimensions = {about: _edit_dimension(about, steps) for about in text.DIMENSIONS}
    space = Space.model_validate({name: kept for name, kept in dimensions.items() if kept})
    return Study.model_validate({"base": base, "space": space} | values), name.strip()


def _edit_dimension(name: str, steps: int | None) -> Range | list[int | str] | None:
    """Draw one setting; return the range or the values to search, None if it does not vary.

    steps: values of a range in a grid search, else None.
    """
    with st.container(border=True, gap="xsmall"):
        varies = st.toggle(
            f"**{name}**",
            name in AT_FIRST,
            key=state.key("tune_search", name),
            persist_state="session",
        )
        st.caption(text.DIMENSIONS[name])
        if not varies:
            return None
        if name in CHOICES:
            return _edit_choices(name)
        low, high = _edit_range(name)
        return Range(low=low, high=high, steps=steps)


def _edit_choices(name: str) -> list[int | str] | None:
    """Draw the values of a setting; return the picked ones, None if none is picked."""
    offered, first = CHOICES[name]
    picked = st.pills(
        f"Values of {name}",
        offered,
        selection_mode="multi",
        default=first,
        key=state.key("tune_search", name, "values"),
        format_func=str,
        label_visibility="collapsed",
        persist_state="session",
    )
    if not picked:
        st.caption("Without a value here, this setting stays as it is on Build.")
        return None
    return sorted(picked, key=offered.index)


def _edit_range(name: str) -> tuple[float, float]:
    """Draw the range of a setting; return its ends."""
    offered, first = RANGES[name]
    return st.select_slider(
        f"Range of {name}",
        offered,
        first,
        "{:g}".format,
        key=state.key("tune_search", name, "values"),
        label_visibility="collapsed",
        persist_state="session",
    )


def _edit_sampler() -> tuple[str, int | None, bool]:
    """Draw the widgets for the choice of trials.

    Returns the sampler, the number of values of each range of a grid, and whether to prune.
    """
    st.header("How to choose")
    names, key = text.SAMPLERS, "tune_search_sampler"
    sampler = choice("Sampler", names, key, "tpe", format_func=names.__getitem__)
    st.caption(text.SAMPLER[sampler])
    steps = None
    if sampler == "tpe":
        with st.popover("Formula", icon=":material/function:", on_change="rerun") as box:
            if box.open:
                st.latex(text.TPE_FORMULA)
                st.caption(text.TPE_WORDS)
    if sampler == "grid":
        steps = _number("Values per range", 2, 10, GRID_STEPS, "steps")
    pruning = st.toggle(
        "Prune bad trials", True, key="tune_search_pruning", persist_state="session"
    )
    st.caption(text.PRUNING)
    return sampler, steps, pruning


def _edit_budget(base: Spec, sampler: str) -> dict[str, object]:
    """Draw the widgets of the budget; return trials, epochs and images per trial, by field name."""
    st.header("Budget")
    images = base.split.images
    trials, epochs = st.columns(2)
    with trials:
        many = _number("Trials", 1, 500, 20, "trials")
        if sampler == "tpe" and many <= TPE_STARTUP:
            st.caption(text.ALL_RANDOM)
    with epochs:
        long = _number("Epochs per trial", 1, 100, 2, "epochs")
    some = _number(
        "Images per trial", 1000, images, min(10_000, images), f"images_{images}", step=1000
    )
    st.caption(text.BUDGET)
    return {
        "trials": many,
        "trial_epochs": long,
        "trial_images": some if some < images else None,
    }


def _number(words: str, least: int, most: int, first: int, key: str, step: int = 1) -> int:
    return st.number_input(
        words, least, most, first, step, key=state.key("tune_search", key), persist_state="session"
    )


def show_cost(study: Study) -> None:
    """Draw the cost of a study: its trials, their validation images, and the estimated time."""
    any_trial = spec_of(study, study.corners()[0])
    train, judge = any_trial.split.training_images, any_trial.split.held_out
    if study.sampler == "grid" and study.grid_size:
        drawn = f", of which {study.total} are tried, chosen at random"
        st.markdown(
            f"The grid has **{plural(study.grid_size, 'point')}**"
            f"{drawn if study.total < study.grid_size else ': all are tried'}."
        )
    st.markdown(
        f"**{plural(study.total, 'trial')}** of {plural(study.trial_epochs, 'epoch')}: each "
        f"learns from {train:,} images and is validated on **{judge:,}** others."
    )
    if study.pruning and study.trial_epochs == 1:
        st.caption(":material/info: Pruning needs at least 2 epochs per trial.")
    speed = estimate.measured_speed(study.base, cache.store().runs()) or cache.engine().speed()
    if speed is None:
        st.caption(":material/timer: The time appears once a worker has measured its speed.")
        return
    long = study.total * mean(
        estimate.seconds(spec_of(study, params), speed) for params in study.corners()
    )
    less = ""
    if study.pruning and study.trial_epochs > 1 and study.total > NEVER_PRUNED:
        less = "; pruning makes it shorter"
    st.markdown(
        f":material/timer: About **{duration(long)}** with one worker, plus a few seconds to start "
        f"each trial; estimated from {speed.source}{less}."
    )
