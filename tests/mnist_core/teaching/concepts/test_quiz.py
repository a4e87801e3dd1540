"""The quiz of parameters: its counts against Keras."""

from hashlib import sha256

import pytest

from mnist_core.network.layers import Conv2D
from mnist_core.network.notation import parse, write
from mnist_core.network.summary import check_limits
from mnist_core.teaching.concepts import quiz
from mnist_core.teaching.concepts.quiz import MOST, Question
from tests.mnist_core.network.plain_keras import keras_model, layers_of


@pytest.mark.parametrize(("level", "count"), [("easy", 4), ("medium", 8), ("hard", 14)])
def test_counts_are_those_of_keras(level, count):
    for number in range(1, count + 1):
        question = quiz.ask(level, number)
        model = keras_model(list(question.network.layers))
        counts = [layer.count_params() for layer in layers_of(model)]
        assert [row.parameters for row in question.summary.rows] == counts
        wanted = counts if level == "easy" else [count for count in counts if count]
        assert [row.parameters for row in question.asked] == wanted
        trainable = sum(weight.shape.num_elements() for weight in model.trainable_weights)
        assert question.summary.trainable == trainable


@pytest.mark.parametrize("level", quiz.LEVELS)
def test_questions_are_within_limits_and_the_same_for_everyone(level):
    questions = [quiz.ask(level, number) for number in range(1, 100)]
    assert all(check_limits(q.network).parameters <= MOST for q in questions)
    assert [q.network for q in questions] == [
        quiz.ask(level, number).network for number in range(1, 100)
    ]
    assert len({write(q.network) for q in questions}) > 10
    assert all(len(q.summary.rows) <= 20 for q in questions)
    convolutions = {"easy": 1, "medium": 2, "hard": 3}[level]
    for q in questions:
        assert sum(isinstance(layer, Conv2D) for layer in q.network.layers) == convolutions
        assert bool(q.summary.non_trainable) == (level == "hard")


def test_a_row_is_described_by_all_that_its_count_needs():
    question = Question("hard", 1, parse("C8k5s2samebn M3s2 C4 A GAP D16 Drop0.3"))
    described = [quiz.words(row, question) for row in question.summary.rows]
    assert described == [
        "8 filters of 5 × 5, same, strides 2, without bias",
        "",  # its normalization
        "",  # its activation
        "3 × 3, strides 2, valid",
        "4 filters of 3 × 3, valid",
        "2 × 2, strides 2, valid",
        "",
        "16 units",
        "rate 0.3",
        "10 units, softmax",
    ]


def test_a_question_stays_what_it_is():
    """A teacher's note of a number holds: the draws must not change."""
    drawn = "\n".join(write(quiz.ask(at, n).network) for at in quiz.LEVELS for n in range(60))
    assert sha256(drawn.encode()).hexdigest()[:16] == "ecc89f1f4e58e2f8"
    assert quiz.ask("easy", 1).network == parse("C4 M F")
    assert quiz.ask("medium", 1).network == parse("C32k5 M C16k5 M F D48")
    assert quiz.ask("hard", 1).network == parse("C8bn C24k5s2 A C12k5s2bn F D48 Drop0.3")
