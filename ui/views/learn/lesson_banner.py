"""The open lesson at the top of each page: step, navigation, and the task with its check."""

from typing import Literal

import streamlit as st

from mnist_core.storage.runs import called
from mnist_core.teaching.lessons import progress
from mnist_core.teaching.lessons.answers import AnswerCheck
from mnist_core.teaching.lessons.check import Verdict
from mnist_core.teaching.lessons.lesson import Lesson, LessonCatalog, Link
from mnist_core.teaching.lessons.progress import Progress
from mnist_core.utils.text import plain_markdown
from ui.session import cache, clock, links, navigation, selection, state
from ui.views.learn import lesson_catalog

MOST = 10**9
"""Upper limit of an answer; browsers cannot represent integers beyond 2**53."""

_OPEN, _WAS_OPEN, _PART = "lesson_strip", "lesson_strip_was", "lesson_part"
_STEP, _REACHED = "lesson_step_shown", "lesson_step_reached"


def show(name: str, page: str) -> None:
    """Draw the lesson of this name. page: the page below it, as named in addresses."""
    catalog = lesson_catalog.all_lessons()
    lesson = catalog.find(name)
    if lesson is None:
        _absent(name, catalog)
        return
    store = cache.own_store()  # progress is personal, also in a class workspace
    if progress.load(store, name) is None:  # opened by a teacher's link
        progress.begin(store, name)
    lesson_catalog.prepare_once(lesson)
    later = catalog.lessons[catalog.lessons.index(lesson) + 1 :]
    _banner(lesson, page or "home", later[0] if later else None)


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
def _banner(lesson: Lesson, page: str, following: Lesson | None) -> None:
    """Draw the banner as a fragment, so that moving between steps does not rerun the page."""
    at = progress.load(cache.own_store(), lesson.name) or Progress(lesson.name)
    number = lesson_catalog.open_step(lesson, at)
    found = _verdict(lesson, at, number)
    passed = bool(at.passed_at or (found and found.passed))
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
            link = lesson_catalog.link(lesson, at, found)
            _navigation(lesson, number, link, page, following if passed else None)
            _body(lesson, number)
            if number == len(lesson.steps):
                _task(lesson, at, found)
                if found and found.run_id and (link is None or link.page != "results"):
                    _run_link(lesson, found.run_id)
            elif passed:
                st.caption(f":material/check_circle: **Passed.** {lesson.task}")
            else:
                st.caption(f":material/flag: **Task:** {lesson.task}")


def _verdict(lesson: Lesson, at: Progress, number: int) -> Verdict | None:
    """Return the check of the task where it can have changed: a pass counts at each step."""
    last = number == len(lesson.steps)
    if not last and (at.passed_at or (isinstance(lesson.check, AnswerCheck) and not at.answer)):
        return None
    found = lesson.check.evaluate(cache.store(), at.answer)
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


def _navigation(
    lesson: Lesson, number: int, link: Link | None, page: str, following: Lesson | None
) -> None:
    """Draw the parts of the step, the link to its page, Back, Next, Prepared network, and Close.

    The link is highlighted until its page is reached, then Next. following: the next lesson, on
    offer at the last step once this one is passed.
    """
    reached = _reached((lesson.name, number), link, page)
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
            lesson_catalog.page_link(lesson, link, highlight=True)
        _move_button("Back", "arrow_back", lesson, number - 1, "secondary")
        if following and number == len(lesson.steps):
            _next_lesson_button(following)
        else:
            emphasis = "primary" if reached else "secondary"
            _move_button("Next", "arrow_forward", lesson, number + 1, emphasis)
        if link and reached and not links.is_open(link.query):
            lesson_catalog.page_link(lesson, link)
        st.space("stretch")
        if lesson.start:
            _prepare_button(lesson)
        _close_button()


def _move_button(
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


def _next_lesson_button(following: Lesson) -> None:
    label = f"Next lesson: {following.title}"
    if st.button(label, icon=":material/school:", key="lesson_following", type="primary"):
        lesson_catalog.resume(following)
        st.rerun()


def _prepare_button(lesson: Lesson) -> None:
    words = "Loads the network and the settings of this lesson into Build again."
    if st.button("Prepared network", type="tertiary", key="lesson_prepare", help=words):
        lesson_catalog.prepare(lesson)
        st.toast("The network of this lesson is in Build.", icon=":material/layers:")
        st.rerun()


def _body(lesson: Lesson, number: int) -> None:
    """Draw one part of the step; all three at once would leave no room for the page."""
    step = lesson.steps[number - 1]
    part = state.get(_PART, "Read")
    if part == "Read" and number == 1:
        st.markdown(lesson.introduction)
    st.markdown({"Read": step.read, "Do": step.do, "See": step.see}[part])


def _task(lesson: Lesson, at: Progress, found: Verdict | None) -> None:
    """Draw the task, the answer box if it asks for an answer, and the result of its check."""
    st.caption(f":material/flag: **Task:** {lesson.task}")
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
        label=f"See {called(run)}, which counts for this task",
        icon=":material/fact_check:",
        query_params={"run": str(run_id), "lesson": lesson.name},
    )
