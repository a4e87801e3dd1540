"""The step of an optimizer for one weight, in LaTeX with its numbers."""

from math import floor, log10

from mnist_core.network.optimizers import OPTIMIZERS
from mnist_core.network.spec import Training
from mnist_core.teaching.concepts.update import DECAY, Numbers, decay, rule
from ui.views.learn.ideas.tex import aligned, squared, term, tex

Line = tuple[str, str, str, str]
"""What is worked out, how, the same with numbers, and the name of the result."""

BELOW = r" \\ &= "
_VELOCITY: Line = (
    "v_{%(t)s}",
    r"\mu\,v_{%(b)s} - \eta\,g_{%(t)s}",
    r"%(momentum)s \cdot %(v0)s - %(eta)s \cdot %(g)s",
    "v",
)
_SQUARE: Line = (
    "s_{%(t)s}",
    r"\rho\,s_{%(b)s} + (1 - \rho)\,g_{%(t)s}^2",
    r"0.9 \cdot %(s0)s + 0.1 \cdot %(g_squared)s",
    "s",
)
_SUM: Line = ("s_{%(t)s}", r"s_{%(b)s} + g_{%(t)s}^2", "%(s0)s + %(g_squared)s", "s")
_ROOT: Line = (
    r"\Delta w",
    r"\frac{\eta\,g_{%(t)s}}{\sqrt{s_{%(t)s} + \varepsilon}}",
    r"\frac{%(eta)s \cdot %(g)s}{\sqrt{%(s)s + 10^{-7}}}",
    "step",
)
_M: Line = (
    "m_{%(t)s}",
    r"\beta_1 m_{%(b)s} + (1 - \beta_1)\,g_{%(t)s}",
    r"%(beta_1)s \cdot %(m0)s + %(rest_1)s \cdot %(g)s",
    "m",
)
_S: Line = (
    "s_{%(t)s}",
    r"\beta_2 s_{%(b)s} + (1 - \beta_2)\,g_{%(t)s}^2",
    r"%(beta_2)s \cdot %(s0)s + %(rest_2)s \cdot %(g_squared)s",
    "s",
)
_ADAM: tuple[Line, ...] = (
    _M,
    _S,
    (
        r"\eta_{%(t)s}",
        r"\eta\,\frac{\sqrt{1 - \beta_2^{%(t)s}}}{1 - \beta_1^{%(t)s}}",
        r"%(eta)s \cdot \frac{\sqrt{1 - {%(beta_2)s}^{%(t)s}}}{1 - {%(beta_1)s}^{%(t)s}}",
        "rate",
    ),
    (
        r"\Delta w",
        r"\frac{\eta_{%(t)s}\,m_{%(t)s}}{\sqrt{s_{%(t)s}} + \varepsilon}",
        r"\frac{%(rate)s \cdot %(m)s}{\sqrt{%(s)s} + 10^{-7}}",
        "step",
    ),
)
LINES: dict[str, tuple[Line, ...]] = {
    "sgd": ((r"\Delta w", r"\eta\,g_{%(t)s}", r"%(eta)s \cdot %(g)s", "step"),),
    "momentum": (_VELOCITY, (r"\Delta w", "-v_{%(t)s}", "-%(v)s", "step")),
    "nesterov": (
        _VELOCITY,
        (
            r"\Delta w",
            r"\eta\,g_{%(t)s} - \mu\,v_{%(t)s}",
            r"%(eta)s \cdot %(g)s - %(momentum)s \cdot %(v)s",
            "step",
        ),
    ),
    "rmsprop": (_SQUARE, _ROOT),
    "adagrad": (_SUM, _ROOT),
    "adam": _ADAM,
    "adamw": _ADAM,
    "nadam": (
        _M,
        _S,
        (
            r"\hat m",
            r"\frac{u_{%(n)s}\,m_{%(t)s}}{1 - u_1 \cdots u_{%(n)s}} "
            r"+ \frac{(1 - u_{%(t)s})\,g_{%(t)s}}{1 - u_1 \cdots u_{%(t)s}}",
            r"\frac{%(following)s \cdot %(m)s}{1 - %(product)s \cdot %(following)s} "
            r"+ \frac{(1 - %(now)s) \cdot %(g)s}{1 - %(product)s}",
            "mean",
        ),
        (
            r"\hat s",
            r"\frac{s_{%(t)s}}{1 - \beta_2^{%(t)s}}",
            r"\frac{%(s)s}{1 - {%(beta_2)s}^{%(t)s}}",
            "square",
        ),
        (
            r"\Delta w",
            r"\frac{\eta\,\hat m}{\sqrt{\hat s} + \varepsilon}",
            r"\frac{%(eta)s \cdot %(mean)s}{\sqrt{%(square)s} + 10^{-7}}",
            "step",
        ),
    ),
    "adamax": (
        _M,
        (
            "u_{%(t)s}",
            r"\max(\beta_2 u_{%(b)s},\, |g_{%(t)s}|)",
            r"\max(%(beta_2)s \cdot %(u0)s,\, |%(bare_g)s|)",
            "u",
        ),
        (
            r"\eta_{%(t)s}",
            r"\frac{\eta}{1 - \beta_1^{%(t)s}}",
            r"\frac{%(eta)s}{1 - {%(beta_1)s}^{%(t)s}}",
            "rate",
        ),
        (
            r"\Delta w",
            r"\frac{\eta_{%(t)s}\,m_{%(t)s}}{u_{%(t)s} + \varepsilon}",
            r"\frac{%(rate)s \cdot %(m)s}{%(u)s + 10^{-7}}",
            "step",
        ),
    ),
    "lion": (
        (
            "c_{%(t)s}",
            r"\beta_1 m_{%(b)s} + (1 - \beta_1)\,g_{%(t)s}",
            r"%(beta_1)s \cdot %(m0)s + %(rest_1)s \cdot %(g)s",
            "mixed",
        ),
        (
            "m_{%(t)s}",
            r"\beta_2 m_{%(b)s} + (1 - \beta_2)\,g_{%(t)s}",
            r"0.99 \cdot %(m0)s + 0.01 \cdot %(g)s",
            "m",
        ),
        (
            r"\Delta w",
            r"\eta\,\operatorname{sign}(c_{%(t)s})",
            r"%(eta)s \cdot \operatorname{sign}(%(bare_mixed)s)",
            "step",
        ),
    ),
}
"""The lines of each rule in `concepts.update.RULES`, for %-formatting."""
_VELOCITY_WORDS = r"$v$: the velocity, at first 0; $\mu$: the momentum."
_MEANS = (
    r"$m$, $s$: running means of the gradient and of its square, at first 0; "
    r"$\beta_1$, $\beta_2$: the shares of them that stay at each step; "
)
_ADAM_WORDS = _MEANS + (
    r"$\eta_t$: the learning rate, corrected for the start at 0; $\varepsilon = 10^{-7}$."
)
SYMBOLS = {
    "sgd": r"$\eta$: the learning rate.",
    "momentum": _VELOCITY_WORDS,
    "nesterov": _VELOCITY_WORDS,
    "rmsprop": r"$s$: a running mean of the squared gradients, at first 0; $\rho = 0.9$: the "
    r"share of it that stays at each step; $\varepsilon = 10^{-7}$.",
    "adagrad": r"$s$: a sum of the squared gradients, which begins at 0.1; "
    r"$\varepsilon = 10^{-7}$.",
    "adam": _ADAM_WORDS,
    "adamw": rf"{_ADAM_WORDS} $\lambda$: the weight decay.",
    "nadam": _MEANS + r"$\hat m$, $\hat s$: the same, corrected for the start at 0, "
    r"$\hat m$ a step ahead; $u_t = \beta_1 (1 - 0.5 \cdot 0.96^t)$: $\beta_1$ as it grows from "
    r"step to step; $\varepsilon = 10^{-7}$.",
    "adamax": r"$m$: a running mean of the gradient, at first 0; $u$: the largest size of a "
    r"gradient so far, at first 0, which is multiplied by $\beta_2$ at each step; $\eta_t$: the "
    r"learning rate, corrected for the start of $m$ at 0; $\varepsilon = 10^{-7}$.",
    "lion": r"$m$: a running mean of the gradient, at first 0; $c$: a mean of $m$ and the "
    r"gradient, of which only the sign counts; $\beta_1 = 0.9$; $\beta_2 = 0.99$.",
}
"""What the symbols of each rule mean."""


