"""The idea One training step: a real network trains on a few images, and shows every number."""

from functools import partial

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.dataset import mnist
from mnist_core.evaluation.run import Run
from mnist_core.insight.observation import (
    COLUMNS,
    MOST_IMAGES,
    MOST_STEPS,
    ROWS,
    Layer,
    Observation,
    Variable,
)
from mnist_core.network.spec import Training
from mnist_core.teaching.concepts.update import rule, update
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import percent
from ui.charts.ideas import training_step as charts
from ui.session import address, cache, navigation, state
from ui.views.learn.ideas.idea import Idea, Where
from ui.views.learn.ideas.layout import controls_and_figure
from ui.views.learn.ideas.tex import tex
from ui.views.learn.ideas.update_tex import SYMBOLS, by_hand, decimals, settings
from ui.widgets import chart, gallery, messages, playback, run_picker, touch
from ui.widgets.controls import choice, number, selectbox, side_by_side

FRESH, TRAINED = "Before training", "As trained"
PLAYBACK = "idea_training_step_playback"
IMAGES = "Below each image: its label, and the label's probability before and after the step."
READ = (
    "A row is a filter or a unit, a column one of its weights; the bias, if any, comes last. At "
    f"most {ROWS} rows and {COLUMNS} columns are shown. Red is above 0, blue below; each picture "
    "has its own scale. Mean size: the average absolute value of all weights of the layer. The "
    "weights are those before the step."
)


def show() -> None:
    """Draw the idea, and while it plays, again for each step."""
    if not cache.engine().status().ready:
        messages.wait("The training step will appear here.")
        return
    playback.show(PLAYBACK, _draw)


def _draw() -> None:
    controls, figure = controls_and_figure()
    with controls:
        run = _network()
        if run is None:
            return
        fresh = choice("Weights", [FRESH, TRAINED], "idea_training_step_weights") == FRESH
        start, count = _batch(run)
    batch = state.key(run.id, fresh, start, count)
    taken = state.key("idea_training_step_taken", batch)
    step = playback.position(PLAYBACK, state.get(taken, 1), MOST_STEPS)
    state.put(taken, step)
    try:
        with figure, st.spinner("Taking the step"):
            asked = 1 if step == 1 else MOST_STEPS  # two entries of the cache, not one per step
            seen = cache.observation(run, fresh, start, count, asked).first(step)
    except MnistError as error:
        if playback.is_playing(PLAYBACK):  # it ends with a whole rerun, which shows the error
            playback.stop(PLAYBACK)
            state.keep_error(error)
        before = max(1, step - 1)
        state.put(taken, before)
        with controls:
            _buttons(before, taken)
        with figure:
            messages.show_error(error)
        return
    with controls:
        _loss(run, seen, step, taken)
    if seen.finite:
        _pictures(run, seen, start, count, batch, figure)


def _network() -> Run | None:
    """Draw the choice of a network trained here; return its run, None if there is none."""
    store = cache.store()
    runs = [
        run
        for run in [*store.examples(), *store.runs()]
        if run.test_accuracy is not None
        and not run.origin  # an import has no optimizer
        and run.spec.split.mnist_images  # a batch is of MNIST's images
    ]
    if not runs:
        st.info("No network is trained yet: build and train one.", icon=":material/info:")
        st.page_link(navigation.path("build"), label="Go to Build", icon=":material/layers:")
        return None
    labels = {run.id: run_picker.run_tag(run) for run in runs}
    key = "idea_training_step_run"
    if state.get(key) not in labels:  # it was deleted
        state.pop(key)
    chosen = selectbox("Network", list(labels), format_func=labels.__getitem__, key=key)
    return next((run for run in runs if run.id == chosen), None)


def _batch(run: Run) -> tuple[int, int]:
    """Draw the choice of the batch; return the index of its first image and their number."""
    images = run.spec.split.mnist_images
    most = min(MOST_IMAGES, images)
    last = images - most
    with side_by_side():
        start = number(
            f"First image, 0 to {last:,}",
            *(0, last, 0),
            key=state.key("idea_training_step_start", last),
            width=150,
        )
        count = number(
            "Images",
            *(1, most, min(4, most)),
            key=state.key("idea_training_step_count", most),
            width=110,
        )
    return start, count


def _loss(run: Run, seen: Observation, step: int, taken: str) -> None:
    """Draw the loss before and after the step, its curve, and the buttons. taken: the key."""
    if not seen.finite:
        playback.stop(PLAYBACK)
        st.warning(
            f"Step {step} diverged: its numbers are no longer finite. The learning rate "
            f"{run.spec.training.learning_rate:g} is too large for this network: choose a smaller "
            "one in Build.",
            icon=":material/trending_up:",
        )
        _buttons(step, taken, more=False)
        return
    before, after = map(tex, seen.losses[-2:])
    st.markdown(f"**Step {step}:** the loss of this batch goes from ${before}$ to ${after}$.")
    _buttons(step, taken)
    chart.show(
        charts.losses(seen.losses),
        f"Loss of the batch after each of {step} steps, from {seen.losses[0]:.4f} to "
        f"{seen.losses[-1]:.4f}",
    )


def _buttons(step: int, taken: str, more: bool = True) -> None:
    """Draw the buttons that change the number of steps. more: whether one more can be taken."""
    more = more and step < MOST_STEPS
    with st.container(horizontal=True):
        st.button(
            "Next step",
            key="idea_training_step_more",
            disabled=not more,
            on_click=state.put,
            args=(taken, step + 1),
        )
        playback.button(PLAYBACK, None if more else partial(state.put, taken, 1))
        st.button(
            "Reset",
            key="idea_training_step_restart",
            disabled=step == 1,
            on_click=state.put,
            args=(taken, 1),
        )


