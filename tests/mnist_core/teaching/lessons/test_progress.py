"""Progress through lessons in the database."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from mnist_core.storage.runs import Store
from mnist_core.teaching.lessons import progress
from mnist_core.teaching.lessons.progress import Progress


@pytest.mark.both_databases
def test_progress_in_lessons_is_kept_for_a_workspace():
    store = Store()
    assert progress.load(store, "first") is None
    progress.begin(store, "first")
    assert progress.load(store, "first") == Progress("first")
    progress.open_step(store, "first", 3)
    progress.begin(store, "first")
    progress.save_answer(store, "first", "12")
    progress.save_answer(store, "second", "7")
    assert progress.load_all(Store()) == {
        "first": Progress("first", 3, "12"),
        "second": Progress("second", 1, "7"),
    }
    assert progress.load_all(Store("another")) == {}


@pytest.mark.both_databases
def test_the_first_time_a_lesson_is_passed_counts():
    store = Store()
    progress.open_step(store, "first", 2)
    progress.mark_passed(store, "first", 6)
    first = progress.load(store, "first")
    assert first is not None
    assert (first.step, first.passed_run) == (2, 6)
    assert first.passed_at is not None
    progress.mark_passed(store, "first", 7)
    progress.open_step(store, "first", 1)
    assert progress.load(store, "first") == Progress("first", 1, "", first.passed_at, 6)


@pytest.mark.both_databases
def test_two_who_begin_a_lesson_at_once_both_succeed():
    store = Store()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda step: progress.open_step(store, "first", step), range(1, 25)))
    assert list(progress.load_all(store)) == ["first"]
