"""The curves of known troubles are recognised, and the advice can be taken."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_core.evaluation.diagnosis import best_epoch, diagnose
from mnist_core.evaluation.history import Epoch
from mnist_core.network.optimizers import OPTIMIZERS
from mnist_core.network.presets import find
from mnist_core.network.settings import change_settings
from mnist_core.network.spec import Spec

SPEC = find("note-5")


def curve(
    losses: list[float],
    val: list[float] | None = None,
    accuracy: float = 0.98,
    val_accuracy: float = 0.98,
) -> list[Epoch]:
    seen = val_accuracy if val else None
    return [
        Epoch(n + 1, loss, accuracy, val[n] if val else None, seen, 0.001, 1.0)
        for n, loss in enumerate(losses)
    ]


def with_(**settings) -> Spec:
    return change_settings(SPEC, settings)


OVERFITS, FLAT_ = "overfitting", "settled"
KNOWN = [
    ("too_early", []),
    ("learning", curve([0.4])),
    ("learning", curve([0.4, 0.2], [0.2, 0.1])),
    ("learning", curve([0.1, 0.05, 0.04], [0.051, 0.0502, 0.05])),  # three say nothing yet
    ("settled", curve([0.1, 0.05, 0.04, 0.03, 0.03], [0.06, 0.0502, 0.05, 0.051, 0.0498])),
    ("learning", curve([0.1, 0.05, 0.04, 0.03, 0.03], [0.06, 0.0502, 0.05, 0.051, 0.04])),
    ("overfitting", curve([0.2, 0.1, 0.05, 0.02], [0.1, 0.05, 0.06, 0.07])),
    ("underfitting", curve([0.8, 0.79, 0.785, 0.784, 0.783], [0.7] * 5, 0.7, 0.72)),
    # dropout and augmentation make the training images the harder ones
    ("settled", curve([0.3] * 5, [0.1] * 5, 0.91, 0.97)),
    ("unsteady", curve([0.3, 0.5, 0.2, 0.4], [0.3, 0.3, 0.3, 0.3])),
    ("not_learning", curve([math.log(10)], accuracy=0.1)),
]


@pytest.mark.parametrize(("kind", "epochs"), KNOWN)
def test_known_curves(kind, epochs):
    assert diagnose(SPEC, epochs).kind == kind


@pytest.mark.parametrize(
    ("handwriting", "kind"),
    [(None, "overfitting"), ("with MNIST", "domain_shift"), ("", "domain_shift")],
)
def test_what_learned_from_a_class_is_not_called_overfitting(handwriting, kind):
    """MNIST's images validate it."""
    text = None if handwriting is None else f"7 digits by 2-4 up to 9 ({16 * 'c'}) {handwriting}"
    spec = with_(handwriting=text and text.strip())
    found = diagnose(spec, curve([0.2, 0.1, 0.05, 0.02], [0.1, 0.05, 0.06, 0.07]))
    assert found.kind == kind
    assert "rose from 0.0500 to 0.0700" in found.seen
    assert ("validation images are all MNIST's" in found.seen) == (kind == "domain_shift")


