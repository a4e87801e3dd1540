"""The idea Optimizers: their paths on loss surfaces."""

from collections.abc import Callable, Sequence

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
from ui.charts import style
from ui.charts.feature_maps import signed
from ui.charts.ideas import descent as charts
from ui.session import address, state
from ui.views.learn.ideas.idea import Idea, Where
from ui.views.learn.ideas.tex import term, tex

_BY_HAND = "idea_descent_hand"
FORMULAS = {
    SGD: r"\begin{aligned} g_t &= \nabla L(w_{t-1}) \\ w_t &= w_{t-1} - \eta\,g_t \end{aligned}",
    MOMENTUM: r"\begin{aligned} v_t &= \mu\,v_{t-1} - \eta\,g_t \\ w_t &= w_{t-1} + v_t "
    r"\end{aligned}",
    RMSPROP: r"\begin{aligned} s_t &= \rho\,s_{t-1} + (1 - \rho)\,g_t^2 \\ "
    r"w_t &= w_{t-1} - \frac{\eta\,g_t}{\sqrt{s_t + \varepsilon}} \end{aligned}",
    ADAM: r"\begin{aligned} m_t &= \beta_1 m_{t-1} + (1 - \beta_1)\,g_t \\ "
    r"s_t &= \beta_2 s_{t-1} + (1 - \beta_2)\,g_t^2 \\ "
    r"\eta_t &= \eta\,\frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t} \\ "
    r"w_t &= w_{t-1} - \frac{\eta_t\,m_t}{\sqrt{s_t} + \varepsilon} \end{aligned}",
}
"""The update rule in LaTeX by the name of the optimizer."""


def by_hand(path: Path, step: int, momentum: float) -> str:
    """Return in LaTeX how a step, from 1, changed the second weight, line by line."""
    at = step - 1
    before, after = path.weights[at, 1], path.weights[step, 1]
    gradient, rate = path.gradients[at, 1], path.rate
    mean, square = path.means[at, 1], path.squares[at, 1]
    mean_before, square_before = (
        (path.means[at - 1, 1], path.squares[at - 1, 1]) if at else (0.0, 0.0)
    )
    g, w = term(gradient), tex(before)
    lines = [rf"g_{{{step}}} &= {tex(gradient)}"]
    if path.name == SGD:
        moved = rf"{w} - {tex(rate)} \cdot {g}"
    elif path.name == MOMENTUM:
        kept = rf"{tex(momentum)} \cdot {term(mean_before)}"
        lines.append(rf"v_{{{step}}} &= {kept} - {tex(rate)} \cdot {g} = {tex(mean)}")
        moved = f"{w} + {term(mean)}"
    elif path.name == RMSPROP:
        kept = rf"0.9 \cdot {tex(square_before)}"
        lines.append(rf"s_{{{step}}} &= {kept} + 0.1 \cdot {g}^2 = {tex(square)}")
        moved = rf"{w} - \frac{{{tex(rate)} \cdot {g}}}{{\sqrt{{{tex(square)} + 10^{{-7}}}}}}"
    else:
        lines += [
            rf"m_{{{step}}} &= 0.9 \cdot {term(mean_before)} + 0.1 \cdot {g} = {tex(mean)}",
            rf"s_{{{step}}} &= 0.999 \cdot {tex(square_before)} + 0.001 \cdot {g}^2 "
            rf"= {tex(square)}",
            rf"\eta_{{{step}}} &= {tex(rate)} \cdot \frac{{\sqrt{{1 - 0.999^{{{step}}}}}}}"
            rf"{{1 - 0.9^{{{step}}}}} = {tex(corrected(rate, step))}",
        ]
        moved = (
            rf"{w} - \frac{{{tex(corrected(rate, step))} \cdot {term(mean)}}}"
            rf"{{\sqrt{{{tex(square)}}} + 10^{{-7}}}}"
        )
    lines += [rf"w_{{{step}}} &= {moved}", f"&= {tex(after)}"]
    body = r" \\ ".join(lines)
    return rf"\begin{{aligned}} {body} \end{{aligned}}"


