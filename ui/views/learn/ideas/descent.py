"""The idea Optimizers: their paths on loss surfaces."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from mnist_core.teaching.concepts import descent, surfaces
from mnist_core.teaching.concepts.descent import (
    ADAM,
    MOMENTUM,
    NAMES,
    RMSPROP,
    SGD,
    Path,
    corrected,
    limit,
)
from mnist_core.teaching.concepts.surfaces import Surface
from ui.charts.feature_maps import signed
from ui.charts.ideas import descent as charts
from ui.session import address, state
from ui.views.learn.ideas.idea import Idea, Where
from ui.views.learn.ideas.layout import controls_and_figure
from ui.views.learn.ideas.tex import aligned, squared, term, tex
from ui.widgets import chart, playback
from ui.widgets.controls import pills, select_slider, selectbox, side_by_side, slider, toggle

FORMULAS = {
    SGD: (r"g_t &= \nabla L(w_{t-1})", r"w_t &= w_{t-1} - \eta\,g_t"),
    MOMENTUM: (r"v_t &= \mu\,v_{t-1} - \eta\,g_t", r"w_t &= w_{t-1} + v_t"),
    RMSPROP: (
        r"s_t &= \rho\,s_{t-1} + (1 - \rho)\,g_t^2",
        r"w_t &= w_{t-1} - \frac{\eta\,g_t}{\sqrt{s_t + \varepsilon}}",
    ),
    ADAM: (
        r"m_t &= \beta_1 m_{t-1} + (1 - \beta_1)\,g_t",
        r"s_t &= \beta_2 s_{t-1} + (1 - \beta_2)\,g_t^2",
        r"\eta_t &= \eta\,\frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t}",
        r"w_t &= w_{t-1} - \frac{\eta_t\,m_t}{\sqrt{s_t} + \varepsilon}",
    ),
}
"""The update rule in LaTeX by the name of the optimizer."""
BY_HAND = {
    SGD: (r"w_{%(t)s} &= %(w)s - %(rate)s \cdot %(g)s",),
    MOMENTUM: (
        r"v_{%(t)s} &= %(mu)s \cdot %(mean_before)s - %(rate)s \cdot %(g)s = %(mean)s",
        r"w_{%(t)s} &= %(w)s + %(mean_term)s",
    ),
    RMSPROP: (
        r"s_{%(t)s} &= 0.9 \cdot %(square_before)s + 0.1 \cdot %(g_squared)s = %(square)s",
        r"w_{%(t)s} &= %(w)s - \frac{%(rate)s \cdot %(g)s}{\sqrt{%(square)s + 10^{-7}}}",
    ),
    ADAM: (
        r"m_{%(t)s} &= 0.9 \cdot %(mean_before)s + 0.1 \cdot %(g)s = %(mean)s",
        r"s_{%(t)s} &= 0.999 \cdot %(square_before)s + 0.001 \cdot %(g_squared)s = %(square)s",
        r"\eta_{%(t)s} &= %(rate)s \cdot \frac{\sqrt{1 - 0.999^{%(t)s}}}{1 - 0.9^{%(t)s}} "
        "= %(eta)s",
        r"w_{%(t)s} &= %(w)s - \frac{%(eta)s \cdot %(mean_term)s}{\sqrt{%(square)s} + 10^{-7}}",
    ),
}
"""The same with the numbers of one step, for %-formatting."""


def by_hand(path: Path, step: int, momentum: float) -> str:
    """Return in LaTeX how a step, from 1, changed the second weight, line by line."""
    at = step - 1
    means, squares = (np.append(0.0, kept[:, 1]) for kept in (path.means, path.squares))
    values = {
        "t": step,
        "w": tex(path.weights[at, 1]),
        "g": term(path.gradients[at, 1]),
        "g_squared": squared(path.gradients[at, 1]),
        "rate": tex(path.rate),
        "mu": tex(momentum),
        "mean_before": term(means[at]),
        "mean": tex(means[step]),
        "mean_term": term(means[step]),
        "square_before": tex(squares[at]),
        "square": tex(squares[step]),
        "eta": tex(corrected(path.rate, step)),
    }
    return aligned(
        f"g_{{{step}}} &= {tex(path.gradients[at, 1])}",
        *(line % values for line in BY_HAND[path.name]),
        f"&= {tex(path.weights[step, 1])}",
    )


def edge(condition: int, momentum: float, rates: dict[str, float], racers: Sequence[str]) -> str:
    """Return in Markdown what theory says about the largest stable learning rate in a valley."""
    sentences = [
        rf"The valley's largest curvature is $\lambda_{{\max}} = {condition}$, so gradient descent "
        rf"needs $\eta < 2 / \lambda_{{\max}} = {limit(condition):.4g}$."
    ]
    if MOMENTUM in racers:
        sentences.append(
            "Momentum allows a larger rate: $\\eta < 2 (1 + \\mu) / \\lambda_{\\max} = "
            f"{limit(condition, momentum):.4g}$."
        )
    if SGD in racers:
        factor = round(1 - rates[SGD] * condition, 9)
        words = "shrinks" if abs(factor) < 1 else "does not shrink" if factor == -1 else "grows"
        sentences.append(
            f"At $\\eta = {rates[SGD]:g}$ each step of gradient descent multiplies $w_2$ by "
            f"$1 - \\eta\\,\\lambda_{{\\max}} = {factor:.4g}$: it **{words}**"
            f"{' and changes sides' if factor < 0 else ''}. It multiplies $w_1$ by "
            f"$1 - \\eta = {1 - rates[SGD]:.4g}$."
        )
    return " ".join(sentences)


VALLEY = "Long valley"
SURFACES = {
    "Bent ravine": surfaces.ravine(),
    "Saddle": surfaces.saddle(),
    "Four minima": surfaces.four(),
}
RATES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
COMMON = 0.05
BATCHES = (1, 4, 16, 64, 256, "all images")
PLAYBACK, STEP = "idea_descent_playback", "idea_descent_step"
STEPS_PER_S = 5
HALF = 155  # pixels: two controls fit into a row
OWN = {SGD: 0.05, MOMENTUM: 0.01, RMSPROP: 0.1, ADAM: 0.2}


def show() -> None:
    """Draw the race, and while it plays, again every few steps."""
    playback.show(PLAYBACK, _draw)


def _draw() -> None:
    controls, figure = controls_and_figure()
    with controls:
        name, surface, condition = _surface()
        start = _start(name, surface)
        racers, rates, momentum = _racers()
        batch = _batch_size()
        if not racers:
            playback.stop(PLAYBACK)
            st.info("No optimizer is in the race: choose at least one.", icon=":material/info:")
            return
    paths = [descent.walk(surface, name, start, rates[name], momentum, batch) for name in racers]
    with figure:
        step = _step()
        _contours(surface, paths, step)
    table, figure = controls_and_figure()
    with table:
        _table(paths, step)
    with figure:
        chart.show(
            charts.losses(surface, paths, step),
            f"Loss above its lowest value after each of {descent.STEPS} steps: {_names(paths)}",
        )
    if condition:
        words = edge(condition, momentum, rates, racers)
        st.markdown(words if batch is None else f"{words} With batches, this holds on average.")
    for path in paths:
        if path.gone is not None:
            st.warning(
                f"{path.name} diverges: step {path.gone} leads more than {descent.GONE:,.0f} away "
                f"from the middle. Its learning rate {path.rate:g} is too large here: choose a "
                "smaller one.",
                icon=":material/trending_up:",
            )
    _by_hand(paths, step, momentum)


def _surface() -> tuple[str, Surface, int]:
    """Draw the choice of a surface; return its name, the surface, and its condition number.

    The condition number is 0 unless the surface is a valley.
    """
    with side_by_side():
        name = selectbox("Surface", [VALLEY, *SURFACES], key="idea_descent_surface")
        condition = 0
        if name == VALLEY:
            condition = slider(
                "Condition κ",
                *(1, 100, 30),
                key="idea_descent_condition",
                help="The condition number: how many times as strongly the valley curves across "
                "as along its floor.",
            )
    return name, surfaces.valley(condition) if name == VALLEY else SURFACES[name], condition


def _start(of: str, surface: Surface) -> tuple[float, float]:
    """Draw two sliders for the start, which is kept for each surface; return the start."""
    (first, second), keys = surface.start, [state.key("idea_descent", w, of) for w in ("w₁", "w₂")]
    with side_by_side():
        w1 = slider("Start, w₁", *surface.w1, first, 0.01, key=keys[0])
        w2 = slider("Start, w₂", *surface.w2, second, 0.01, key=keys[1])
    return w1, w2


def _racers() -> tuple[list[str], dict[str, float], float]:
    """Draw the choice of optimizers; return their names, learning rates, and the momentum."""
    chosen = st.pills(
        "In the race",
        NAMES,
        selection_mode="multi",
        default=NAMES,
        format_func=lambda name: f"{charts.SIGNS[name]} {name}",
        key="idea_descent_racers",
        wrap=True,
        persist_state="session",
    )
    racers = [name for name in NAMES if name in chosen]
    own = toggle("A learning rate for each", key="idea_descent_own")
    momentum = 0.9
    with side_by_side():
        if own:
            rates = OWN | {name: _rate(f"η of {name}", name, OWN[name]) for name in racers}
        else:
            rates = dict.fromkeys(NAMES, _rate("Learning rate η", "common", COMMON))
        if MOMENTUM in racers:
            momentum = slider(
                "Momentum μ",
                *(0.0, 0.99, 0.9, 0.01),
                key="idea_descent_momentum",
                width=HALF,
                help="The share of each step that the next one repeats. At 0 it is plain "
                "gradient descent.",
            )
    return racers, rates, momentum


def _batch_size() -> int | None:
    """Draw the choice of the batch size; return it, None for all images."""
    size = select_slider(
        "Batch size",
        BATCHES,
        BATCHES[-1],
        key="idea_descent_batch",
        help="A batch's gradient is the mean of its images' gradients. Here one image's gradient "
        f"is off by about {descent.SPREAD:g} in each weight, at random; a batch's, with $B$ "
        rf"images, by about ${descent.SPREAD:g} / \sqrt{{B}}$. All optimizers get the same "
        "batches.",
    )
    return None if isinstance(size, str) else size


def _step() -> int:
    """Draw the slider of the step, which may play; return the step."""
    before = state.setdefault(STEP, 40)
    if (at := playback.position(PLAYBACK, before, descent.STEPS, STEPS_PER_S)) != before:
        state.put(STEP, at)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        start_over = partial(state.put, STEP, 0) if at == descent.STEPS else None
        playback.button(PLAYBACK, start_over)
        return slider("Step", 0, descent.STEPS, key=STEP)


def _rate(label: str, name: str, first: float) -> float:
    key = state.key("idea_descent_rate", name)
    return select_slider(label, RATES, first, "{:g}".format, key=key, width=HALF)


def _names(paths: Sequence[Path]) -> str:
    return ", ".join(path.name for path in paths)


def _contours(surface: Surface, paths: Sequence[Path], step: int) -> None:
    """Draw the surface with the paths, and its formula."""
    grid, theme = surfaces.grid(surface), st.context.theme.type
    chart.show(
        charts.contours(surface, grid, paths, step, theme),
        f"Contours of the loss over two weights, with the paths of {_names(paths)} to step {step}",
    )
    st.latex(surface.formula)


def _table(paths: Sequence[Path], step: int) -> None:
    """Draw a table of the present losses and positions."""
    rows = [
        (
            f"{charts.SIGNS[path.name]} {path.name}",
            *map(_written, (path.loss[step], *path.weights[step])),
        )
        for path in paths
    ]
    st.table(
        pd.DataFrame(rows, columns=["Optimizer", "Loss", "w₁", "w₂"]),
        border="horizontal",
        hide_index=True,
        alt=f"Weights and loss of each optimizer after {step} steps",
    )


def _written(value: float) -> str:
    """Return a number with four significant digits, or "gone" where a path has diverged."""
    return "gone" if np.isnan(value) else signed(f"{value:.4g}")


def _by_hand(paths: Sequence[Path], step: int, momentum: float) -> None:
    """Draw the arithmetic of the last step."""
    names = [path.name for path in paths]
    with st.expander("This step by hand", on_change="rerun", key="idea_descent_open") as box:
        if not box.open:
            return
        key = "idea_descent_hand"
        if state.get(key) not in names:  # the optimizer is no longer chosen
            state.pop(key)
        path = paths[names.index(pills("Optimizer", names, key))]
        if not step:
            st.write("No step has been made yet: move the slider to 1 or more.")
        elif path.gone is not None and step >= path.gone:
            st.write(f"{path.name} has diverged at step {path.gone}: choose an earlier step.")
        else:
            st.write(f"Step {step} of {path.name}, for the second weight, $w_2$:")
            st.latex(by_hand(path, step, momentum))


IDEA = Idea(
    name="descent",
    title="Going downhill: optimizers",
    says="Training is a walk downhill. The **gradient** points where the loss rises fastest; an "
    "**optimizer** decides how to step the other way. Four optimizers race here on a loss "
    "of just two weights. Plain gradient descent needs a small learning rate for the steep "
    "direction and a large one for the flat direction. Momentum, RMSprop and Adam each "
    "solve this in their own way.",
    formulas=tuple(
        rf"\begin{{gathered}} \textbf{{{name}}} \\ {aligned(*lines)} \end{{gathered}}"
        for name, lines in FORMULAS.items()
    ),
    symbols="$w$: a weight, after step $t$; $g$: its gradient, the slope of the loss $L$ "
    r"averaged over the batch; $\eta$: learning rate; $\mu$: momentum; $v$: velocity; "
    "$m$, $s$: running means of $g$ and of $g^2$. $v$, $m$ and $s$ begin at 0. Each "
    "weight has its own; squares, roots and quotients are taken weight by weight. Keras: "
    r"$\rho = 0.9$, $\beta_1 = 0.9$, $\beta_2 = 0.999$, $\varepsilon = 10^{-7}$. Books "
    r"differ: many write $v$ for $s$; many put RMSprop's $\varepsilon$ outside the root. "
    r"Adam's paper has $\varepsilon = 10^{-8}$ and adds it after the correction, "
    r"$\eta\,\hat m_t / (\sqrt{\hat s_t} + \varepsilon)$ with $\hat m_t = m_t / (1 - "
    r"\beta_1^t)$ and $\hat s_t = s_t / (1 - \beta_2^t)$. RMSprop comes from no paper: "
    "Hinton showed it in lecture 6e of his Coursera course (Tieleman and Hinton 2012). "
    "Adam: Kingma and Ba 2015.",
    to_try="In the long valley, raise η from 0.05 to 0.1: gradient descent runs away, but the "
    "others get down. At 0.5, Adam swings, then settles; RMSprop keeps jumping around. On "
    "the saddle, start at w₂ = 0: no optimizer escapes. Does any escape with batches of "
    "64? In the valley with batch size 1, gradient descent never comes to rest; a smaller "
    "η keeps it closer to the minimum.",
    where=(
        Where("build", "Choose an optimizer in Build"),
        Where("tune", "Find a learning rate in Tune", {address.TUNE_TAB: "Learning rate"}),
        Where("compare", "Compare the curves of runs", {address.COMPARE_TAB: "Curves"}),
    ),
    show=show,
)
