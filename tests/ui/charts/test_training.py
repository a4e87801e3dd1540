"""The labels of the learning curves: above the curves, and none over another."""

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mnist_core.evaluation.history import Epoch
from ui.charts import training

SPANS = st.lists(st.tuples(st.floats(0, 400), st.floats(1, 120)), max_size=8).map(
    lambda labels: [(begin, begin + length) for begin, length in labels]
)


@given(SPANS)
def test_no_label_covers_another(spans):
    lines = training.lines_for(spans)
    assert len(lines) == len(spans)
    for (one, (begin, end)), (other, (its_begin, its_end)) in combinations(
        zip(lines, spans, strict=True), 2
    ):
        assert one != other or end <= its_begin or its_end <= begin


@given(SPANS)
def test_a_line_is_used_only_where_those_below_are_taken(spans):
    lines = training.lines_for(spans)
    for at, line in enumerate(lines):
        assert set(range(line)) <= set(lines[:at])


def test_new_learning_rates_and_the_best_epoch_are_named_above_both_curves():
    epochs = [Epoch(number, 0.5, 0.9, 0.4, 0.91, 0.001, 1.0) for number in range(1, 46)]
    changes = [(26.0, 0.01), (33.0, 0.0001)]
    for metric in ("loss", "accuracy"):
        figure = training.curves(metric, epochs, np.zeros(0, np.float32), 32, 25, changes)
        notes = figure.layout.annotations
        assert {note.text: note.x for note in notes} == {
            "lr 0.01": 26,
            "lr 0.0001": 33,
            "best: epoch 25": 25,
        }
        assert {(note.yref, note.y, note.yanchor) for note in notes} == {("paper", 1, "bottom")}
        by_text = {note.text: note.yshift for note in notes}
        assert by_text["best: epoch 25"] != by_text["lr 0.01"]
