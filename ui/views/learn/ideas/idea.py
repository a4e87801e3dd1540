"""What every idea of the page Learn has, so that all of them look alike."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Where:
    """A place in the app that uses an idea. query: what the address of that page gets."""

    page: str
    words: str
    query: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Idea:
    """One idea. All texts are Markdown, but for `formulas`, which are LaTeX.

    `name` stands in the address; `says` is the idea in two or three sentences, `symbols` what the
    letters of the formulas mean, `to_try` something to do with the controls; `show` draws the
    controls and the picture, and reruns by itself.
    """

    name: str
    title: str
    says: str
    formulas: tuple[str, ...]
    symbols: str
    to_try: str
    where: tuple[Where, ...]
    show: Callable[[], None]
