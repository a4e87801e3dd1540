"""Numbers and equations in LaTeX, for calculations that students repeat by hand."""


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


def aligned(*lines: str) -> str:
    """Return equations below one another, aligned where each has its `&`."""
    body = r" \\ ".join(lines)
    return rf"\begin{{aligned}} {body} \end{{aligned}}"
