"""The open lesson at the top of each page: step, navigation, and the task with its check."""

from datetime import datetime
from typing import Literal

import streamlit as st

from mnist_core.teaching.lessons import progress, progress_checks
from mnist_core.teaching.lessons.checks import Answer
from mnist_core.teaching.lessons.lesson import Lesson, LessonCatalog, Link
from mnist_core.teaching.lessons.progress import Progress
from mnist_core.teaching.lessons.verdict import Verdict
from mnist_core.utils.text import plain_markdown
from ui.session import cache, links, selection, state
from ui.views.learn import lesson_catalog

MOST = 10**9
"""Upper limit of an answer; browsers cannot represent integers beyond 2**53."""

_OPEN, _WAS_OPEN, _PART = "lesson_strip", "lesson_strip_was", "lesson_part"
_STEP, _REACHED = "lesson_step_shown", "lesson_step_reached"


def show(name: str, page: str) -> None:
    """Draw the lesson of this name. page: the page below it, as named in addresses."""
    shelf = lesson_catalog.all_lessons()
    lesson = shelf.find(name)
    if lesson is None:
        _absent(name, shelf)
        return
    store = cache.own_store()  # progress is personal, also in a class workspace
    if progress.load(store, name) is None:  # opened by a teacher's link
        progress.begin(store, name)
    lesson_catalog.prepare_once(lesson)
    _strip(lesson, page or "home", lesson_catalog.next_lesson(lesson, shelf))


def _absent(name: str, shelf: LessonCatalog) -> None:
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
    if st.button("Close", type="tertiary", key="lesson_close", help="Close the lesson"):
        selection.open_lesson(None)
        st.rerun()


@st.fragment
def _strip(lesson: Lesson, page: str, following: Lesson | None) -> None:
    """Draw the banner as a fragment, so that moving between steps does not rerun the page."""
    at = progress.load(cache.own_store(), lesson.name) or Progress(lesson.name)
    number = lesson_catalog.open_step(lesson, at)
    found = _verdict(lesson, at, number)
    passed = at.passed_at or (found and found.passed)
    tick = ":material/check_circle: " if passed else ""
    box = st.expander(
        f"{tick}**{lesson.title}** · Step {number} of {len(lesson.steps)}: "
        f"{lesson.steps[number - 1].title}{' · passed' if passed else ''}",
        expanded=state.get(_WAS_OPEN, True),
        key=_OPEN,
        icon=":material/school:",
        on_change="rerun",
    )
    state.put(_WAS_OPEN, box.open)
    if box.open:
        with box, st.container(gap="xsmall"):
            link = lesson_catalog.link(lesson, number)
            reached = _reached((lesson.name, number), link, page)
            _ways(lesson, number, link, reached, following if passed else None)
            _body(lesson, number)
            if number == len(lesson.steps):
                _task(lesson, at, found)
                if link is None or link.page != "results":
                    lesson_catalog.run_link(lesson, found)
            elif passed:
                st.caption(f":material/check_circle: **Passed.** {lesson.task}")
            else:
                st.caption(f":material/flag: **Task:** {lesson.task}")


def _verdict(lesson: Lesson, at: Progress, number: int) -> Verdict | None:
    """Return the check of the task where it can have changed: a pass counts at each step."""
    last = number == len(lesson.steps)
    if not last and (at.passed_at or (isinstance(lesson.check, Answer) and not at.answer)):
        return None
    found = progress_checks.check_task(cache.store(), lesson, at.answer)
    if found.passed and not at.passed_at:
        progress.mark_passed(cache.own_store(), lesson.name, found.run_id)
    return found


def _reached(shown: tuple[str, int], link: Link | None, page: str) -> bool:
    """Return whether the page of the step is open; on arrival the part Do is shown, else Read.

    shown: name of the lesson and number of the step.
    """
    before = state.get(_REACHED) == shown
    reached = link is None or (link.page == page and (before or links.is_open(link.query)))
    if state.get(_STEP) != shown:
        state.put(_STEP, shown)
        state.put(_PART, "Read")
    elif reached and not before:
        state.put(_PART, "Do")
    if reached:
        state.put(_REACHED, shown)
    return reached


