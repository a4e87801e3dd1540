"""Who of a class passed which lesson: a student gives a name, and the teacher sees a table."""

import pandas as pd
import streamlit as st

from mnist_core.evaluation.tables import to_csv
from mnist_core.storage.classes import NAME_LENGTH
from mnist_core.teaching.lessons import students
from mnist_core.teaching.lessons.students import Student
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import plain_markdown, plural
from ui.session import cache, clock, state, visitor
from ui.views.learn import lesson_catalog
from ui.widgets import messages, touch

CONSENT = (
    "If you enter your name, your teacher sees which lessons you have passed and when, including "
    "earlier ones. So does anyone else with this class's long link."
)
TAKE_BACK = "You can remove your name at any time, which deletes it."
UNTIL_RELOAD = (
    "You can remove your name only until you reload or close this page. Your browser "
    "stores nothing for this app, so the app will not recognize you afterward. Your teacher can "
    "delete all names at any time."
)
NOBODY = "No one has entered a name yet. Students can enter one on **Learn**, under **Lessons**."
_NAME, _SURE = "learn_student_name", "learn_students_sure"


def ask() -> None:
    """Draw, in the workspace of a class, the place for a student's name; nothing elsewhere."""
    if not visitor.in_class():
        return
    given = students.name_of(cache.store())
    state.setdefault(_NAME, given)
    with st.container(border=True):
        if refused := state.take_error():
            messages.show_error(refused)
        st.write(f"{CONSENT} {TAKE_BACK if visitor.is_remembered() else UNTIL_RELOAD}")
        with (
            st.form("learn_student", border=False),  # Enter shares the name
            st.container(horizontal=True, vertical_alignment="bottom"),
        ):
            st.text_input("Your name", key=_NAME, max_chars=NAME_LENGTH, width=280)
            words = "Change my name" if given else "Share my name"
            st.form_submit_button(words, key="learn_student_give", on_click=_give)
            if given:
                forget, key = "Remove my name", "learn_student_forget"
                st.form_submit_button(forget, key=key, on_click=_take_back)
        if given:
            end = "" if given.endswith(".") else "."
            st.caption(
                f":material/visibility: Your teacher sees you as **{plain_markdown(given)}**{end}"
            )


def _give(name: str | None = None) -> None:
    try:
        students.give_name(cache.store(), state.get(_NAME, "") if name is None else name)
    except MnistError as error:
        state.keep_error(error)
    else:
        state.pop(_NAME)


def _take_back() -> None:
    _give("")


def show_passed() -> None:
    """Draw, for anyone who has the long link of a class, who passed which lesson."""
    named = students.students(cache.store())
    if not named:
        st.info(NOBODY, icon=":material/info:")
        return
    table = passed_table(named)
    lessons = table.columns[2:]
    touch.room_above_table()
    st.dataframe(
        table,
        hide_index=True,
        column_config={"Name": st.column_config.TextColumn(pinned=True)}
        | {title: st.column_config.DatetimeColumn(format="MMM D, HH:mm") for title in lessons},
        placeholder="–",
        alt=f"Table of {plural(len(named), 'student')} with the lessons they have passed",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "lessons-passed.csv",
            lambda: to_csv(table),
            "lessons-passed.csv",
            icon=":material/download:",
            on_click="ignore",
            key="learn_students_csv",
        )
        sure = st.checkbox("Delete all names permanently", key=_SURE)
        st.button(
            f"Delete {plural(len(named), 'name')}",
            icon=":material/delete:",
            disabled=not sure,
            on_click=_forget_all,
            key="learn_students_delete",
        )


def passed_table(named: list[Student]) -> pd.DataFrame:
    """Return a row per student: name, number of lessons passed, and the local time of each."""
    lessons = lesson_catalog.all_lessons().lessons
    times = pd.DataFrame(
        {
            f"{lesson.order}. {lesson.title}": pd.Series(
                [_local(student, lesson.name) for student in named], dtype="datetime64[s]"
            )
            for lesson in lessons
        }
    )
    times.insert(0, "Passed", times.notna().sum(axis=1))
    times.insert(0, "Name", [student.name for student in named])
    return times


def _local(student: Student, lesson: str) -> pd.Timestamp | None:
    """Return when a student passed a lesson, by the browser's clock; None before that."""
    at = student.passed.get(lesson)
    return pd.Timestamp(clock.local(at).replace(tzinfo=None, microsecond=0)) if at else None


def _forget_all() -> None:
    try:
        students.forget_all(cache.store())
    except MnistError as error:
        state.keep_error(error)
    state.put(_SURE, False)
