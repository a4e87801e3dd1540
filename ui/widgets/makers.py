"""Who made a run of a class: a number in place of a name."""

from collections.abc import Mapping

from mnist_core.evaluation.run import Run
from ui.session import cache, visitor

HELP = (
    "The number of the person who started the run. Each person in this class has a number instead "
    "of a name. Trials of a study have none; older runs may have none."
)


def numbers() -> dict[str, int]:
    """Return the numbers of the people who made runs in the class that is open; else none."""
    return cache.store().makers() if visitor.in_class() else {}


def is_mine(run: Run) -> bool:
    """Return whether the visitor started a run; outside of classes, all are the visitor's."""
    return not visitor.in_class() or run.made_by == visitor.own_workspace()


def maker(run: Run, known: Mapping[str, int]) -> str:
    """Return who made a run: 3, or 3 (you); "" if that is not known. known: from `numbers`."""
    number = known.get(run.made_by)
    if number is None:
        return ""
    return f"{number} (you)" if run.made_by == visitor.own_workspace() else str(number)
