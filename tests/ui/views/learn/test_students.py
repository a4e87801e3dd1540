"""A student's name in a class, and the teacher's table of who passed which lesson."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from mnist_core.evaluation.tables import to_csv
from mnist_core.storage import classes
from mnist_core.storage.runs import Store
from mnist_core.storage.workspaces import new_class_token, new_token, workspace_of
from mnist_core.teaching.lessons import progress, students
from mnist_core.teaching.lessons.students import Student
from tests.helpers import checked, words
from ui.session import visitor
from ui.views.learn.students import passed_table

TEACHERS = {"learn_tab": "For teachers"}
LESSONS = {"learn_tab": "Lessons"}


@pytest.fixture
def browser(hosted, monkeypatch):
    """browser(): from here on another visitor of a hosted server; the workspace of that one."""
    hosted()

    def come() -> str:
        token = new_token()
        monkeypatch.setattr(visitor, "cookie", lambda: token)
        return workspace_of(token)

    return come


def test_a_student_gives_a_name_and_takes_it_back_and_the_teacher_sees_it(page, browser):
    token = new_class_token()
    shared = Store(workspace_of(token))
    code = classes.make_code(shared)
    own = browser()
    progress.mark_passed(Store(own), "first-network", None)
    at = checked(page("learn", workspace=code, **LESSONS))
    assert "Your teacher sees you" not in words(at)
    assert students.students(shared) == []
    at.text_input("learn_student_name").set_value("Anna *K*")
    checked(at.button("learn_student_give").click().run())
    assert r"Your teacher sees you as **Anna \*K\***" in words(at)
    browser()
    teacher = checked(page("learn", workspace=token, **TEACHERS))
    table = teacher.dataframe[0].value
    assert list(table["Name"]) == ["Anna *K*"]
    assert list(table["Passed"]) == [1]
    assert table.iloc[0].notna().sum() == 3
    checked(at.button("learn_student_forget").click().run())
    assert "Your teacher sees you" not in words(at)
    assert at.text_input("learn_student_name").value == ""
    assert students.students(shared) == []
    assert not checked(teacher.run()).dataframe


def test_a_promise_to_take_a_name_back_is_only_made_where_it_can_be_kept(page, browser, hosted):
    """Without a cookie, the browser that reloads a class's page is another visitor."""
    token = new_class_token()
    hosted()

    def reloaded():
        return checked(page("learn", workspace=token, **LESSONS))

    def name(at):
        return at.text_input("learn_student_name").value

    at = reloaded()
    at.text_input("learn_student_name").set_value("Anna")
    checked(at.button("learn_student_give").click().run())
    assert name(at) == "Anna"
    assert name(reloaded()) == ""
    assert "remove your name at any time" not in words(at)
    assert "only until you reload" in words(at)
    browser()
    at = reloaded()
    at.text_input("learn_student_name").set_value("Ben")
    checked(at.button("learn_student_give").click().run())
    assert name(reloaded()) == "Ben"
    assert "remove your name at any time" in words(at)
    assert "only until you reload" not in words(at)


def test_whoever_came_by_the_short_link_sees_no_names(page, browser):
    token = new_class_token()
    shared = Store(workspace_of(token), visitor="anna")
    students.give_name(shared, "Anna")
    browser()
    at = checked(page("learn", workspace=classes.make_code(shared), **TEACHERS))
    assert not at.dataframe
    assert not at.expander
    teacher = checked(page("learn", workspace=token, **TEACHERS))
    assert [box.label for box in teacher.expander] == ["Who passed which lesson"]
    assert list(teacher.dataframe[0].value["Name"]) == ["Anna"]


def test_a_teacher_deletes_all_names(page, browser):
    token = new_class_token()
    shared = Store(workspace_of(token), visitor="anna")
    students.give_name(shared, "Anna")
    browser()
    at = checked(page("learn", workspace=token, **TEACHERS))
    assert at.button("learn_students_delete").disabled
    checked(at.checkbox("learn_students_sure").set_value(True).run())
    checked(at.button("learn_students_delete").click().run())
    assert students.students(shared) == []
    assert "No one has entered a name yet" in words(at)


def test_nobody_is_asked_for_a_name_outside_of_a_class(page, browser):
    browser()
    assert not checked(page("learn", **LESSONS)).text_input


def test_nobody_is_asked_for_a_name_alone_on_a_laptop(page):
    assert not checked(page("learn", **LESSONS)).text_input


def test_a_name_is_no_formula_in_a_spreadsheet():
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    table = passed_table([Student("=1+1", {"first-network": noon}), Student("Ben")])
    assert list(table["Passed"]) == [1, 0]
    (column,) = [name for name in table.columns[2:] if table[name].notna().any()]
    assert table.loc[0, column] == pd.Timestamp("2026-07-01 12:00")
    lines = to_csv(table).splitlines()
    assert [line.split(",")[0] for line in lines] == ["Name", "'=1+1", "Ben"]
    assert "2026-07-01 12:00:00" in lines[1]
    assert set(lines[2].split(",")[2:]) == {""}
