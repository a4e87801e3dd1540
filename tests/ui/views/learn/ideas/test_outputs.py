"""Ideas on the output: softmax, cross-entropy, labels, and counting; no engine."""

from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.engine import examples
from mnist_core.evaluation.report import Report
from mnist_core.storage.runs import Store
from mnist_core.teaching.concepts import quiz
from tests.helpers import checked, words
from ui.session import cache
from ui.views.learn.ideas.softmax import arithmetic


@pytest.fixture
def opened(page: Callable[..., AppTest]) -> Callable[[str], AppTest]:
    """opened("softmax"): the page Learn on that idea."""

    def open_idea(name: str) -> AppTest:
        return checked(page("learn", learn_tab="Ideas", idea=name))

    return open_idea


def press(at: AppTest, label: str) -> AppTest:
    next(button for button in at.button if button.label == label).click()
    return checked(at.run())


def test_softmax_shows_the_notes_example_and_answers(opened):
    at = opened("softmax")
    assert "0.6590" in words(at)
    assert words(at).count("**Right**") == 3
    at.number_input("idea_softmax_z2").set_value(3.0)
    at.select_slider("idea_softmax_temperature").set_value(2.0)
    checked(at.run())
    raised = np.exp(np.array([2.0, 3.0, 0.1]) / 2)
    assert "p_{2} = \\frac{e^{1.5}}" in words(at)
    assert f"{raised[1] / raised.sum():.4f}" in words(at)


def test_the_exercise_overflows_float32_and_710_float64(opened):
    at = press(opened("softmax"), "Notes' exercise")
    plain32, plain64, stable = (table.value for table in at.table)
    assert plain32["p"].tolist() == ["`nan`", "`0`", "`0`", "`0`", "`0`", "`nan`"]
    assert plain64["p"][0] == stable["p"][0] == "`1`"
    assert words(at).count("Overflow: inf / inf is nan") == 1
    at = press(at, "Beyond float64")
    assert words(at).count("Overflow: inf / inf is nan") == 2
    assert words(at).count("**Right**") == 1


def test_adding_to_all_logits_changes_no_probability(opened):
    at = opened("softmax")
    before = at.table[2].value["p"]
    at.slider("idea_softmax_shift").set_value(1000)
    checked(at.run())
    assert [float(p[1:-1]) for p in at.table[2].value["p"]] == pytest.approx(
        [float(p[1:-1]) for p in before], rel=1e-3
    )
    assert words(at).count("Overflow") == 2


def test_classes_come_and_go(opened):
    at = opened("softmax")
    at.number_input("idea_softmax_count").set_value(10)
    checked(at.run())
    assert len(at.table[0].value) == 11
    at.number_input("idea_softmax_count").set_value(2)
    checked(at.run())
    assert "the other logit" in words(at)
    at.number_input("idea_softmax_z1").set_value(None)
    assert checked(at.run()).info[0].value == "An empty logit counts as 0."


def test_the_arithmetic_is_right_for_small_and_for_huge_logits():
    assert "7.389" in arithmetic(np.array([2.0, 1.0, 0.1]), np.array([0.659, 0.242, 0.099]))
    huge = arithmetic(np.array([710.0, 709.0]), np.array([0.731, 0.269]))
    assert r"\frac{e^{0}}{e^{0} + e^{-1}} = \frac{1}{1.3679}" in huge


def test_cross_entropy_by_hand(opened):
    at = opened("cross-entropy")
    assert f"{-np.log(0.4):.3f}" in words(at)
    assert "Counts as right" in words(at)
    at.segmented_control("idea_cross_entropy_rest").set_value("All to one rival")
    checked(at.run())
    assert f"{-np.log(0.4):.3f}" in words(at)
    assert "Counts as wrong" in words(at)
    at.select_slider("idea_cross_entropy_share").set_value(1e-7)
    checked(at.run())
    assert "16.118" in words(at)
    at.select_slider("idea_cross_entropy_share").set_value(0.1)
    at.segmented_control("idea_cross_entropy_rest").set_value("Shared")
    checked(at.run())
    assert "2.303" in words(at)
    assert "A tie" in words(at)


