"""The parts that all ideas of the page Learn have."""

from collections.abc import Callable
from dataclasses import dataclass, field

from ui.session import address

FEATURE_MAPS = {address.LOOK_TAB: "Feature maps"}
"""The query of a link to the tab of Look that shows a network layer by layer."""


@dataclass(frozen=True)
class Where:
    """A place in the app that uses an idea. query: the query parameters of the link to it."""

    page: str
    words: str
    query: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Idea:
    """One idea. All texts are Markdown, except `formulas`, which are LaTeX.

    name: as in addresses; says: the idea in two or three sentences; symbols: the meaning of the
    letters in the formulas; to_try: a task with the controls; show: a fragment that draws the
    controls and the figure.
    """

    name: str
    title: str
    says: str
    formulas: tuple[str, ...]
    symbols: str
    to_try: str
    where: tuple[Where, ...]
    show: Callable[[], None]
