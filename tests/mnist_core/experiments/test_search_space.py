"""What a search may change: every point of a space that is taken makes a run that works."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mnist_core.experiments.optuna_trials import grid
from mnist_core.experiments.search_space import Range, Space, Study, full_spec, params_of, spec_of
from mnist_core.network.layers import Conv2D
from mnist_core.network.notation import parse, write
from mnist_core.network.optimizers import OPTIMIZERS
from mnist_core.network.spec import Augmentation, Network, Spec, Split, Training
from mnist_core.network.summary import check_limits
from mnist_core.network.value import SpecError
from tests.strategies import networks, trainings

LENET = Spec(network=parse("C8 M C16 M F D64"), split=Split(count=1000, limit=6000))
RATES = Range(low=1e-4, high=1e-1, steps=4)


def some(*values) -> st.SearchStrategy[tuple]:
    return st.lists(st.sampled_from(values), unique=True, max_size=3).map(tuple)


def ranges(low: float, high: float) -> st.SearchStrategy[Range | None]:
    ends = st.tuples(st.floats(low, high), st.floats(low, high))
    made = ends.filter(lambda pair: pair[0] < pair[1])
    return st.none() | made.map(lambda pair: Range(low=pair[0], high=pair[1]))


spaces = st.fixed_dictionaries(
    {
        "learning_rate": ranges(1e-6, 1),
        "batch_size": some(1, 32, 4096),
        "optimizer": some(*OPTIMIZERS),
        "filters": some(1, 5, 8, 64),
        "convolutions": some(1, 2, 3),
        "hidden_layers": some(0, 1, 2, 4),
        "dropout": ranges(0, 0.9),
        "shift": some(0, 2, 8),
        "rotation": ranges(0, 45),
    }
)
splits = st.sampled_from(
    [Split(), Split(limit=20_000), Split(kind="fraction"), Split(kind="fold", folds=5, fold=2)]
)
convolving = networks.map(
    lambda network: Network(layers=(Conv2D(filters=4, kernel_size=1), *network.layers))
)
bases = st.builds(Spec, network=convolving, training=trainings, split=splits)
FEW = settings(max_examples=50)


@st.composite
def points(draw) -> tuple[Study, dict]:
    """A study that is taken, and a choice from its space."""
    try:
        study = Study(
            base=draw(bases),
            space=Space(**draw(spaces)),
            trial_images=draw(st.sampled_from([None, 1000, 5000])),
        )
    except SpecError:
        assume(False)
        raise
    return study, {
        name: draw(st.floats(chosen.low, chosen.high) if isinstance(chosen, Range)
                   else st.sampled_from(chosen))
        for name, chosen in study.dimensions.items()
    }  # fmt: skip


@FEW
@given(points())
def test_every_point_of_a_space_makes_a_run_that_works(point):
    study, params = point
    assert Study.from_json(study.to_json()) == study
    for spec in (spec_of(study, params), full_spec(study, params)):
        check_limits(spec.network)
        assert Spec.from_json(spec.to_json()) == spec
        assert params_of(study, spec) == params


@FEW
@given(points())
def test_a_trial_differs_from_the_full_run_in_what_makes_it_short(point):
    study, params = point
    trial, whole = spec_of(study, params), full_spec(study, params)
    assert trial.network == whole.network
    assert trial.split.images == (study.trial_images or study.base.split.images)
    assert trial.split.kind == whole.split.kind == study.base.split.kind
    assert (trial.training.epochs, trial.training.seed) == (study.trial_epochs, study.seed)
    same = {"epochs": whole.training.epochs, "seed": whole.training.seed}
    assert trial.training.model_copy(update=same) == whole.training
    assert whole.split == study.base.split


@pytest.mark.parametrize(
    ("network", "params", "expected"),
    [
        ("C8 M C16 M F D64", {"filters": 4}, "C4 M C8 M F D64"),
        ("C8 M C16 M F D64", {"filters": 20}, "C20 M C40 M F D64"),
        ("C8k5s2 M F", {"convolutions": 3}, "C8k5s2 C8k5same C8k5same M F"),
        ("C8 F D64 Drop0.5 D32", {"hidden_layers": 2}, "C8 F D64 Drop0.5 D64 Drop0.5"),
        ("C8 F D64 Drop0.5 D32", {"hidden_layers": 0}, "C8 F"),
        ("C8 D4 GAP Drop0.5", {"hidden_layers": 2}, "C8 D4 GAP D64 D64 Drop0.5"),
        ("C8 Drop0.2 F Drop0.5", {"dropout": 0.3}, "C8 Drop0.3 F Drop0.3"),
        ("C8 F D64", {"dropout": 0.3}, "C8 F D64 Drop0.3"),
        ("C8 F D64", {"hidden_layers": 2, "dropout": 0.3}, "C8 F D64 D64 Drop0.3"),
    ],
)
def test_what_a_choice_does_to_the_layers(network, params, expected):
    dimensions = {
        name: Range(low=0, high=0.5) if name == "dropout" else (value,)
        for name, value in params.items()
    }
    base = LENET.model_copy(update={"network": parse(network)})
    assert (
        write(full_spec(Study(base=base, space=Space.model_validate(dimensions)), params).network)
        == expected
    )


def test_what_an_optimizer_does_not_have_is_left_out():
    training = Training(optimizer="sgd", momentum=0.9, nesterov=True)
    base = LENET.model_copy(update={"training": training})
    study = Study(base=base, space=Space(optimizer=("sgd", "adamw")))
    assert full_spec(study, {"optimizer": "sgd"}).training == training
    assert full_spec(study, {"optimizer": "adamw"}).training == Training(optimizer="adamw")


def test_augmentation_that_is_not_searched_stays():
    training = Training(augmentation=Augmentation(zoom=0.1, rotation=5))
    base = LENET.model_copy(update={"training": training})
    study = Study(base=base, space=Space(shift=(0, 2)))
    assert full_spec(study, {"shift": 2}).training.augmentation == Augmentation(
        shift=2, zoom=0.1, rotation=5
    )


def test_fewer_images_keep_the_share_that_is_held_out():
    study = Study(base=Spec(network=LENET.network), space=Space(shift=(1,)), trial_images=6000)
    split = spec_of(study, {"shift": 1}).split
    assert (split.limit, split.count, split.boundary) == (6000, 1000, 5000)


def test_a_grid_has_each_point_once_and_learning_rates_in_equal_proportions():
    space = Space(learning_rate=RATES, filters=(4, 8), dropout=Range(low=0, high=0.4, steps=3))
    study = Study(base=LENET, space=space, sampler="grid", trials=500)
    made = grid(study)
    assert len(made) == study.grid_size == study.total == 4 * 2 * 3
    assert len({tuple(point.values()) for point in made}) == len(made)
    assert sorted({p["learning_rate"] for p in made}) == pytest.approx([1e-4, 1e-3, 1e-2, 1e-1])
    assert sorted({p["dropout"] for p in made}) == pytest.approx([0, 0.2, 0.4])
    assert grid(study) == made
    assert grid(study.model_copy(update={"seed": 1})) != made


def test_more_trials_than_wanted_are_never_made():
    study = Study(base=LENET, space=Space(learning_rate=RATES), sampler="grid", trials=3)
    assert (study.grid_size, study.total) == (4, 3)
    assert study.model_copy(update={"sampler": "tpe", "trials": 9}).total == 9
    assert Study(base=LENET, space=Space(rotation=Range(low=0, high=9))).grid_size is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"base": {"split": Split(kind="test")}}, "validates on the test images"),
        ({"base": {"split": Split(kind="none")}}, "keeps no validation images"),
        ({"base": {"training": Training(schedule="range_test")}}, "schedule=range_test"),
        ({"base": {"network": parse("F D64")}}, "the network has none: add one"),
        ({"trial_images": 7000}, "at most the 6,000 that the base uses; received 7,000"),
        ({"trials": 0}, "trials must be greater than or equal to 1; received 0"),
        ({"trials": 501}, "received 501"),
        ({"space": {"filters": (8, 1024)}}, "filters=1024: .* received 2048"),
        ({"space": {"filters": (512,), "convolutions": (4,)}}, "at most 2,000,000 parameters"),
        ({"space": {"rotation": Range(low=0, high=9)}, "sampler": "grid"}, "without steps"),
        (
            {"sampler": "grid", "space": {"shift": tuple(range(9)), "filters": (4, 8, 16)}
             | {n: Range(low=0.1, high=0.5, steps=50) for n in ("dropout", "learning_rate")}},
            "at most 10,000 points; this one has 67,500",
        ),
        ({"space": {"rotation": Range(low=0, high=46)}}, "rotation must stay between 0 and 45"),
        ({"space": {"learning_rate": Range(low=0, high=1)}}, "learning_rate must stay between"),
        ({"space": {"batch_size": (32, 32)}}, "each value may occur once; received 32, 32"),
        ({"space": {"batch_size": tuple(range(1, 12))}}, "at most 10 values"),
        ({"space": {"optimizer": ("lamb",)}}, "received 'lamb'"),
        ({"space": {"rotation": {"low": 2, "high": 1}}}, "received 2 to 1: swap them"),
        ({"space": {"momentum": (0.9,)}}, "there is no setting called momentum"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused_with_a_sentence(changes, words):
    base = LENET.model_copy(update=changes.pop("base", {}))
    with pytest.raises(SpecError, match=words):
        Study(base=base, space=Space(**changes.pop("space", {"filters": (4, 8)})), **changes)


def test_a_search_needs_something_to_change():
    with pytest.raises(SpecError, match="choose at least one of learning_rate"):
        Space()


@pytest.mark.parametrize("text", ["", "{}", '{"base": 1}', LENET.to_json()])
def test_what_is_no_study_is_refused(text):
    with pytest.raises(SpecError):
        Study.from_json(text)


@given(st.floats(1e-7, 45), st.floats(1e-7, 45), st.floats(0, 1), st.integers(2, 50))
def test_what_is_rounded_stays_in_its_range_and_apart(one, other, share, steps):
    assume(abs(one - other) > 1e-9 * max(one, other))
    chosen = Range(low=min(one, other), high=max(one, other), steps=steps)
    width = chosen.high - chosen.low
    value = chosen.low + share * width
    near = chosen.rounded(min(value, chosen.high))
    assert chosen.low <= near <= chosen.high
    assert abs(near - value) <= max(5e-4 * min(value, width), 1e-12 * value)
    drawn = [chosen.rounded(chosen.low + width * k / (steps - 1)) for k in range(steps)]
    assert len(set(drawn)) == steps


def test_rounding_leaves_four_digits():
    wide, narrow = Range(low=0, high=0.9), Range(low=0.1, high=0.1002)
    assert wide.rounded(0.24024668587115466) == 0.2402
    assert Range(low=1e-7, high=10).rounded(0.0026070252564374657) == 0.002607
    assert wide.rounded(0.0) == 0.0
    assert narrow.rounded(0.10003456789) == 0.1000346
    assert Range(low=1 / 3, high=1).rounded(1 / 3) == 1 / 3