def edge(condition: int, momentum: float, rates: dict[str, float], racers: Sequence[str]) -> str:
    """Return in Markdown what theory says about the largest stable learning rate in a valley."""
    sentences = [
        f"The largest curvature of this valley is $\\lambda_{{\\max}} = {condition}$, so gradient "
        f"descent needs $\\eta < 2 / \\lambda_{{\\max}} = {limit(condition):.4g}$."
    ]
    if MOMENTUM in racers:
        sentences.append(
            "Momentum bears more: $\\eta < 2 (1 + \\mu) / \\lambda_{\\max} = "
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


VALLEY, RAVINE, SADDLE, FOUR = "Long valley", "Bent ravine", "Saddle", "Four minima"
SURFACES: dict[str, Callable[[], Surface]] = {
    RAVINE: surfaces.ravine,
    SADDLE: surfaces.saddle,
    FOUR: surfaces.four,
}
RATES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
COMMON = 0.05
OWN = {SGD: 0.05, MOMENTUM: 0.01, RMSPROP: 0.1, ADAM: 0.2}


@st.fragment
def show() -> None:
    left, right = st.columns(2, gap="large")
    with left:
        name, surface, condition = _surface()
        start = _start(name, surface)
    with right:
        racers, rates, momentum = _racers()
    if not racers:
        st.info("Nobody races: choose at least one optimizer.", icon=":material/info:")
        return
    paths = [descent.walk(surface, name, start, rates[name], momentum) for name in racers]
    step = st.slider("Step", 0, descent.STEPS, 40, key="idea_descent_step", persist_state="session")
    _pictures(surface, paths, step)
    if condition:
        st.markdown(edge(condition, momentum, rates, racers))
    for path in paths:
        if path.gone is not None:
            st.warning(
                f"{path.name} diverges: step {path.gone} leads more than {descent.GONE:,.0f} away "
                f"from the middle. Its learning rate {path.rate:g} is too large here: try a "
                "smaller one.",
                icon=":material/trending_up:",
            )
    _by_hand(paths, step, momentum)


def _surface() -> tuple[str, Surface, int]:
    """Draw the choice of a surface; return its name, the surface, and its condition number.

    The condition number is 0 unless the surface is a valley.
    """
    name = st.pills(  # pills wrap on a phone; a segmented control would break apart
        "Surface",
        [VALLEY, *SURFACES],
        default=VALLEY,
        required=True,
        key="idea_descent_surface",
        wrap=True,
        persist_state="session",
    )
    if name in SURFACES:
        surface = SURFACES[name]()
        st.latex(surface.formula)
        return name, surface, 0
    condition = st.slider(
        "Condition number κ",
        1,
        100,
        30,
        key="idea_descent_condition",
        persist_state="session",
        help="How many times steeper the valley's walls curve than its floor.",
    )
    surface = surfaces.valley(condition)
    st.latex(surface.formula)
    return VALLEY, surface, condition


def _start(of: str, surface: Surface) -> tuple[float, float]:
    """Draw two sliders for the start, which is kept for each surface; return the start."""
    sides = st.columns(2)
    w1, w2 = (
        side.slider(
            f"Start, {letter}",
            *reach,
            first,
            0.01,
            key=state.key("idea_descent", letter, of),
            persist_state="session",
        )
        for side, letter, reach, first in zip(
            sides, ("w₁", "w₂"), (surface.w1, surface.w2), surface.start, strict=True
        )
    )
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
    own = st.toggle("A learning rate for each", key="idea_descent_own", persist_state="session")
    if own:
        rates = dict(OWN)
        sides = st.columns(2)
        for at, name in enumerate(racers):
            with sides[at % 2]:
                rates[name] = _rate(f"η of {name}", name, OWN[name])
    else:
        rates = dict.fromkeys(NAMES, _rate("Learning rate η", "common", COMMON))
    momentum = 0.9
    if MOMENTUM in racers:
        momentum = st.slider(
            "Momentum μ",
            0.0,
            0.99,
            0.9,
            0.01,
            key="idea_descent_momentum",
            persist_state="session",
            help="The share of a step that is made again in the next one. At 0 it is plain "
            "gradient descent.",
        )
    return racers, rates, momentum


def _rate(label: str, name: str, first: float) -> float:
    return st.select_slider(
        label,
        RATES,
        first,
        format_func=lambda rate: f"{rate:g}",
        key=state.key("idea_descent_rate", name),
        persist_state="session",
    )


def _pictures(surface: Surface, paths: Sequence[Path], step: int) -> None:
    """Draw the surface with the paths, the losses, and a table of the present positions."""
    left, right = st.columns([3, 2], gap="large")
    theme = st.context.theme.type
    names = ", ".join(path.name for path in paths)
    left.plotly_chart(
        charts.contours(surface, surfaces.grid(surface), paths, step, theme),
        key="idea_descent_contours",
        alt=f"Height lines of the loss over two weights, with the paths of {names} to step {step}",
        config=style.CONFIG,
    )
    right.plotly_chart(
        charts.losses(surface, paths, step),
        key="idea_descent_losses",
        alt=f"Loss above its lowest value after each of {descent.STEPS} steps: {names}",
        config=style.CONFIG,
    )
    rows = [
        {
            "Optimizer": f"{charts.SIGNS[path.name]} {path.name}",
            "Loss": _written(path.loss[step]),
            "w₁": _written(path.weights[step, 0]),
            "w₂": _written(path.weights[step, 1]),
        }
        for path in paths
    ]
    st.table(
        pd.DataFrame(rows),
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
    if state.get(_BY_HAND) not in names:  # the optimizer is no longer chosen
        state.put(_BY_HAND, names[0])
    with st.expander("This step by hand", on_change="rerun", key="idea_descent_open") as box:
        if not box.open:
            return
        chosen = st.pills(
            "Optimizer", names, required=True, key=_BY_HAND, wrap=True,
            persist_state="session",
        )  # fmt: skip
        path = paths[names.index(chosen or names[0])]
        if not step:
            st.write("No step has been made yet: move the slider to 1 or more.")
        elif path.gone is not None and step >= path.gone:
            st.write(f"{path.name} has been gone since step {path.gone}: choose an earlier step.")
        else:
            st.write(f"Step {step} of {path.name}, for the second weight, $w_2$:")
            st.latex(by_hand(path, step, momentum))


IDEA = Idea(
    name="descent",
    title="Going downhill: optimizers",
    says="Training is a walk downhill: the gradient points where the loss rises fastest, and an "
    "optimizer decides on the step the other way. Four of them race here on a loss of just two "
    "weights. For plain gradient descent a steep direction forbids the long steps that a flat one "
    "needs; momentum, RMSprop and Adam each mend that in their own way.",
    formulas=tuple(
        rf"\begin{{gathered}} \textbf{{{name}}} \\ {formula} \end{{gathered}}"
        for name, formula in FORMULAS.items()
    ),
    symbols=r"$w$: a weight, after step $t$; $g$: its gradient, the slope of the loss $L$; $\eta$: "
    r"learning rate; $\mu$: momentum; $v$: velocity; $m$, $s$: running means of $g$ and of "
    r"$g^2$. $v$, $m$ and $s$ begin at 0; each weight has its own, and squares, roots and "
    r"quotients are taken weight by weight. Keras: $\rho = 0.9$, $\beta_1 = 0.9$, "
    r"$\beta_2 = 0.999$, $\varepsilon = 10^{-7}$. Books differ: many write $v$ for $s$; many put "
    r"RMSprop's $\varepsilon$ outside of the root; Adam's paper has $\varepsilon = 10^{-8}$ and "
    r"adds it after the correction, $\eta\,\hat m_t / (\sqrt{\hat s_t} + \varepsilon)$ with "
    r"$\hat m_t = m_t / (1 - \beta_1^t)$ and $\hat s_t = s_t / (1 - \beta_2^t)$.",
    to_try="In the long valley, raise η from 0.05 to 0.1: gradient descent runs away, while "
    "RMSprop and Adam only tremble. On the saddle, start at w₂ = 0: who gets away? With four "
    "minima, move the start a little: do all end in the same one?",
    where=(
        Where("build", "Choose an optimizer in Build"),
        Where("tune", "Find a learning rate in Tune", {address.TUNE_TAB: "Learning rate"}),
        Where("compare", "Compare the curves of runs", {address.COMPARE_TAB: "Curves"}),
    ),
    show=show,
)
