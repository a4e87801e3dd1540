"""The open lesson at the bottom of each page: step, navigation, and the task with its check."""

import streamlit as st

from mnist_core.storage.runs import called
from mnist_core.teaching.lessons import progress
from mnist_core.teaching.lessons.answers import AnswerCheck
from mnist_core.teaching.lessons.check import Verdict
from mnist_core.teaching.lessons.lesson import Lesson, LessonCatalog
from mnist_core.teaching.lessons.progress import Progress
from mnist_core.utils.text import plain_markdown
from ui.session import cache, clock, links, navigation, selection, state
from ui.views.learn import lesson_catalog
from ui.widgets import touch

HEIGHT = 150
"""Pixels of the text, so that no button moves from step to step; a longer text scrolls."""

MOST = 10**9
"""Upper limit of an answer; browsers cannot represent integers beyond 2**53."""

PARTS = ("Read", "Do", "See", "Task")

_PART, _STEP = "lesson_part", "lesson_step_shown"


def show(name: str, page: str) -> None:
    """Draw the lesson of this name. page: the page below it, as named in addresses."""
    catalog = lesson_catalog.all_lessons()
    lesson = catalog.find(name)
    if lesson is None:
        _absent(name, catalog)
        return
    store = cache.own_store()  # progress is personal, also in a class workspace
    if step := selection.take_lesson_step():
        progress.open_step(store, name, step)
    elif progress.load(store, name) is None:  # opened by a teacher's link
        progress.begin(store, name)
    lesson_catalog.prepare_once(lesson)
    later = catalog.lessons[catalog.lessons.index(lesson) + 1 :]
    _bar(lesson, page or "home", later[0] if later else None)


def _absent(name: str, catalog: LessonCatalog) -> None:
    if name in catalog.broken:
        words = f"This lesson cannot be read: {plain_markdown(str(catalog.broken[name]))}."
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
def _bar(lesson: Lesson, page: str, following: Lesson | None) -> None:
    """Draw the bar as a fragment: another part of the step does not rerun the page."""
    at = progress.load(cache.own_store(), lesson.name) or Progress(lesson.name)
    number = lesson_catalog.open_step(lesson, at)
    opened = state.get(_STEP) != (lesson.name, number)
    if opened:
        state.put(_STEP, (lesson.name, number))
        state.put(_PART, "Read")
    found = _verdict(lesson, at, opened)
    passed = bool(at.passed_at or (found and found.passed))
    with st.container(border=True, gap="xsmall", key="lesson"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            icon, ending = ("check_circle", " · passed") if passed else ("school", "")
            st.markdown(
                f":material/{icon}: **{lesson.title}**{ending}  \nStep {number} of "
                f"{len(lesson.steps)}: {lesson.steps[number - 1].title}",
                width="stretch",
            )
            _links(lesson, at, found, page, following if passed else None)
            st.segmented_control(
                "Part of the step",
                PARTS,
                key=_PART,
                label_visibility="collapsed",
                persist_state="session",
            )
            _close_button()
        if isinstance(part := state.get(_PART), str):
            with st.container(height=HEIGHT, border=False, gap="xsmall"):
                if part == "Task":
                    _task(lesson, at, found)
                else:
                    _text(lesson, number, part)


def _links(
    lesson: Lesson, at: Progress, found: Verdict | None, page: str, following: Lesson | None
) -> None:
    """Draw the links to the page of the step, if another is open, and to the steps around it.

    following: the next lesson, on offer after the last step.
    """
    number = lesson_catalog.open_step(lesson, at)
    before, here, after = (
        lesson_catalog.link(lesson, step, at, found) for step in (number - 1, number, number + 1)
    )
    if here and not (here.page == page and links.is_open(here.query)):
        lesson_catalog.step_link(here.words, lesson, number, here, page)
    lesson_catalog.step_link("Back", lesson, number - 1, before, page, back=True)
    if number < len(lesson.steps) or following is None:
        lesson_catalog.step_link("Next", lesson, number + 1, after, page)
        return
    begun = progress.load(cache.own_store(), following.name) or Progress(following.name)
    number = lesson_catalog.open_step(following, begun)
    link = lesson_catalog.link(following, number, begun)
    lesson_catalog.step_link(f"Next lesson: {following.title}", following, number, link, page)


def _verdict(lesson: Lesson, at: Progress, opened: bool) -> Verdict | None:
    """Return the check of the task where it is shown or can have changed; celebrate a pass.

    opened: whether this step has just been opened; then its text stays open, even if an earlier run
    passes the task.
    """
    unanswered = isinstance(lesson.check, AnswerCheck) and not at.answer
    if (at.passed_at or unanswered) and state.get(_PART) != "Task":
        return None
    found = lesson.check.evaluate(cache.store(), at.answer)
    if found.passed and not at.passed_at:
        progress.mark_passed(cache.own_store(), lesson.name, found.run_id)
        if not opened:
            state.put(_PART, "Task")
        st.toast(f"**{lesson.title}**: passed!", icon=":material/celebration:")
        if touch.likes_motion():
            st.balloons()
    return found


def _text(lesson: Lesson, number: int, part: str) -> None:
    """Draw one part of the step; all three at once would leave no room for the page."""
    step = lesson.steps[number - 1]
    if part == "Read" and number == 1:
        st.markdown(lesson.introduction)
    st.markdown({"Read": step.read, "Do": step.do, "See": step.see}[part])
    if part == "Do" and lesson.start:
        _prepare_button(lesson)


def _prepare_button(lesson: Lesson) -> None:
    words = "Puts this lesson's network and settings on Build again."
    if st.button("Prepared network", type="tertiary", key="lesson_prepare", help=words):
        lesson_catalog.prepare(lesson)
        st.toast("This lesson's network is now on Build.", icon=":material/layers:")
        st.rerun()


def _task(lesson: Lesson, at: Progress, found: Verdict | None) -> None:
    """Draw the task, the answer box if it asks for an answer, and the result of its check."""
    st.markdown(lesson.task)
    place = st.container()
    if isinstance(lesson.check, AnswerCheck):
        answer, place = st.columns([1, 2], vertical_alignment="bottom")
        with answer:
            _answer_box(lesson, at)
    with place:
        if found and found.passed:
            st.success(f"Passed. {found.words}", icon=":material/check_circle:")
        elif at.passed_at:
            st.success(f"Passed on {clock.day(at.passed_at)}.", icon=":material/check_circle:")
        elif found:
            st.info(found.words, icon=":material/pending:")
    if found and found.run_id:
        _run_link(lesson, found.run_id)


def _answer_box(lesson: Lesson, at: Progress) -> None:
    """Draw the box for an integer answer, which is stored as text when it changes."""
    key = state.key("lesson_answer", lesson.name)

    def save() -> None:
        typed: int | None = state.get(key, None)
        progress.save_answer(cache.own_store(), lesson.name, "" if typed is None else str(typed))

    st.number_input(
        "Your answer, a whole number",
        0,
        MOST,
        int(at.answer) if at.answer.isdecimal() and int(at.answer) <= MOST else None,
        step=1,
        key=key,
        on_change=save,
        placeholder="Type it and press Enter",
    )


def _run_link(lesson: Lesson, run_id: int) -> None:
    run = cache.store().run(run_id)
    st.page_link(
        navigation.path("results"),
        label=f"See {called(run)} from {clock.moment(run.created_at)}, which counts for this task",
        icon=":material/fact_check:",
        query_params={"run": str(run_id), "lesson": lesson.name},
    )
