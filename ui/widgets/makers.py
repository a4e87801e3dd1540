"""Who made a run of a class: a number in place of a name."""

from collections.abc import Mapping

from mnist_core.evaluation.run import Run
from ui.session import cache, visitor

HELP = (
    "The number of the person who started the run: people in a class have numbers instead of "
    "names. Trials of a study and some older runs have no number."
)


def numbers() -> dict[str, int]:
    """Return the numbers of the people who made runs in the open class; empty outside classes."""
    return cache.store().makers() if visitor.in_class() else {}


def is_mine(run: Run) -> bool:
    """Return whether the visitor started a run; outside of classes, always true."""
    return not visitor.in_class() or run.made_by == visitor.own_workspace()


def mine_first(runs: list[Run]) -> list[Run]:
    """Return runs in the same order, those that the visitor started before those of others."""
    return sorted(runs, key=lambda run: not is_mine(run))


def maker(run: Run, known: Mapping[str, int]) -> str:
    """Return who made a run: "3", "3 (you)", or "" if unknown. known: from `numbers`."""
    number = known.get(run.made_by)
    if number is None:
        return ""
    return f"{number} (you)" if run.made_by == visitor.own_workspace() else str(number)
