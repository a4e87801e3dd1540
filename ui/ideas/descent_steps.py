"""One step of an optimizer with its numbers, to be done again by hand; and the idea's formulas."""

from collections.abc import Sequence

from mnist_core.theory.descent import ADAM, MOMENTUM, RMSPROP, SGD, Path, corrected, limit
from ui.ideas.tex import term, tex

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
"""LaTeX by the name of the optimizer."""


def by_hand(path: Path, step: int, momentum: float) -> str:
    """LaTeX of what a step, from 1, did to the second weight, line by line."""
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
    """What theory says of the learning rate in a valley, in Markdown."""
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
