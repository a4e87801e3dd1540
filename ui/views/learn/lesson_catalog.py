"""The lessons as pages have them: all that there are, begun, opened, and their progress."""

from dataclasses import replace

import streamlit as st

from mnist_core.teaching.lessons import progress, reader
from mnist_core.teaching.lessons.lesson import Lesson, Link, Shelf
from mnist_core.teaching.lessons.progress import Progress
from mnist_core.teaching.lessons.verdict import Verdict, about_run
from ui.session import address, cache, drafts, navigation, selection, state

_PREPARED = "lesson_prepared"
_OF_A_RUN = ("results", "look")


def shelf() -> Shelf:
    """All lessons; a file that was added or changed since is read now."""
    pages = [step.name for step in navigation.STEPS]
    return reader.read_all(pages, address.PAGE_PARAMETERS, reader.FOLDER)


def begin(lesson: Lesson) -> None:
    """Open a lesson from its first step, with its prepared network in Build."""
    progress.to_step(cache.own_store(), lesson.name, 1)
    prepare(lesson)
    selection.open_lesson(lesson.name)


def prepare(lesson: Lesson) -> None:
    """Put the prepared network and settings into Build, if the lesson has some."""
    state.put(_PREPARED, lesson.name)
    if lesson.start:
        drafts.current().take(lesson.start)
        if address.has_network():  # another one, which a refresh would bring back
            drafts.write_link(lesson.start)


def prepare_once(lesson: Lesson) -> None:
    """The same once a session, unless the address brings a network, as after a refresh of Build."""
    if state.get(_PREPARED) == lesson.name:
        return
    if address.has_network():
        state.put(_PREPARED, lesson.name)
    else:
        prepare(lesson)


def place(lesson: Lesson, at: Progress) -> int:
    """The step that is open, from 1; the file may have fewer than it had."""
    return min(max(at.step, 1), len(lesson.steps))


def after(lesson: Lesson, among: Shelf) -> Lesson | None:
    """The lesson that follows; None after the last one."""
    at = among.lessons.index(lesson)
    return among.lessons[at + 1] if at + 1 < len(among.lessons) else None


def go_on(lesson: Lesson) -> None:
    """Open a lesson where it was left, or from its first step."""
    if progress.of(cache.own_store(), lesson.name):
        selection.open_lesson(lesson.name)
    else:
        begin(lesson)


def link(lesson: Lesson, number: int) -> Link | None:
    """The link of a step, counted from 1; to a page about one run it names the lesson's run."""
    found = lesson.steps[number - 1].link
    if found and found.page in _OF_A_RUN and "run" not in found.query:
        run_id = about_run(cache.store(), lesson.check)
        return replace(found, query=found.query | {"run": str(run_id)}) if run_id else found
    return found


def page_link(lesson: Lesson, link: Link, leads: bool = False) -> None:
    """The link to the page that a step is about; the lesson stays open there.

    leads: it is the way on, and stands out.
    """
    st.page_link(
        navigation.path(link.page),
        label=f"**:primary[{link.words}]**" if leads else link.words,
        icon=next(step.icon for step in navigation.STEPS if step.name == link.page),
        query_params=link.query | {"lesson": lesson.name},
        help="Puts the network of this step into Build." if "network" in link.query else None,
    )


def run_link(lesson: Lesson, found: Verdict | None) -> None:
    """The link to the results of the run that a lesson's task is about, if there is one."""
    run_id = found.run_id if found and found.passed else about_run(cache.store(), lesson.check)
    if run_id:
        st.page_link(
            navigation.path("results"),
            label=f"Run {run_id} is the one that counts: look at it",
            icon=":material/fact_check:",
            query_params={"run": str(run_id), "lesson": lesson.name},
        )
