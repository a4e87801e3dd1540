"""The open lesson at the top of every page: its step, the way on, and the task with its check."""

from datetime import datetime

import streamlit as st

from mnist_core.lessons import judge, progress
from mnist_core.lessons.checks import Answer
from mnist_core.lessons.lesson import Lesson, Shelf, Step
from mnist_core.lessons.progress import Progress
from mnist_core.words import plain_markdown
from ui import cache, state, touch
from ui.learn import lesson_shelf

MOST = 10**9
"""No answer is larger, and beyond 2**53 a browser cannot count."""

_OPEN, _WAS_OPEN = "lesson_strip", "lesson_strip_was"


def show(name: str, page: str) -> None:
    """The lesson of this name, in the current container. page: the one below, as in addresses."""
    shelf = lesson_shelf.shelf()
    lesson = shelf.find(name)
    if lesson is None:
        _absent(name, shelf)
        return
    store = cache.store()
    if progress.of(store, name) is None:  # opened by a link
        progress.begin(store, name)
    lesson_shelf.prepare_once(lesson)
    _strip(lesson, page or "home")


def _absent(name: str, shelf: Shelf) -> None:
    broken = next((error for error in shelf.broken if error.file == f"{name}.md"), None)
    if broken:
        words = f"This lesson cannot be read: {plain_markdown(str(broken))}."
    else:
        words = (
            f"There is no lesson called “{plain_markdown(name[:40])}”. Choose another one on the "
            "page Learn, under Lessons."
        )
    st.warning(words, icon=":material/school:")
    _close_button()


def _close_button() -> None:
    if st.button("Close the lesson", icon=":material/close:", key="lesson_close"):
        state.open_lesson(None)
        st.rerun()


@st.fragment
def _strip(lesson: Lesson, page: str) -> None:
    """All of it reruns by itself, so that a step back or on costs the page nothing."""
    at = progress.of(cache.store(), lesson.name) or Progress(lesson.name)
    number = lesson_shelf.place(lesson, at)
    step = lesson.steps[number - 1]
    done = " · passed" if at.passed_at else ""
    box = st.expander(
        f"**{lesson.title}** · Step {number} of {len(lesson.steps)}: {step.title}{done}",
        expanded=state.value(_WAS_OPEN, True),
        key=_OPEN,
        icon=":material/school:",
        on_change="rerun",
    )
    state.keep(_WAS_OPEN, box.open)
    if box.open:
        with box:
            _body(lesson, step)
            if number == len(lesson.steps):
                _task(lesson, at)
            else:
                st.caption(f":material/flag: **Task:** {lesson.task}")
            _ways(lesson, number, page)


def _body(lesson: Lesson, step: Step) -> None:
    """Read, do, see: side by side, on a phone one at a time."""
    parts = {
        ":material/menu_book: Read": step.read,
        ":material/touch_app: Do": step.do,
        ":material/visibility: See": step.see,
    }
    if touch.on_phone():
        places = st.tabs(list(parts), key=f"lesson_parts_{lesson.name}_{step.title}")
    else:
        least = min(map(len, parts.values()))  # the longest text is twice as wide at most
        places = st.columns([min(len(text) / least, 2) for text in parts.values()], gap="medium")
    for place, (name, text) in zip(places, parts.items(), strict=True):
        with place:
            if not touch.on_phone():
                st.markdown(f"**{name}**")
            st.markdown(text)


def _ways(lesson: Lesson, number: int, page: str) -> None:
    """Back and on, to the step's page, the prepared network again, and out."""
    store, link = cache.store(), lesson.steps[number - 1].link
    with st.container(horizontal=True, vertical_alignment="center"):
        for label, icon, to, possible in (
            ("Back", "arrow_back", number - 1, number > 1),
            ("Next", "arrow_forward", number + 1, number < len(lesson.steps)),
        ):
            st.button(
                label,
                icon=f":material/{icon}:",
                key=f"lesson_{label.lower()}",
                type="primary" if label == "Next" else "secondary",
                disabled=not possible,
                on_click=progress.to_step,
                args=(store, lesson.name, to),
            )
        if link and (link.page != page or link.query):
            lesson_shelf.page_link(lesson, number)
        st.space("stretch")
        again = lesson.start and st.button(
            "Prepared network",
            icon=":material/restart_alt:",
            key="lesson_prepare",
            help="Puts the network and the settings of this lesson into Build again.",
        )
        if again:
            lesson_shelf.prepare(lesson)
            st.rerun()
        _close_button()


def _task(lesson: Lesson, at: Progress) -> None:
    """The task, the box for an answer if it asks for one, and how it stands."""
    st.markdown(f":material/flag: **Task:** {lesson.task}")
    store, answer = cache.store(), at.answer
    if isinstance(lesson.check, Answer):
        answer = _answer(lesson, at)
    verdict = judge.judge(store, lesson, answer)
    if verdict.passed and not at.passed_at:
        progress.passed(store, lesson.name, verdict.run_id)
    if verdict.passed:
        st.success(f"Passed. {verdict.words}", icon=":material/check_circle:")
    elif at.passed_at:
        st.success(f"Passed on {_day(at.passed_at)}.", icon=":material/check_circle:")
    else:
        st.info(verdict.words, icon=":material/pending:")


def _answer(lesson: Lesson, at: Progress) -> str:
    """The whole number in the box, as text; it is kept when it changes."""
    typed = st.number_input(
        "Your answer, a whole number",
        0,
        MOST,
        int(at.answer) if at.answer.isdecimal() and int(at.answer) <= MOST else None,
        step=1,
        key=f"lesson_answer_{lesson.name}",
        placeholder="Type it and press Enter",
        width=280,
    )
    answer = "" if typed is None else str(typed)
    if answer != at.answer:
        progress.answered(cache.store(), lesson.name, answer)
    return answer


def _day(when: datetime) -> str:
    return f"{when:%d %B %Y}".lstrip("0")
