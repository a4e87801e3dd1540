"""Numbers formatted for people, and text from strangers made harmless for Markdown."""

import html
import re

GUESSING_ACCURACY = 0.5
"""Up to this test accuracy the pages warn that a network does little better than guessing."""


def percent(share: float, decimals: int = 2) -> str:
    """Format a share in [0, 1] as 98.70 %; "> 99.99 %" instead of rounding to 100 or 0.

    All spaces are no-break spaces.
    """
    rounded, step = round(100 * share, decimals), 10.0**-decimals
    if rounded >= 100 and share < 1:
        return f">\u00a0{100 - step:.{decimals}f}\u00a0%"
    if rounded <= 0 and share > 0:
        return f"<\u00a0{step:.{decimals}f}\u00a0%"
    return f"{rounded:.{decimals}f}\u00a0%"


def probability(value: float, decimals: int = 1) -> str:
    """Format a digit's probability as `percent` does; never as 0 or 100 %.

    Softmax reaches neither, but float32 rounds to them. It has one decimal wherever there is room,
    so that the same value reads the same beside its bar.
    """
    return percent(min(max(value, _LEAST), 1 - _LEAST), decimals)


_LEAST = 1e-9


def two_digits(value: float) -> str:
    """Return a number with two significant digits, with a power of ten if needed: 2.8·10⁻⁸."""
    digits, _, power = f"{value:.2g}".partition("e")
    return f"{digits}·10{str(int(power)).translate(_RAISED)}" if power else digits


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def accuracy_in_context(accuracy: float, images: int) -> str:
    """Format an accuracy with its count of errors: 98.70 %: 130 wrong of 10,000."""
    wrong = round((1 - accuracy) * images)
    return f"{percent(accuracy)}: {wrong:,} wrong of {images:,}"


def duration(seconds: float) -> str:
    """Format a time in a fitting unit: 0.5 s, 8 s, 2 min 05 s, 1 h 10 min."""
    if 0 < seconds < 0.95:
        return f"{max(seconds, 0.1):.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def plural(count: int, word: str) -> str:
    """Format a count with its noun: 1 epoch, 2 epochs."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def with_article(digit: int) -> str:
    """Return a digit with its article: a 7, an 8. digit: 0 to 9."""
    return f"an {digit}" if digit == 8 else f"a {digit}"


def one_line(text: str) -> str:
    """Return text on one line, without control characters and marks that turn its direction."""
    shown = (c if c.isprintable() or c in _JOINERS else " " for c in text)
    return " ".join("".join(shown).split())


_JOINERS = "\u200c\u200d"  # they belong to words of Persian and to emoji
_WORD_JOINER = "\u2060"
_MARKS = re.compile(
    # What works even if it is escaped: icons, addresses, arrows and other signs of two characters.
    r"(?P<parted>:(?=\S)|@|(?<=www)(?=\.)|-(?=[->])|[<>~](?=[-=]))"
    r"|[\\`*_\[\]<>$~|&#!]"
    r"|^[-+=]|(?<=\d)[.)](?=\s|$)",  # a list, a heading
    re.IGNORECASE,
)


def plain_markdown(text: str) -> str:
    """Escape what a person wrote, such as the name of a run: Markdown shows it, on one line."""
    return _MARKS.sub(_escaped, one_line(text))


def _escaped(mark: re.Match[str]) -> str:
    shown = f"\\{mark[0]}" if mark[0] else ""
    return shown if mark["parted"] is None else shown + _WORD_JOINER


def plain_html(text: str) -> str:
    """Escape what a person wrote for the labels of a figure, which know some HTML."""
    return html.escape(one_line(text), quote=False)


_MARKUP = re.compile(
    r"[^\w .,;:(){}\[\]'\"=+/%>\\-]"
    r"|\\(?!\w)"  # an escape, but not of a control character such as \x00
    r"|(?<=\])[(\[]"  # a link
    r"|(?<=:)//"  # an address,
    r"|(?<=\bwww)\."  # also one without http
    r"|^\s*>|(?<=[-=])>|>(?=[-=])"  # a quote, an arrow
    r"|:(?=[\w+-]+[:/\[])"  # an icon or a color, such as :material/home: or :red[hot]
    r"|(?<![^\W_])_+|_+(?![^\W_])",  # italics or bold
    re.IGNORECASE,
)


def without_markup(text: str) -> str:
    """Replace with "?" everything in a stranger's text that Markdown could take for markup."""
    return _MARKUP.sub("?", text)


def shortened(text: str, most: int) -> str:
    """Return a text of at most `most` characters, with "..." in place of a cut middle."""
    if len(text) <= most:
        return text
    half = (most - 3) // 2
    return f"{text[:half]}...{text[-half:]}"


def short_repr(value: object, most: int = 60) -> str:
    """Return the repr of a received value for an error message: cut short, without markup."""
    if isinstance(value, str | bytes):
        value = value[:most]  # so that repr does not format all of a long value
    return without_markup(repr(value)[:most])


def format_shape(sides: tuple[int, ...]) -> str:
    """Format a shape: 26 × 26 × 8, or 400."""
    return " × ".join(map(str, sides))


def snake_case(name: str) -> str:
    """Return the default name that Keras gives a layer: MaxPooling2D -> max_pooling2d."""
    words = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()