def settings(training: Training) -> str:
    """Return the name of the optimizer and its settings: Adam, learning rate 0.001, and so on."""
    kind = OPTIMIZERS[training.optimizer]
    words = [kind.keras, f"learning rate {training.learning_rate:g}"]
    if training.momentum:
        words.append(f"{'Nesterov ' * training.nesterov}momentum {training.momentum:g}")
    if "beta_1" in kind.settings:
        words += [rf"$\beta_1 = {training.beta_1:g}$", rf"$\beta_2 = {training.beta_2:g}$"]
    if "weight_decay" in kind.settings:
        given = training.weight_decay
        words.append(f"weight decay {DECAY if given is None else given:g}")
    return ", ".join(words)


def decimals(training: Training, numbers: Numbers, weight: float) -> int:
    """Return how many decimals show two digits of a weight's change: 6 to 12."""
    change = abs(decay(training) * weight + numbers["step"])
    return min(max(6, 1 - floor(log10(change))), 12) if change else 6


def by_hand(training: Training, numbers: Numbers, weight: float, narrow: bool) -> str:
    """Return the last step of a weight in LaTeX.

    numbers: from `update`; weight: before the step; narrow: put each result on a line of its own.
    """
    t = int(numbers["t"])
    given = {
        "eta": training.learning_rate,
        "momentum": training.momentum,
        "beta_1": training.beta_1,
        "beta_2": training.beta_2,
        "rest_1": 1 - training.beta_1,
        "rest_2": 1 - training.beta_2,
    }
    texts = {name: term(value) for name, value in (given | numbers).items()}
    texts |= {f"bare_{name}": tex(value) for name, value in numbers.items()}
    texts |= {"t": str(t), "b": str(t - 1), "n": str(t + 1), "g_squared": squared(numbers["g"])}
    equal = BELOW if narrow else " = "
    lines = [
        f"{symbol} &= {formula}{BELOW}{values}" % texts + f"{equal}{tex(numbers[name])}"
        for symbol, formula, values, name in LINES[rule(training)]
    ]
    first = rf"g_{{{t}}} &= \frac{{\partial L}}{{\partial w}} = {tex(numbers['g'])}"
    return aligned(first, *lines, _last(training, numbers, weight, equal))


def _last(training: Training, numbers: Numbers, weight: float, equal: str) -> str:
    """Return the line that changes the weight, with AdamW's weight decay."""
    t, share = int(numbers["t"]), decay(training)
    digits = decimals(training, numbers, weight)
    before, values = f"w_{{{t - 1}}}", tex(weight, digits)
    formula, lost = before, values
    if share:
        formula += rf" - \eta\,\lambda\,{before}"
        lost += rf" - {tex(share)} \cdot {term(weight, digits)}"
    after = tex(weight * (1 - share) - numbers["step"], digits)
    return (
        rf"w_{{{t}}} &= {formula} - \Delta w{BELOW}{lost} - {term(numbers['step'])}{equal}"
        rf"\mathbf{{{after}}}"
    )
