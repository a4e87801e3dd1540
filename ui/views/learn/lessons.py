"""The tab Lessons: all lessons in order with their progress, and files that cannot be read."""

import streamlit as st

from mnist_core.teaching.lessons import progress
from mnist_core.teaching.lessons.lesson import Lesson
from mnist_core.teaching.lessons.progress import Progress
from mnist_core.utils.text import plain_markdown
from ui.session import cache, selection, state
from ui.views.learn import lesson_catalog, students


def show() -> None:
    """Draw the tab into the current container."""
    catalog, begun = lesson_catalog.all_lessons(), progress.load_all(cache.own_store())
    st.write(
        "Each lesson leads you through the app in steps: read, do, see. The app checks its task "
        "against your own runs. An open lesson stays at the bottom of every page. To hide its "
        "text, click the selected part (**Read**, **Do**, **See** or **Task**) again."
    )
    st.caption("Your progress is stored with your runs in this app's database.")
    lesson_catalog.choose_language()
    students.ask()
    for lesson in catalog.lessons:
        _one(lesson, begun.get(lesson.name), lesson.name in catalog.untranslated)
    if not catalog.lessons and not catalog.broken:
        st.info("There are no lessons yet: add a file to the folder `lessons/en`.")
    for error in catalog.broken.values():
        words = f"A lesson cannot be read: {plain_markdown(str(error))}."
        st.warning(words, icon=":material/draft:")


def _one(lesson: Lesson, at: Progress | None, untranslated: bool) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            tick = ":material/check_circle: " if at and at.passed_at else ""
            title = f"## {tick}{lesson.order}. {lesson.title}"
            st.markdown(title, anchors=False, width="stretch")
            _open_link(lesson, at)
        st.markdown(lesson.about)
        note = f" · course {lesson.note.replace('-', ' ')}" if lesson.note else ""
        where = _progress(lesson, at)
        language = " · in English" if untranslated else ""
        st.caption(f":material/schedule: {lesson.minutes} minutes{note}{language} · {where}")
        key = state.key("learn_lesson", lesson.name)
        box = st.expander("Introduction, task and steps", key=key, on_change="rerun")
        if box.open:
            with box:
                _inside(lesson)


def _open_link(lesson: Lesson, at: Progress | None) -> None:
    """Draw the link to the open step and its page; to the first step of a lesson that is passed."""
    begun = at or Progress(lesson.name)
    number = 1 if begun.passed_at else lesson_catalog.open_step(lesson, begun)
    words = "Open again" if begun.passed_at else "Resume" if at else "Start"
    link = lesson_catalog.link(lesson, number, begun)
    lesson_catalog.step_link(words, lesson, number, link, "learn")


def _progress(lesson: Lesson, at: Progress | None) -> str:
    if at is None:
        return f"{len(lesson.steps)} steps"
    where = f"step {lesson_catalog.open_step(lesson, at)} of {len(lesson.steps)}"
    if selection.lesson() == lesson.name:
        where = "open at the bottom of every page"
    return f"{where} · :material/check_circle: passed" if at.passed_at else where


def _inside(lesson: Lesson) -> None:
    """Draw the whole text of a lesson, for a teacher to read beforehand."""
    st.markdown(lesson.introduction)
    st.markdown(f":material/flag: **Task:** {lesson.task}")
    steps = [f"{number}. {step.title}" for number, step in enumerate(lesson.steps, start=1)]
    st.markdown("\n".join(steps))
