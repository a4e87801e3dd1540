"""Numbers in LaTeX, for calculations that students repeat by hand."""


def tex(value: float, how: str = ".4g") -> str:
    """Return a number, by default with four significant digits, with a power of ten if needed."""
    digits, _, power = f"{value:z{how}}".partition("e")
    return rf"{digits} \cdot 10^{{{int(power)}}}" if power else digits


def term(value: float, how: str = ".4g") -> str:
    """Return a number like `tex` for a sum or product, a negative one in parentheses."""
    words = tex(value, how)
    return f"({words})" if words.startswith("-") else words