def test_cross_entropy_of_a_real_image(opened):
    examples.install()
    at = opened("cross-entropy")
    at.segmented_control("idea_cross_entropy_kind").set_value("A real test image")
    checked(at.run())
    report = cache.report(Store().examples()[0])
    assert isinstance(report, Report)
    at.number_input("idea_cross_entropy_image").set_value(200)
    checked(at.run())
    given = report.probabilities[np.arange(10_000), report.labels].astype(float)
    assert f"= {-np.log(given[200]):.3f}" in words(at)
    assert f"{-np.log(given[128:256]).mean():.4f}" in words(at)
    assert f"{-np.log(given).mean():.4f}" in words(at)


def test_labels_have_one_loss_and_two_sizes(opened):
    at = opened("labels")
    at.slider("idea_labels_share").set_value(0.25)
    at.selectbox("idea_labels_digit").set_value(7)
    checked(at.run())
    table = at.table[0].value
    loss = f"{np.log(4):.4f}"
    assert table["One-hot"].tolist()[::3] == ["`[0 0 0 0 0 0 0 1 0 0]`", loss]
    assert table["Sparse"].tolist()[::3] == ["`7`", loss]
    assert table["One-hot"][2] == "2,400,000 bytes"


def test_smoothing_moves_the_best_prediction(opened):
    at = opened("labels")
    target = np.full(10, 0.01)
    target[3] = 0.91
    assert "0.910" in words(at)
    assert f"{-(target * np.log(target)).sum():.3f}, the entropy" in words(at)
    at.slider("idea_labels_smoothing").set_value(0.0)
    checked(at.run())
    assert "without end" in words(at)


def answer(at: AppTest, question: quiz.Question, **changed: int) -> AppTest:
    """Fill all boxes with what is right but for those changed, and check."""
    rows = question.summary.rows
    right = {str(n): row.parameters for n, row in enumerate(rows) if row in question.asked}
    right |= {"Total": question.summary.parameters}
    if question.summary.non_trainable:
        right |= {"Trainable": question.summary.trainable}
    for name, value in (right | changed).items():
        at.number_input(f"idea_counting_{question.level}_{question.number}_{name}").set_value(value)
    return press(at, "Check")


def test_counting_right_counts_and_wrong_is_explained(opened):
    at = opened("counting")
    question = quiz.ask("easy", 1)
    assert len(at.number_input) == 1 + len(question.asked) + 1
    at = answer(at, question)
    assert "1 solved, 1 right in a row" in words(at)
    assert at.success[0].value.startswith("All right")
    at = answer(at, question)
    assert "1 solved, 1 right in a row" in words(at)
    at.segmented_control("idea_counting_level").set_value("Hard")
    checked(at.run())
    question = quiz.ask("hard", 1)
    assert all(box.value is None for box in at.number_input[1:])
    at = answer(at, question, Trainable=question.summary.parameters)
    assert "only 2 are trainable" in words(at)
    assert "1 solved, 0 right in a row" in words(at)
    at = answer(at, question)
    assert "2 solved, 1 right in a row" in words(at)
    table = at.table[0].value
    assert f"= {question.summary.parameters:,}" in table["Parameters"].iloc[-2]


def test_counting_empty_given_up_and_another(opened):
    at = press(opened("counting"), "Check")
    assert "Still empty: 1. Conv2D, 2. MaxPooling2D" in words(at)
    assert not at.table
    at = press(at, "Show the arithmetic")
    assert len(at.table) == 1
    at = answer(at, quiz.ask("easy", 1))
    assert "0 solved, 0 right in a row" in words(at)
    at = press(at, "New question")
    number = at.number_input("idea_counting_number").value
    assert number != 1
    assert not at.table
    assert at.number_input(f"idea_counting_easy_{number}_0").value is None
    at.number_input("idea_counting_number").set_value(1)
    checked(at.run())
    assert "`C4 M F`" in words(at)
