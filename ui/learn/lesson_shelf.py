"""The lessons as pages have them: all that there are, begun, opened, and their progress."""

import streamlit as st

from mnist_core.lessons import progress, reader
from mnist_core.lessons.lesson import Lesson, Shelf
from mnist_core.lessons.progress import Progress
from ui import cache, registry, state

_PREPARED = "lesson_prepared"


def shelf() -> Shelf:
    """All lessons; a file that was added or changed since is read now."""
    pages = [step.name for step in registry.STEPS]
    return reader.read_all(pages, state.OTHERS, reader.FOLDER)


def begin(lesson: Lesson) -> None:
    """Open a lesson from its first step, with its prepared network in Build."""
    progress.to_step(cache.store(), lesson.name, 1)
    prepare(lesson)
    state.open_lesson(lesson.name)


def prepare(lesson: Lesson) -> None:
    """Put the prepared network and settings into Build, if the lesson has some."""
    state.keep(_PREPARED, lesson.name)
    if lesson.start:
        state.draft().take(lesson.start)


def prepare_once(lesson: Lesson) -> None:
    """The same once a session, unless the address brings a network, as after a refresh of Build."""
    if state.value(_PREPARED) == lesson.name:
        return
    if "network" in st.query_params:
        state.keep(_PREPARED, lesson.name)
    else:
        prepare(lesson)


def place(lesson: Lesson, at: Progress) -> int:
    """The step that is open, from 1; the file may have fewer than it had."""
    return min(max(at.step, 1), len(lesson.steps))


def page_link(lesson: Lesson, number: int) -> None:
    """The link to the page that a step is about; the lesson stays open there."""
    link = lesson.steps[number - 1].link
    if link:
        icon = next(step.icon for step in registry.STEPS if step.name == link.page)
        st.page_link(
            registry.path(link.page),
            label=link.words,
            icon=icon,
            query_params=link.query | {"lesson": lesson.name},
            help="Puts the network of this step into Build." if "network" in link.query else None,
        )