def _body(lesson: Lesson, number: int) -> None:
    """Draw one part of the step; all three at once would leave no room for the page."""
    step = lesson.steps[number - 1]
    part = state.get(_PART, "Read")
    if part == "Read" and number == 1:
        st.markdown(lesson.introduction)
    st.markdown({"Read": step.read, "Do": step.do, "See": step.see}[part])


def _ways(
    lesson: Lesson, number: int, link: Link | None, reached: bool, following: Lesson | None
) -> None:
    """Draw the navigation: parts of the step, link to its page, Back, Next, reset, and Close.

    The link is highlighted until its page is reached, then Next. following: the next lesson, on
    offer once this one is passed.
    """
    last = number == len(lesson.steps)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.segmented_control(
            "Part of the step",
            ["Read", "Do", "See"],
            required=True,
            key=_PART,
            label_visibility="collapsed",
            persist_state="session",
        )
        if link and not reached:
            lesson_catalog.page_link(lesson, link, leads=True)
        _move("Back", "arrow_back", lesson, number - 1, "secondary")
        if last and following:
            _go_on(following)
        else:
            _move(
                "Next", "arrow_forward", lesson, number + 1, "primary" if reached else "secondary"
            )
        if link and reached and not links.is_open(link.query):
            lesson_catalog.page_link(lesson, link)
        st.space("stretch")
        again = lesson.start and st.button(
            "Prepared network",
            type="tertiary",
            key="lesson_prepare",
            help="Puts the network and the settings of this lesson into Build again.",
        )
        if again:
            lesson_catalog.prepare(lesson)
            st.rerun()
        _close_button()


def _move(
    label: str, icon: str, lesson: Lesson, to: int, kind: Literal["primary", "secondary"]
) -> None:
    st.button(
        label,
        icon=f":material/{icon}:",
        key=state.key("lesson", label.lower()),
        type=kind,
        disabled=not 1 <= to <= len(lesson.steps),
        on_click=progress.open_step,
        args=(cache.own_store(), lesson.name, to),
    )


def _go_on(following: Lesson) -> None:
    label = f"Next lesson: {following.title}"
    if st.button(label, icon=":material/school:", key="lesson_following", type="primary"):
        lesson_catalog.resume(following)
        st.rerun()


def _task(lesson: Lesson, at: Progress, found: Verdict | None) -> None:
    """Draw the task, the answer box if it asks for an answer, and the result of its check."""
    st.caption(f":material/flag: **Task:** {lesson.task}")
    place = st.container()
    if isinstance(lesson.check, Answer):
        answer, place = st.columns([1, 2], vertical_alignment="bottom")
        with answer:
            _answer(lesson, at)
    with place:
        _standing(at, found)


def _standing(at: Progress, found: Verdict | None) -> None:
    if found and found.passed:
        st.success(f"Passed. {found.words}", icon=":material/check_circle:")
    elif at.passed_at:
        st.success(f"Passed on {_day(at.passed_at)}.", icon=":material/check_circle:")
    elif found:
        st.info(found.words, icon=":material/pending:")


def _answer(lesson: Lesson, at: Progress) -> None:
    """Draw the box for an integer answer, which is stored as text when it changes."""
    key = state.key("lesson_answer", lesson.name)

    def keep() -> None:
        typed: int | None = state.get(key, None)
        progress.save_answer(cache.own_store(), lesson.name, "" if typed is None else str(typed))

    st.number_input(
        "Your answer, a whole number",
        0,
        MOST,
        int(at.answer) if at.answer.isdecimal() and int(at.answer) <= MOST else None,
        step=1,
        key=key,
        on_change=keep,
        placeholder="Type it and press Enter",
    )


def _day(when: datetime) -> str:
    return f"{when:%d %B %Y}".lstrip("0")
