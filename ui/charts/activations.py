"""What the app says of each activation: its formula, its slope, and what it does."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """formula, slope: LaTeX in z; about: a sentence."""

    formula: str
    slope: str
    about: str


WORDS: dict[str, Words] = {
    "linear": Words(
        "z",
        "1",
        "Nothing changes. Layers with nothing else between them could be a single layer.",
    ),
    "relu": Words(
        r"\max(0, z)",
        r"1 \text{ if } z > 0 \text{, else } 0",
        "Negative values become zero; positive values stay.",
    ),
    "relu6": Words(
        r"\min(\max(0, z), 6)",
        r"1 \text{ if } 0 < z < 6 \text{, else } 0",
        "A ReLU capped at 6, made for phones and other devices that compute with few digits.",
    ),
    "leaky_relu": Words(
        r"\max(0.2\,z, z)",
        r"1 \text{ if } z > 0 \text{, else } 0.2",
        "Positive values stay; negative values shrink to a fifth, so the unit can still learn.",
    ),
    "elu": Words(
        r"z \text{ if } z > 0 \text{, else } e^z - 1",
        r"1 \text{ if } z > 0 \text{, else } e^z",
        "Positive values stay; negative values bend smoothly and never fall below −1.",
    ),
    "selu": Words(
        r"1.0507\,z \text{ if } z > 0 \text{, else } 1.7581\,(e^z - 1)",
        r"1.0507 \text{ if } z \ge 0 \text{, else } 1.7581\,e^z",
        "Like ELU, but stretched so that values keep a similar size from layer to layer.",
    ),
    "gelu": Words(
        r"z \cdot \tfrac{1}{2}\left(1 + \mathrm{erf}(z / \sqrt{2})\right)",
        r"\Phi(z) + z\,\varphi(z)",
        "A smooth ReLU: far above zero a value stays, far below it becomes zero, and just below "
        "it stays slightly negative.",
    ),
    "silu": Words(
        r"z \cdot \sigma(z)",
        r"\sigma(z)\,(1 + z\,(1 - \sigma(z)))",
        "A smooth ReLU, also called swish: each value is multiplied by its own sigmoid. The "
        "lowest output is −0.28, near z = −1.3.",
    ),
    "softplus": Words(
        r"\ln(1 + e^z)",
        r"\sigma(z)",
        "A smooth ReLU whose output is always above zero; at z = 0 it is ln 2, about 0.69.",
    ),
    "sigmoid": Words(
        r"\sigma(z) = \frac{1}{1 + e^{-z}}",
        r"\sigma(z)\,(1 - \sigma(z)) \le \tfrac{1}{4}",
        "Every value is squeezed between 0 and 1; zero becomes one half.",
    ),
    "tanh": Words(
        r"\tanh z", r"1 - \tanh^2 z", "Every value is squeezed between −1 and 1; zero stays zero."
    ),
}
