"""The lessons for pages: load, start and resume them, and links to their steps."""

from dataclasses import replace

import streamlit as st

from mnist_core.teaching.lessons import reader
from mnist_core.teaching.lessons.check import Verdict
from mnist_core.teaching.lessons.lesson import Lesson, LessonCatalog, Link
from mnist_core.teaching.lessons.progress import Progress
from ui.session import address, cache, drafts, navigation, selection, state

LANGUAGES = {"en": "English", "de": "Deutsch"}
"""What a language calls itself, by its code, the name of its folder in `lessons`."""

_PREPARED = "lesson_prepared"
_OF_A_RUN = ("results", "look")


def all_lessons() -> LessonCatalog:
    """Return all lessons; files added or changed since the last call are read."""
    pages = frozenset(step.name for step in navigation.STEPS)
    parameters = frozenset(address.PAGE_PARAMETERS)
    chosen = selection.language(reader.languages(reader.FOLDER))
    return reader.read_all(pages, parameters, chosen, reader.FOLDER)


def choose_language() -> None:
    """Draw the choice of the lessons' language, if there is more than one."""
    known = reader.languages(reader.FOLDER)
    if len(known) == 1:
        return
    key = "lesson_language"
    state.put(key, selection.language(known))
    st.segmented_control(
        "Language",
        known,
        required=True,
        format_func=_name_of,
        key=key,
        on_change=lambda: selection.choose_language(state.require(key, str)),
        help="Lessons without a translation are in English, and so is the rest of the app.",
    )


def _name_of(language: str) -> str:
    return LANGUAGES.get(language, language)


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


def link(lesson: Lesson, number: int, at: Progress, verdict: Verdict | None = None) -> Link | None:
    """Return the link of a step, from 1; to a page about one run, with the run that counts.

    None for a step that has none or does not exist. verdict: of the lesson's check, if it is known.
    """
    found = lesson.steps[number - 1].link if 1 <= number <= len(lesson.steps) else None
    if found and found.page in _OF_A_RUN and "run" not in found.query:
        run_id = (verdict or lesson.check.evaluate(cache.store(), at.answer)).run_id
        return replace(found, query=found.query | {"run": str(run_id)}) if run_id else found
    return found


def step_link(
    words: str, lesson: Lesson, number: int, link: Link | None, page: str, back: bool = False
) -> None:
    """Draw a link that opens a step, from 1 on, and its page; disabled where there is no such step.

    link: of the step; a step without one opens on this page, as named in addresses. back: leave
    the network on Build as it is, and draw no attention.
    """
    query = link.query if link else {}
    if back:
        query = {name: query[name] for name in query if name in address.PAGE_PARAMETERS}
    there_is_one = 1 <= number <= len(lesson.steps)
    st.page_link(
        navigation.path(link.page if link else page),
        label=f"**:primary[{words}]**" if there_is_one and not back else words,
        query_params=query | {"lesson": f"{lesson.name}.{number}"},
        disabled=not there_is_one,
        help="Puts this step's network on Build." if "network" in query else None,
    )
