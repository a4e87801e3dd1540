"""Numbers in LaTeX, for arithmetic that is to be done again by hand."""


def tex(value: float, how: str = ".4g") -> str:
    """A number, by default with four significant digits; a power of ten if tiny or huge."""
    digits, _, power = f"{value:z{how}}".partition("e")
    return rf"{digits} \cdot 10^{{{int(power)}}}" if power else digits


def term(value: float, how: str = ".4g") -> str:
    """The same inside a sum or product: a negative number in brackets."""
    words = tex(value, how)
    return f"({words})" if words.startswith("-") else words
