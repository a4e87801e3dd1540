"""The lessons for pages: load, start and resume them, and links to their steps."""

from dataclasses import replace

import streamlit as st

from mnist_core.teaching.lessons import progress, reader
from mnist_core.teaching.lessons.check import Verdict
from mnist_core.teaching.lessons.lesson import Lesson, LessonCatalog, Link
from mnist_core.teaching.lessons.progress import Progress
from ui.session import address, cache, drafts, navigation, selection, state

_PREPARED = "lesson_prepared"
_OF_A_RUN = ("results", "look")


def all_lessons() -> LessonCatalog:
    """Return all lessons; files added or changed since the last call are read."""
    pages = frozenset(step.name for step in navigation.STEPS)
    return reader.read_all(pages, frozenset(address.PAGE_PARAMETERS), reader.FOLDER)


def start(lesson: Lesson) -> None:
    """Start a lesson at its first step, with its prepared network on Build."""
    progress.open_step(cache.own_store(), lesson.name, 1)
    prepare(lesson)
    selection.open_lesson(lesson.name)


def prepare(lesson: Lesson) -> None:
    """Put the lesson's prepared network and settings on Build, if it has any."""
    state.put(_PREPARED, lesson.name)
    if lesson.start:
        drafts.current().take(lesson.start)
        if address.has_network():  # it would bring back another network at the next refresh
            drafts.write_link(lesson.start)


def prepare_once(lesson: Lesson) -> None:
    """Prepare a lesson once per session, unless the address has a network."""
    if state.get(_PREPARED) == lesson.name:
        return
    if address.has_network():
        state.put(_PREPARED, lesson.name)
    else:
        prepare(lesson)


def open_step(lesson: Lesson, at: Progress) -> int:
    """Return the open step, from 1; the file may have fewer steps than before."""
    return min(max(at.step, 1), len(lesson.steps))


def resume(lesson: Lesson) -> None:
    """Resume a lesson at its open step, or start it."""
    if progress.load(cache.own_store(), lesson.name):
        selection.open_lesson(lesson.name)
    else:
        start(lesson)


def link(lesson: Lesson, at: Progress, verdict: Verdict | None = None) -> Link | None:
    """Return the link of the open step; to a page about one run, with the run that counts.

    verdict: of the lesson's check, if it is known.
    """
    found = lesson.steps[open_step(lesson, at) - 1].link
    if found and found.page in _OF_A_RUN and "run" not in found.query:
        run_id = (verdict or lesson.check.evaluate(cache.store(), at.answer)).run_id
        return replace(found, query=found.query | {"run": str(run_id)}) if run_id else found
    return found


def page_link(lesson: Lesson, link: Link, highlight: bool = False) -> None:
    """Draw the link to the page of a step, on which the lesson stays open.

    highlight: draw attention to the link, since it is the next thing to do.
    """
    st.page_link(
        navigation.path(link.page),
        label=f"**:primary[{link.words}]**" if highlight else link.words,
        icon=next(step.icon for step in navigation.STEPS if step.name == link.page),
        query_params=link.query | {"lesson": lesson.name},
        help="Puts the network of this step into Build." if "network" in link.query else None,
    )
