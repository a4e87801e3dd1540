"""Numbers and equations in LaTeX, for calculations that students repeat by hand."""

import numpy as np

from mnist_core.teaching.concepts.convolution import SlidingProduct

ROUNDED = "Numbers are rounded to two decimals for display."


def tex(value: float, decimals: int | None = None) -> str:
    """Return a number with at most `decimals` decimals, without trailing zeros.

    By default it has four significant digits, with a power of ten if needed.
    """
    if decimals is not None:
        return f"{value:z.{decimals}f}".rstrip("0").rstrip(".")
    digits, _, power = f"{value:z.4g}".partition("e")
    return rf"{digits} \cdot 10^{{{int(power)}}}" if power else digits


def term(value: float, decimals: int | None = None) -> str:
    """Return a number like `tex` for a sum or product, a negative one in parentheses."""
    words = tex(value, decimals)
    return f"({words})" if words.startswith("-") else words


def squared(value: float) -> str:
    """Return the square of a number, unevaluated, in parentheses where it needs them."""
    words = tex(value)
    return f"{words}^2" if words.replace(".", "").isdigit() else f"({words})^2"


def products(values: np.ndarray, weights: np.ndarray) -> list[str]:
    """Return the sum of products of two tables of one shape, a line per row."""
    return [
        " + ".join(
            rf"{term(value, 2)} \cdot {term(weight, 2)}"
            for value, weight in zip(row, beside, strict=True)
        )
        for row, beside in zip(values, weights, strict=True)
    ]


def exact(slid: SlidingProduct, place: tuple[int, int]) -> bool:
    """Return whether two decimals show the products at a place and their sum exactly."""
    shown = (slid.window(*place), slid.laid, slid.output[place])
    return all(np.allclose(values, np.round(values, 2), atol=1e-9) for values in shown)


def aligned(*lines: str) -> str:
    """Return equations below one another, aligned where each has its `&`."""
    body = r" \\ ".join(lines)
    return rf"\begin{{aligned}} {body} \end{{aligned}}"
