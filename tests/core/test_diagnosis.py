"""The curves of known troubles are recognised, and the advice can be taken."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_core.diagnosis import best_epoch, diagnose
from mnist_core.options import changed
from mnist_core.presets import find
from mnist_core.progress import Epoch
from mnist_core.spec import Spec

SPEC = find("note-5")


def curve(
    losses: list[float], val: list[float] | None = None, accuracy: float = 0.98
) -> list[Epoch]:
    return [
        Epoch(n + 1, loss, accuracy, val[n] if val else None, 0.98 if val else None, 0.001, 1.0)
        for n, loss in enumerate(losses)
    ]


def with_(**settings) -> Spec:
    return changed(SPEC, settings)


@pytest.mark.parametrize(
    ("kind", "epochs"),
    [
        ("too_early", []),
        ("learning", curve([0.4])),
        ("learning", curve([0.4, 0.2], [0.2, 0.1])),
        ("settled", curve([0.1, 0.05, 0.04], [0.051, 0.0502, 0.05])),
        ("overfitting", curve([0.2, 0.1, 0.05, 0.02], [0.1, 0.05, 0.06, 0.07])),
        ("underfitting", curve([0.8, 0.79, 0.785], [0.7, 0.7, 0.7], accuracy=0.7)),
        ("unsteady", curve([0.3, 0.5, 0.2, 0.4], [0.3, 0.3, 0.3, 0.3])),
        ("not_learning", curve([math.log(10)], accuracy=0.1)),
    ],
)
def test_known_curves(kind, epochs):
    assert diagnose(SPEC, epochs).kind == kind


def test_a_run_that_diverged_is_told_to_go_slower():
    spec = with_(learning_rate=5.0)
    found = diagnose(spec, [], diverged=True)
    assert (found.kind, found.change) == ("diverged", {"learning_rate": 0.5})


def test_a_flat_start_means_too_large_or_too_small_steps():
    flat = curve([math.log(10)], accuracy=0.11)
    fast, slow = with_(learning_rate=0.1), with_(learning_rate=1e-6)
    assert diagnose(fast, flat).change == {"learning_rate": pytest.approx(0.01)}
    assert diagnose(slow, flat).change == {"learning_rate": pytest.approx(1e-5)}
    sgd = with_(learning_rate=0.01, optimizer="sgd")
    assert diagnose(sgd, flat).change == {"learning_rate": pytest.approx(0.1)}


def test_who_already_stops_early_is_offered_something_else():
    overfit = curve([0.2, 0.1, 0.05, 0.02], [0.1, 0.05, 0.06, 0.07])
    assert diagnose(SPEC, overfit).change == {"early_stopping": 2}
    assert diagnose(with_(early_stopping=3), overfit).change == {"shift": 2}


def test_the_best_epoch_is_that_of_the_lowest_watched_loss():
    assert best_epoch([]) is None
    assert best_epoch(curve([0.3, 0.1, 0.2])) == curve([0.3, 0.1, 0.2])[1]
    watched = curve([0.3, 0.2, 0.1], [0.1, 0.2, 0.3])
    assert best_epoch(watched) == watched[0]


positive = st.floats(1e-4, 5)


@given(st.lists(st.tuples(positive, positive, st.floats(0, 1)), max_size=8), positive)
def test_every_curve_has_a_reading_and_every_change_makes_a_spec(points, rate):
    spec = with_(learning_rate=rate)
    epochs = [Epoch(n + 1, a, c, b, c, rate, 1.0) for n, (a, b, c) in enumerate(points)]
    found = diagnose(spec, epochs)
    assert found.seen
    assert found.advice
    if found.change:
        assert changed(spec, found.change) != spec
