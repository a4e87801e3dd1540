"""Numbers as people read them, each with its context; and what others wrote, made harmless."""

import re
from typing import Any

GUESSING = 0.5
"""A network that reads no larger share of the digits right is called one that guesses."""


def percent(share: float, decimals: int = 2) -> str:
    """A share in [0, 1] as 98.70 %, never rounded to all or nothing: more than 99.99 %.

    No line breaks before the sign: the space is a no-break space.
    """
    rounded, step = round(100 * share, decimals), 10.0**-decimals
    if rounded >= 100 and share < 1:
        return f"more than {100 - step:.{decimals}f}\u00a0%"
    if rounded <= 0 and share > 0:
        return f"less than {step:.{decimals}f}\u00a0%"
    return f"{rounded:.{decimals}f}\u00a0%"


def short(share: float, decimals: int = 2) -> str:
    """The same where there is little room: > 99.99 % on one line."""
    return percent(share, decimals).replace("more than ", ">\u00a0")


def in_context(accuracy: float, images: int) -> str:
    """98.70 %: 130 wrong of 10,000."""
    wrong = round((1 - accuracy) * images)
    return f"{percent(accuracy)}: {wrong:,} wrong of {images:,}"


def duration(seconds: float) -> str:
    """A time in the unit that fits: 0.5 s, 8 s, 2 min 05 s, 1 h 10 min."""
    if 0 < seconds < 0.95:
        return f"{max(seconds, 0.1):.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def plural(count: int, word: str) -> str:
    """1 epoch, 2 epochs."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


_MARKDOWN = str.maketrans({mark: f"\\{mark}" for mark in r"\`*_[]<>$~|&#"})
_MARKDOWN[ord(":")] = "\\:\u2060"  # the word joiner: an emoji's name would be read all the same


def plain_markdown(text: str) -> str:
    """Someone's words, such as the name of a run, so that Markdown shows them as they are."""
    return text.translate(_MARKDOWN)


_MARKUP = re.compile(
    r"[^\w .,;:(){}\[\]'\"=+/%\\-]"
    r"|\\(?!\w)"  # of an escape, but for those of control characters, such as \x00
    r"|(?<=\])[(\[]"  # of a link
    r"|(?<=:)//"  # of an address,
    r"|(?<=\bwww)\."  # also of one without its http
    r"|:(?=[\w+-]+[:/\[])"  # an icon or a colour, such as :material/home: or :red[hot]
    r"|(?<![^\W_])_+|_+(?![^\W_])",  # in italics, or bold
    re.IGNORECASE,
)


def without_markup(text: str) -> str:
    """Text with something of a stranger in it, without what a page would take for markup."""
    return _MARKUP.sub("?", text)


def shown(value: Any, most: int = 60) -> str:
    """A value that was received, short and plain, as an error may name it."""
    if isinstance(value, str | bytes):
        value = value[:most]  # or the whole of it would be turned into text first
    return without_markup(repr(value)[:most])


def shape(sides: tuple[int, ...]) -> str:
    """26 × 26 × 8, or 400."""
    return " × ".join(map(str, sides))