LN_10 = math.log(10)
FLAT = [0.4, 0.3, 0.2, 0.1, 0.1]
EDGES = [
    # a loss below 0.9 ln 10 and an accuracy above 0.2 are more than guessing
    (curve([0.89 * LN_10], accuracy=0.21), "learning", curve([0.91 * LN_10]), "not_learning"),
    (curve([1.0], accuracy=0.21), "learning", curve([1.0], accuracy=0.2), "not_learning"),
    # two rises by over 5 % of the loss before, of the first one, and of guessing
    (curve([1, 1.04, 0.5, 0.56]), "learning", curve([1, 1.06, 0.5, 0.56]), "unsteady"),
    (curve([1, 2, 2.09, 0.5]), "learning", curve([1, 2, 2.11, 0.5]), "unsteady"),
    (curve([99, 1, 1.11, 0.5, 0.61]), "learning", curve([99, 1, 1.12, 0.5, 0.62]), "unsteady"),
    # two epochs after the lowest val_loss, which rose by a tenth, with no higher training loss
    (curve([0.2, 0.1], [0.5, 0.6]), "learning", curve([0.2, 0.1, 0.1], [0.5, 0.6, 0.6]), OVERFITS),
    (
        curve([0.2, 0.1, 0.1], [0.5, 0.6, 0.549]),
        "learning",
        curve([0.2, 0.1, 0.1], [0.5, 0.6, 0.55]),
        OVERFITS,
    ),
    (
        curve([0.2, 0.1, 0.201], [0.5, 0.6, 0.6]),
        "learning",
        curve([0.2, 0.1, 0.2], [0.5, 0.6, 0.6]),
        OVERFITS,
    ),
    # flat: over four epochs, the last three of which are hardly 2 % better
    (curve([0.1] * 4), "learning", curve([0.1] * 5), "settled"),
    (curve(FLAT, [0.5, 0.5, 0.5, 0.5, 0.489]), "learning", curve(FLAT, [0.5] * 4 + [0.491]), FLAT_),
    (curve(FLAT, [0.5, 0.5, 0.489, 0.5, 0.5]), "learning", curve(FLAT, [0.5, 0.489] + [0.49] * 3),
     FLAT_),
    # settled where more than 95 % are right, of the training or the validation images
    (curve([0.1] * 5, None, 0.951), "settled", curve([0.1] * 5, None, 0.95), "underfitting"),
    (
        curve([0.1] * 5, [0.1] * 5, 0.9, 0.951),
        "settled",
        curve([0.1] * 5, [0.1] * 5, 0.9, 0.95),
        "underfitting",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("here", "kind", "there", "other"), EDGES)
def test_two_curves_on_either_side_of_an_edge(here, kind, there, other):
    assert (diagnose(SPEC, here).kind, diagnose(SPEC, there).kind) == (kind, other)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_rate_counts_as_high_from_the_optimizers_own_on_and_as_low_below_a_twentieth(optimizer):
    high = OPTIMIZERS[optimizer].high_rate
    guesses, slow = curve([LN_10], accuracy=0.1), curve([0.8] * 5, None, 0.7)

    def change(rate: float, epochs: list[Epoch]) -> dict[str, object]:
        return diagnose(with_(learning_rate=rate, optimizer=optimizer), epochs).change

    assert change(high, guesses) == {"learning_rate": pytest.approx(high / 10, rel=1e-3)}
    below = 0.99 * high
    assert change(below, guesses) == {"learning_rate": pytest.approx(10 * below, rel=1e-3)}
    assert change(1.001 * high / 20, slow) == {}
    assert change(0.99 * high / 20, slow) == {"learning_rate": pytest.approx(below / 2, rel=1e-3)}


def test_a_run_that_is_over_has_settled_whatever_its_schedule():
    flat = curve(FLAT, [0.5] * 5)
    cosine = with_(schedule="cosine")
    assert diagnose(cosine, flat, planned=5).kind == "settled"
    assert diagnose(cosine, flat, planned=6).kind == "learning"


def test_slow_learning_below_nine_tenths_gets_a_higher_rate():
    for accuracy, higher in ((0.89, True), (0.9, False)):
        found = diagnose(with_(learning_rate=1e-4), curve([1.0, 0.9], None, accuracy))
        assert bool(found.change) == higher


@pytest.mark.parametrize(
    ("used", "offered"),
    [
        ({"shift": 1}, {"shift": 2}),
        ({"shift": 2, "rotation": 9.9}, {"rotation": 10.0}),
        ({"shift": 2, "rotation": 10.0}, {}),
    ],
)
def test_augmentation_is_offered_up_to_two_pixels_and_ten_degrees(used, offered):
    overfit = dict(KNOWN)["overfitting"]
    assert diagnose(with_(early_stopping=2, **used), overfit).change == offered


def test_one_rise_of_the_training_loss_does_not_hide_overfitting_and_two_do():
    val = [0.3, 0.2, 0.3, 0.3, 0.3]
    assert diagnose(SPEC, curve([0.4, 0.2, 0.3, 0.1, 0.05], val)).kind == "overfitting"
    assert diagnose(SPEC, curve([0.4, 0.2, 0.3, 0.1, 0.2], val)).kind == "unsteady"


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


def test_a_network_that_guesses_among_five_digits_has_not_learned_to_tell_them_apart():
    five, guess = with_(digits="5-9"), curve([math.log(5)], accuracy=0.2)
    assert "1.61; guessing without looking gives ln 5 = 1.61" in diagnose(five, guess).seen
    assert diagnose(five, guess).kind == "not_learning"
    assert diagnose(SPEC, curve([math.log(5)], accuracy=0.21)).kind == "learning"
    assert diagnose(with_(digits="0,1"), curve([0.3], accuracy=0.9)).kind == "learning"


def test_who_already_stops_early_is_offered_something_else():
    overfit = curve([0.2, 0.1, 0.05, 0.02], [0.1, 0.05, 0.06, 0.07])
    assert diagnose(SPEC, overfit).change == {"early_stopping": 2}
    assert diagnose(with_(early_stopping=3), overfit).change == {"shift": 2}


def test_the_best_epoch_is_that_of_the_lowest_watched_loss():
    assert best_epoch([]) is None
    assert best_epoch(curve([0.3, 0.1, 0.2])) == curve([0.3, 0.1, 0.2])[1]
    watched = curve([0.3, 0.2, 0.1], [0.1, 0.2, 0.3])
    assert best_epoch(watched) == watched[0]


OVERFIT = [0.8, 0.3, 0.15, 0.08, 0.04, 0.02, 0.01]


def test_small_rises_of_a_tiny_loss_do_not_hide_overfitting():
    losses = [*OVERFIT, 0.0065, 0.0071, 0.004, 0.0058, 0.0012, 0.0019]
    val = [0.5, 0.3, 0.22, 0.21, 0.23, 0.25, 0.28, 0.3, 0.32, 0.34, 0.36, 0.38, 0.4]
    assert diagnose(SPEC, curve(losses, val)).kind == "overfitting"
    assert diagnose(with_(learning_rate=0.01), curve(losses, val)).kind == "overfitting"


def test_an_unsteady_curve_stays_unsteady_where_val_loss_rises_too():
    losses = [0.5, 0.3, 0.6, 0.25, 0.55, 0.2]
    val = [0.4, 0.3, 0.7, 0.4, 0.6, 0.5]
    assert diagnose(SPEC, curve(losses, val)).kind == "unsteady"
    assert diagnose(SPEC, curve([9.0, 0.3, 0.5, 0.2, 0.4])).kind == "unsteady"


def test_one_jump_makes_a_curve_unsteady_at_a_high_rate_only():
    jump = curve([0.3, 0.2, 0.4, 0.1])
    assert diagnose(SPEC, jump).kind == "learning"
    assert diagnose(with_(learning_rate=0.01), jump).kind == "unsteady"


def test_who_has_a_schedule_is_not_offered_one():
    flat = curve([0.1, 0.05, 0.04, 0.03, 0.02], [0.051, 0.0502, 0.05, 0.05, 0.05])
    assert diagnose(SPEC, flat).change == {"schedule": "cosine"}
    for schedule in ("cosine", "step", "one_cycle"):
        assert diagnose(with_(schedule=schedule), flat).change == {}


def test_a_run_with_epochs_to_come_has_settled_only_if_nothing_can_lower_its_rate():
    flat = curve([0.1, 0.05, 0.04, 0.03, 0.02], [0.051, 0.0502, 0.05, 0.05, 0.05])
    assert diagnose(SPEC, flat, planned=8).kind == "settled"
    cosine = with_(schedule="cosine")
    assert diagnose(cosine, flat, planned=8).kind == "learning"
    assert diagnose(cosine, flat).kind == "settled"


def test_what_is_to_come_is_said_as_it_is():
    falls = curve([0.4, 0.2], [0.3, 0.15])
    assert "3 remaining epochs" in diagnose(SPEC, falls, planned=5).advice
    assert "the last epoch" in diagnose(SPEC, falls, planned=3).advice
    assert "More epochs" in diagnose(SPEC, falls).advice


def test_one_epoch_is_not_compared_with_itself():
    once, twice = (diagnose(SPEC, curve([0.4, 0.2][:n])).seen for n in (1, 2))
    assert once == "The network is learning: the training loss is down to 0.4000."
    assert twice.endswith("down to 0.2000, from 0.4000 after the first epoch.")


def test_a_loss_above_its_lowest_is_not_called_learning():
    risen = curve([0.2, 0.1, 0.08], [0.06, 0.065, 0.064])
    found = diagnose(SPEC, risen, planned=5)
    assert "lowest after epoch 1, 0.0600; now it is 0.0640" in found.seen
    assert "More epochs" not in found.advice


def test_a_low_rate_that_looks_like_underfitting_gets_a_higher_rate():
    flat = curve([0.8, 0.79, 0.785, 0.784, 0.783], [0.7] * 5, 0.7, 0.72)
    assert diagnose(SPEC, flat).change == {}
    found = diagnose(with_(learning_rate=1e-5), flat)
    assert (found.kind, found.change) == ("underfitting", {"learning_rate": pytest.approx(1e-4)})
    slow = diagnose(with_(learning_rate=1e-5), curve([2.0, 1.5], [1.9, 1.4], 0.6, 0.6))
    assert (slow.kind, slow.change) == ("learning", {"learning_rate": pytest.approx(1e-4)})


def test_a_loss_that_rises_while_the_accuracy_holds_is_told_apart():
    losses, val = [0.2, 0.1, 0.05, 0.02], [0.1, 0.05, 0.06, 0.07]
    held = curve(losses, val)
    assert "accuracy has not fallen" in diagnose(SPEC, held).seen
    fell = [replace(epoch, val_accuracy=0.98 - 0.01 * n) for n, epoch in enumerate(held)]
    assert "memorizes" in diagnose(SPEC, fell).seen


def test_against_overfitting_every_remedy_is_offered_once():
    overfit = dict(KNOWN)["overfitting"]
    spec, seen = SPEC, []
    while change := diagnose(spec, overfit).change:
        spec = change_settings(spec, change)
        seen += change
    assert seen == ["early_stopping", "shift", "rotation"]
    assert diagnose(with_(early_stopping=2, shift=4), overfit).change == {"rotation": 10}


positive = st.floats(1e-4, 5)
rates = st.one_of(
    st.sampled_from([1e-9, 1e-6, 5e-6, 10.0]),
    st.floats(0, 10, exclude_min=True),
    st.floats(-9, 1).map(lambda power: 10**power),
)
settings_ = st.fixed_dictionaries(
    {
        "learning_rate": rates,
        "optimizer": st.sampled_from(["adam", "sgd"]),
        "schedule": st.sampled_from(["constant", "cosine", "step", "one_cycle"]),
        "shift": st.integers(0, 8),
        "rotation": st.floats(0, 45),
        "early_stopping": st.one_of(st.none(), st.integers(1, 9)),
    }
)
points = st.tuples(positive, positive, st.floats(0, 1))
random_curves = st.lists(points, max_size=8).map(
    lambda points: [Epoch(n + 1, a, c, b, c, 0.1, 1.0) for n, (a, b, c) in enumerate(points)]
)
curves = st.one_of(random_curves, st.sampled_from([epochs for _, epochs in KNOWN]))


@settings(max_examples=300)
@given(settings_, curves, st.integers(0, 12), st.booleans())
def test_every_curve_has_a_reading_and_every_change_makes_another_spec(
    given_, epochs, planned, diverged
):
    spec = with_(**given_)
    found = diagnose(spec, epochs, planned, diverged)
    assert found.seen
    assert found.advice
    if not found.change:
        return
    after, before = change_settings(spec, found.change).training, spec.training
    assert after != before
    assert after.augmentation.shift >= before.augmentation.shift
    assert after.augmentation.rotation >= before.augmentation.rotation
    assert after.early_stopping == before.early_stopping or before.early_stopping is None
    assert after.schedule == before.schedule or before.schedule == "constant"
    if after.learning_rate != before.learning_rate:
        assert 1e-6 <= after.learning_rate <= 10
        lower = after.learning_rate < before.learning_rate
        assert lower == ("lower" in found.advice)
