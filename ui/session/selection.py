"""The run, image, group and lesson that pages show: in the session, in step with the address."""

import streamlit as st

from mnist_core.dataset.mnist import TEST_IMAGES
from mnist_core.evaluation.run import Run
from mnist_core.storage.groups import Group
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import short_repr
from ui.session import address, state

PAGES_OF_TEST_IMAGES = {"look", "results"}
"""Pages whose address may name a test image; on Data it may be a training image."""

_PICKED, _LESSON_STEP = "picked_run", "lesson_step_asked"


def choose_run(run_id: int, by_hand: bool = False) -> None:
    """Show this run from now on; update the address if it names a run.

    by_hand: whether the user picked it, rather than the app.
    """
    state.put(address.RUN, run_id)
    if by_hand:
        state.put(_PICKED, run_id)
    if address.get(address.RUN) is not None:
        write_run(run_id)


def write_run(run_id: int) -> None:
    """Write the shown run to the address, so that a refresh or a copied link restores it."""
    address.put(address.RUN, str(run_id))


def query_of(run: Run) -> dict[str, str]:
    """Return the query of a link to a page that shows this run.

    `st.switch_page` cannot leave a page whose address names a tab after the first; a link can.
    """
    return {address.RUN: str(run.id)}


def chosen_run(runs: list[Run]) -> Run | None:
    """Return the run to show: the one in the address, else the last chosen, else the first."""
    _read_address()
    wanted = state.get(address.RUN)
    return next((run for run in runs if run.id == wanted), runs[0] if runs else None)


def shown_run() -> int | None:
    """Return the id of the run that the pages show, None before one was chosen."""
    shown = state.get(address.RUN)
    return shown if isinstance(shown, int) else None


def picked_run(runs: list[Run]) -> Run | None:
    """Return the run that the address names or the user picked last; None if it is not here."""
    _read_address()
    wanted = state.get(_PICKED)
    return next((run for run in runs if run.id == wanted), None)


def _read_address() -> None:
    """Choose the run in the address; if it is not the chosen one yet, the user put it there."""
    asked = address.get(address.RUN)
    if asked is None or not asked.isdecimal() or len(asked) > 18:  # ids have fewer digits
        return
    if int(asked) != state.get(address.RUN):
        choose_run(int(asked), by_hand=True)


def missing_run(runs: list[Run]) -> str | None:
    """Return the run that the address names if it is not among these; None otherwise."""
    asked = address.get(address.RUN)
    return None if asked is None or asked in {str(run.id) for run in runs} else asked


def image_query(run_id: int, row: int, tab: str, name: str) -> dict[str, str]:
    """Return the query of a link to a tab that shows this run and test image.

    tab: address.LOOK_TAB or address.RESULTS_TAB; name: of the tab.
    """
    return {address.RUN: str(run_id), tab: name, address.IMAGE: str(row)}


def asked_image(box: str) -> int | None:
    """Return the test image that a new link to a page names; None if there is no new one.

    box: the key of the page's box that chooses a test image.
    """
    asked = address.get(address.IMAGE)
    if asked is None or asked == state.get(state.key(box, "written")):
        return None
    return int(asked) if _is_test_image(asked) else None


def image_error() -> MnistError | None:
    """Return an error about the test image in the address, None if there is such an image."""
    asked = address.get(address.IMAGE)
    if asked is None or _is_test_image(asked):
        return None
    return MnistError(
        f"the image in a link must be a test image, from 0 to {TEST_IMAGES - 1:,}; received "
        f"{short_repr(asked, 40)}, so another image is shown"
    )


def _is_test_image(asked: str) -> bool:
    short = asked.isdecimal() and len(asked) <= len(str(TEST_IMAGES))
    return short and int(asked) < TEST_IMAGES


def write_image(box: str, row: int | None) -> None:
    """Write the shown test image to the address; None removes it."""
    written = None if row is None else str(row)
    state.put(state.key(box, "written"), written)
    address.put(address.IMAGE, written)


def choose_group(group: Group) -> None:
    """Show this group among those of its kind from now on, and write it to the address."""
    state.put(state.key(address.GROUP, group.kind), group.id)
    address.put(address.GROUP, str(group.id))


def chosen_group(groups: list[Group]) -> Group | None:
    """Return the group in the address, else the last chosen, else the first.

    groups: all of one kind. None if there are no groups.
    """
    if not groups:
        return None
    asked, known = address.get(address.GROUP), {str(group.id): group for group in groups}
    last = str(state.get(state.key(address.GROUP, groups[0].kind)))
    return known.get(asked or "") or known.get(last) or groups[0]


def lesson() -> str | None:
    """Return the name of the open lesson, and keep it in the address of every page.

    An address that names a lesson opens it. Sidebar links drop the name, so it is written again.
    """
    asked = address.get(address.LESSON)
    if asked:
        asked, _, step = asked.partition(".")
        state.put(address.LESSON, asked)
        if step.isdecimal() and len(step) < 4:
            state.put(_LESSON_STEP, int(step))
    name: str | None = state.get(address.LESSON, None)
    if name:
        address.put(address.LESSON, name)
    return name


def take_lesson_step() -> int | None:
    """Return the step, from 1, that a link to the open lesson asked for, once."""
    asked = state.pop(_LESSON_STEP)
    return asked if isinstance(asked, int) else None


def open_lesson(name: str | None) -> None:
    """Open a lesson; None closes the open one."""
    state.put(address.LESSON, name)
    address.put(address.LESSON, name or None)


def language(known: list[str]) -> str:
    """Return the language of lessons: the chosen one, else the browser's.

    known: codes of the languages; the first one, if neither of these is known.
    """
    usual = (st.context.locale or "").partition("-")[0]
    return next((code for code in (chosen_language(), usual) if code in known), known[0])


def chosen_language() -> str | None:
    """Return the code of the language that a link or the user chose, and keep it in the address.

    None if the browser's language counts.
    """
    chosen = address.get(address.LANGUAGE) or state.get(address.LANGUAGE, None)
    if chosen:
        choose_language(chosen)
    return chosen


def choose_language(code: str) -> None:
    """Show lessons in this language from now on."""
    state.put(address.LANGUAGE, code)
    address.put(address.LANGUAGE, code)
