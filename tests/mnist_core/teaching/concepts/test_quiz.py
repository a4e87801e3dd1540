"""The quiz of parameters: its counts against Keras, and each slip known by its number."""

import pytest

from mnist_core.network.layers import Conv2D
from mnist_core.network.notation import parse, write
from mnist_core.network.summary import check_limits
from mnist_core.teaching.concepts import common_mistakes, quiz
from mnist_core.teaching.concepts.quiz import MOST, Question
from tests.mnist_core.network.plain_keras import keras_model

NOTE_5 = Question("medium", 1, parse("C8 M C16 M F D64"))
BN = Question("hard", 1, parse("C8 C16bn GAP D64"))
SAME = Question("hard", 1, parse("C8same M C16 F D64"))
STRIDES = Question("hard", 1, parse("C8 M C16s2 F D64"))


def row(question: Question, at: int):
    return question.summary.rows[at]


@pytest.mark.parametrize(("level", "count"), [("easy", 4), ("medium", 8), ("hard", 14)])
def test_counts_are_those_of_keras(level, count):
    for number in range(1, count + 1):
        question = quiz.ask(level, number)
        model = keras_model(list(question.network.layers))
        counts = [layer.count_params() for layer in model.layers]
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


def test_a_question_stays_what_it_is():
    """A teacher's note of a number holds: the draws must not change."""
    assert quiz.ask("easy", 1).network == parse("C4 M F")
    assert quiz.ask("medium", 1).network == parse("C32k5 M C16k5 M F D48")
    assert quiz.ask("hard", 1).network == parse("C8bn C24k5s2 A C12k5s2bn F D48 Drop0.3")


@pytest.mark.parametrize(
    ("question", "at", "answer", "words"),
    [
        (NOTE_5, 2, 3 * 3 * 8 * 16, "forgot the biases"),
        (NOTE_5, 2, 3 * 3 * 8 * 16 + 1, "bias of its own"),
        (NOTE_5, 2, 3 * 3 * 16 + 16, "forgot the channels"),
        (NOTE_5, 2, 3 * 3 * 16, "channels of the input, and the biases"),
        (NOTE_5, 2, 3 * 3 * 8 + 1, "one filter"),
        (NOTE_5, 2, 3 * 8 * 16 + 16, "3 × 3 weights, not 3"),
        (NOTE_5, 2, 3 * 3 * 16 * 16 + 16, "channels of the output"),
        (NOTE_5, 2, 1168 * 11 * 11, "They are shared"),
        (NOTE_5, 2, 11 * 11 * 16, "number of values that leave it"),
        (NOTE_5, 0, 3 * 3 * 8, "forgot the biases"),
        (NOTE_5, 1, 13 * 13 * 8, "number of values that leave it"),
        (NOTE_5, 5, 400 * 64, "forgot the biases"),
        (NOTE_5, 5, 400 * 64 + 1, "bias of its own"),
        (NOTE_5, 5, 400 * 64 + 400, "belong to the 64 units"),
        (NOTE_5, 5, 16 * 64 + 64, "forgot the flatten"),
        (NOTE_5, 5, 25 * 64 + 64, "forgot the channels: 5 × 5 × 16 are 400"),
        (NOTE_5, 5, 64 * 64 + 64, "output shape instead of the input's"),
        (NOTE_5, 5, 400 + 64, "Every value meets every unit"),
        (NOTE_5, 5, 6 * 6 * 16 * 64 + 64, "round down"),
        (NOTE_5, 5, 24 * 24 * 16 * 64 + 64, "pooling shrinks"),
        (NOTE_5, 5, 7 * 7 * 16 * 64 + 64, "valid convolution shrinks"),
        (NOTE_5, 6, 650 - 1, "Too few"),
        (NOTE_5, 6, 650 + 1, "Too many"),
        (SAME, 4, 11 * 11 * 16 * 64 + 64, "same keeps the size"),
        (STRIDES, 4, 11 * 11 * 16 * 64 + 64, "forgot the strides"),
        (BN, 1, 3 * 3 * 8 * 16 + 16, "You counted biases"),
        (BN, 2, 2 * 16, "2 a channel, gamma and beta"),
        (BN, 2, 16, "has 4 parameters: gamma"),
        (BN, 2, 0, "learns a scale"),
        (BN, 2, 4 * 24 * 24 * 16, "the same ones at all positions"),
        (BN, 5, 24 * 24 * 16 * 64 + 64, "one value a channel"),
    ],
)
def test_each_slip_is_known_by_its_number(question, at, answer, words):
    asked = row(question, at)
    assert answer != asked.parameters
    assert words in common_mistakes.hint(question, asked, answer)


def test_totals_have_their_own_slips():
    parts = [80, 1168, 25664, 650]
    assert "mend the layers" in common_mistakes.hint_total(NOTE_5, [80, 1168, 25600, 650], 27498)
    assert "output layer" in common_mistakes.hint_total(NOTE_5, parts, 26912)
    assert "in bytes" in common_mistakes.hint_total(NOTE_5, parts, 4 * 27562)
    assert "yours is 27,562" in common_mistakes.hint_total(NOTE_5, parts, 1)
    whole = BN.summary
    assert "trainable ones" in common_mistakes.hint_total(BN, [], whole.parameters - 32)
    assert "only 2 are trainable" in common_mistakes.hint_trainable(BN, whole.parameters)
    assert "Gamma and beta are trained" in common_mistakes.hint_trainable(BN, whole.parameters - 64)
    assert "less the moving mean" in common_mistakes.hint_trainable(BN, 5)


def test_a_slip_with_every_box_of_every_question_has_a_sentence():
    for level in quiz.LEVELS:
        for number in range(1, 12):
            question = quiz.ask(level, number)
            for asked in question.asked:
                for answer in {0, 1, asked.parameters + 7} - {asked.parameters}:
                    assert common_mistakes.hint(question, asked, answer).endswith(".")