def _pictures(
    run: Run, seen: Observation, start: int, count: int, batch: str, figure: DeltaGenerator
) -> None:
    """Draw the images, the weights and gradients of all layers, and one weight by hand.

    batch: names the run, the weights and the batch.
    """
    rows, data = cache.parts(run.spec.split)[0].rows[start : start + count], mnist.load()
    labels = data.y_train[rows]
    with figure:
        own = seen.probabilities[:, np.arange(len(labels)), labels]
        gallery.gallery(
            data.x_train[rows],
            [
                f"{label}: {percent(before, 1)} →\u00a0{percent(after, 1)}"
                for label, before, after in zip(labels, *own[-2:], strict=True)
            ],
            [f"A handwritten {label}" for label in labels],
        )
        st.caption(IMAGES)
        place = st.container()
        st.caption(READ)
    controls, figure = controls_and_figure()
    with controls:
        variable, row, column = _weight(seen.layers, batch)
    with place:
        cell = (variable.name, row, column)
        chart.show(
            charts.layers(seen.layers, cell, st.context.theme.type),
            "Weights and gradient of each layer. Mean sizes: "
            + ", ".join(
                f"{layer.name} {layer.weight_sizes[-2]:.2g} and {layer.gradient_sizes[-1]:.2g}"
                for layer in seen.layers
            ),
        )
    with figure:
        _by_hand(run.spec.training, variable, row, column)


def _by_hand(training: Training, variable: Variable, row: int, column: int) -> None:
    """Draw the step of one weight with its numbers, and Keras's own result."""
    before, after = map(float, variable.weights[-2:, row, column])
    numbers = update(training, map(float, variable.gradients[:, row, column]))
    st.markdown(f"**Optimizer:** {settings(training)}")
    st.latex(by_hand(training, numbers, before, touch.on_phone()))
    name = f"{variable.name}{list(variable.index(row, column))}"
    theirs = tex(after, decimals(training, numbers, before))
    st.caption(
        f"This is `{name}`. Keras's own optimizer gives ${theirs}$, in float32. "
        f"{SYMBOLS[rule(training)]}"
    )


def _weight(layers: tuple[Layer, ...], batch: str) -> tuple[Variable, int, int]:
    """Draw the choice of a weight; return its variable, row and column.

    batch: names the run, the weights and the batch, of which each has its own choice of a cell.
    The first choice is the weight of the last layer with the largest gradient in the first step.
    """
    named = {variable.name: variable for layer in layers for variable in layer.variables}
    names = list(named)
    key = "idea_training_step_variable"
    if state.get(key) not in named:  # another network
        state.pop(key)
    first = next(at for at, name in enumerate(names) if name.startswith("output"))
    variable = named[selectbox("Follow one weight in", names, first, key=key)]
    size = variable.gradients.shape[1:]
    strongest = np.unravel_index(np.abs(variable.gradients[0]).argmax(), size)
    with side_by_side():
        row, column = (
            int(
                number(
                    f"{axis}, 0 to {most - 1}",
                    *(0, most - 1, int(at)),
                    key=state.key("idea_training_step", axis, variable.name, batch),
                    width=150,
                )
            )
            for axis, most, at in zip(("Row", "Column"), size, strongest, strict=True)
        )
    return variable, row, column


IDEA = Idea(
    name="training-step",
    title="One training step",
    says="A training **step** has four parts. **Forward**: the network reads a batch of images. "
    "**Loss**: one number says how wrong it is. **Backward**: every weight gets a gradient. "
    "**Update**: the optimizer uses the gradients to change the weights a little. Training "
    "repeats this batch after batch; here every step uses the same batch.",
    formulas=(
        r"L = \frac{1}{n} \sum_{i=1}^{n} -\ln p_i(y_i)",
        r"g_t = \frac{\partial L}{\partial w}\Big|_{w_{t-1}}, \qquad w_t = w_{t-1} - \Delta w",
    ),
    symbols="$n$: images in the batch; $p_i(y_i)$: the probability of the label of image $i$; "
    "$L$: the loss, with the run's label smoothing and weight penalties if it has any; "
    r"$w_t$: a weight after step $t$; $g_t$: its gradient; $\Delta w$: the step, which "
    r"the optimizer computes from this gradient and earlier ones, $\eta\,g_t$ in plain "
    r"SGD; $\eta$: the learning rate. The optimizer's own symbols are explained below its "
    "step. **Unlike in training,** dropout is off, batch normalization uses its moving "
    "averages, and images are not augmented. Numbers are float32, so a step can be "
    "repeated exactly. The learning rate is the one set on Build, without a schedule, "
    "and the optimizer's memory starts empty.",
    to_try="Play 20 steps on one image: how confident does the network become, and is it a good "
    "network now? Compare the gradients *before training* and *as trained*: which are "
    "smaller, and why? Then take the example *fast*, as trained: its first step raises "
    r"the loss. How large is $\Delta w$, and does it depend on the size of the gradient?",
    where=(
        Where("learn", "Where the gradients come from", {"idea": "backpropagation"}),
        Where("learn", "What an optimizer does with the gradient", {"idea": "descent"}),
        Where("build", "Choose an optimizer in Build"),
        Where("look", "The filters that training has found", {address.LOOK_TAB: "Filters"}),
    ),
    show=show,
)
