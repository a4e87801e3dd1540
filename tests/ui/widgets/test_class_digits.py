"""Networks that read a class, beside each other: on Compare and on the leaderboard."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from mnist_core.storage import handwriting
from mnist_core.storage.runs import Store
from tests.helpers import checked, messages, words
from tests.ui.class_digits import fill, learned, learned_from_all


def accuracy_of_the_others(labels: list[int], read: list[int], known: tuple[int, ...]) -> float:
    """The accuracy on the digits of writers who are not known, of five in turn."""
    rows = [row for row in range(len(labels)) if row % 5 + 1 not in known]
    return accuracy_score([labels[row] for row in rows], [read[row] for row in rows])


def test_compare_has_a_column_where_all_are_judged_by_the_same_writers(page, reading):
    labels, read = fill(60, 5)
    run = learned()
    own = run.spec.split.handwriting
    assert own is not None
    example = next(each for each in Store().examples() if each.name == "fast")
    at = checked(page("compare", runs=f"{run.id},{example.id}"))
    assert at.dataframe[0].value["ours"].isna().all()
    at.button("class_digits_read").click().run()
    checked(at)
    found = at.dataframe[0].value.set_index("id")["ours"]
    worse = [(digit + at_row % 2) % 10 for at_row, digit in enumerate(read)]
    expected = [100 * accuracy_of_the_others(labels, each, own.writers) for each in (read, worse)]
    assert found[[run.id, example.id]].tolist() == pytest.approx(expected)
    assert found.isna().sum() == len(found) - 2
    assert reading.asked == [60, 60]
    assert not [b for b in at.button if b.key == "class_digits_read"]
    handwriting.add(Store(), "w0", 1, np.ones((28, 28), np.uint8), b"")
    checked(at.run())
    assert at.dataframe[0].value.set_index("id")["ours"].equals(found)  # by what all have read
    assert at.button("class_digits_read").label == "Read your class's 61 digits with 2 networks"


def test_a_run_that_learned_from_all_writers_leaves_nobody_to_judge(page, reading):
    run = learned_from_all()
    at = checked(page("compare", runs=f"{run.id}"))
    assert "no writer is left for a fair test" in messages(at)


def test_without_handwriting_compare_has_no_such_column(page, reading):
    example = Store().examples()[0]
    at = checked(page("compare", runs=f"{example.id}"))
    assert "ours" not in at.dataframe[0].value
    assert not [b for b in at.button if b.key == "class_digits_read"]


def test_the_board_takes_networks_that_were_fine_tuned(page, reading):
    labels, read = fill(60, 5)
    run = learned()
    own = run.spec.split.handwriting
    assert own is not None
    at = checked(page("learn", learn_tab="Challenges", challenge="reads-us"))
    assert "has not read your class's handwriting yet" in words(at)
    at.button("class_digits_read").click().run()
    checked(at)
    right = accuracy_of_the_others(labels, read, own.writers)
    assert at.dataframe[0].value["Score"].tolist() == [f"{100 * right:.1f}\u00a0% of your digits"]
    assert "run, number 1, is in place 1 of 1" in words(at)
    at.pills(key="learn_challenge").set_value("sixty-seconds").run()
    assert "it was trained on collected handwriting" in words(checked(at))
