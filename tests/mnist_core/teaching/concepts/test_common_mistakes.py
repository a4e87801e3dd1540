"""Each slip in counting parameters is known by its number."""

import pytest

from mnist_core.network.notation import parse
from mnist_core.teaching.concepts import common_mistakes, quiz
from mnist_core.teaching.concepts.quiz import Question

NOTE_5 = Question("medium", 1, parse("C8 M C16 M F D64"))
BN = Question("hard", 1, parse("C8 C16bn GAP D64"))
SAME = Question("hard", 1, parse("C8same M C16 F D64"))
STRIDES = Question("hard", 1, parse("C8 M C16s2 F D64"))


def row(question: Question, at: int):
    return question.summary.rows[at]


@pytest.mark.parametrize(
    ("question", "at", "answer", "words"),
    [
        (NOTE_5, 2, 3 * 3 * 8 * 16, "forgot the biases"),
        (NOTE_5, 2, 3 * 3 * 8 * 16 + 1, "has its own bias"),
        (NOTE_5, 2, 3 * 3 * 16 + 16, "forgot the channels"),
        (NOTE_5, 2, 3 * 3 * 16, "input channels and the biases"),
        (NOTE_5, 2, 3 * 3 * 8 + 1, "one filter"),
        (NOTE_5, 2, 3 * 8 * 16 + 16, "3 × 3 weights, not 3"),
        (NOTE_5, 2, 3 * 3 * 16 * 16 + 16, "output channels"),
        (NOTE_5, 2, 1168 * 11 * 11, "They are shared"),
        (NOTE_5, 2, 11 * 11 * 16, "number of output values"),
        (NOTE_5, 0, 3 * 3 * 8, "forgot the biases"),
        (NOTE_5, 1, 13 * 13 * 8, "number of output values"),
        (NOTE_5, 5, 400 * 64, "forgot the biases"),
        (NOTE_5, 5, 400 * 64 + 1, "has its own bias"),
        (NOTE_5, 5, 400 * 64 + 400, "belong to the 64 units"),
        (NOTE_5, 5, 16 * 64 + 64, "forgot the flatten"),
        (NOTE_5, 5, 25 * 64 + 64, "forgot the channels: 5 × 5 × 16 values come in, 400 in all"),
        (NOTE_5, 5, 64 * 64 + 64, "output shape instead of the input shape"),
        (NOTE_5, 5, 400 + 64, "Every input is connected to every unit"),
        (NOTE_5, 5, 6 * 6 * 16 * 64 + 64, "round down"),
        (NOTE_5, 5, 24 * 24 * 16 * 64 + 64, "pooling shrinks"),
        (NOTE_5, 5, 7 * 7 * 16 * 64 + 64, "valid convolution shrinks"),
        (NOTE_5, 6, 650 - 1, "Too few"),
        (NOTE_5, 6, 650 + 1, "Too many"),
        (SAME, 4, 11 * 11 * 16 * 64 + 64, "same keeps the size"),
        (STRIDES, 4, 11 * 11 * 16 * 64 + 64, "forgot the strides"),
        (BN, 1, 3 * 3 * 8 * 16 + 16, "You counted biases"),
        (BN, 1, 3 * 3 * 16, "forgot the channels: a filter"),
        (BN, 1, 3 * 3 * 8, "one filter"),
        (BN, 1, 3 * 8 * 16, "3 × 3 weights, not 3"),
        (BN, 1, 3 * 3 * 16 * 16, "output channels"),
        (BN, 1, 1152 * 24 * 24, "They are shared"),
        (BN, 2, 2 * 16, "2 per channel, gamma and beta"),
        (BN, 2, 16, "has 4 parameters: gamma"),
        (BN, 2, 0, "learns a scale"),
        (BN, 2, 4 * 24 * 24 * 16, "the same ones at all positions"),
        (BN, 5, 24 * 24 * 16 * 64 + 64, "one value per channel"),
    ],
)
def test_each_slip_is_known_by_its_number(question, at, answer, words):
    asked = row(question, at)
    assert answer != asked.parameters
    assert words in common_mistakes.hint(question, asked, answer)


def test_totals_have_their_own_slips():
    parts = [80, 1168, 25664, 650]
    assert "correct the layers" in common_mistakes.hint_total(NOTE_5, [80, 1168, 25600, 650], 27498)
    assert "output layer" in common_mistakes.hint_total(NOTE_5, parts, 26912)
    assert "in bytes" in common_mistakes.hint_total(NOTE_5, parts, 4 * 27562)
    assert "yours is 27,562" in common_mistakes.hint_total(NOTE_5, parts, 1)
    whole = BN.summary
    assert "trainable ones" in common_mistakes.hint_total(BN, [], whole.parameters - 32)
    assert "only 2 are trainable" in common_mistakes.hint_trainable(BN, whole.parameters)
    assert "Gamma and beta are trained" in common_mistakes.hint_trainable(BN, whole.parameters - 64)
    assert "minus the moving mean" in common_mistakes.hint_trainable(BN, 5)


def test_a_slip_with_every_box_of_every_question_has_a_sentence():
    for level in quiz.LEVELS:
        for number in range(1, 12):
            question = quiz.ask(level, number)
            for asked in question.asked:
                for answer in {0, 1, asked.parameters + 7} - {asked.parameters}:
                    assert common_mistakes.hint(question, asked, answer).endswith(".")
