"""Specs: refused where they are made, the same after JSON."""

import pytest

from mnist_core.network.layers import BatchNormalization, Conv2D, Dropout, Flatten
from mnist_core.network.notation import parse
from mnist_core.network.presets import NOTE_4, PRESETS, find
from mnist_core.network.settings import settings_of
from mnist_core.network.spec import Augmentation, Network, Spec, Split, Training, Transfer
from mnist_core.network.value import SpecError

ALL = [preset.spec for preset in (*PRESETS.values(), *NOTE_4.presets)]


@pytest.mark.parametrize("spec", ALL)
def test_json_round_trip(spec):
    again = Spec.from_json(spec.to_json())
    assert again == spec
    assert again.hash == spec.hash


def test_the_defaults_are_those_of_keras_with_the_notes_batches_and_validation():
    assert settings_of(Spec(network=parse("F"))) == {
        **{"optimizer": "adam", "learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.999},
        **{"momentum": 0, "nesterov": False, "weight_decay": None, "label_smoothing": 0},
        **{"loss": "sparse_categorical_crossentropy", "batch_size": 128, "epochs": 5, "seed": 0},
        **{"schedule": "constant", "early_stopping": None, "precision": "float32"},
        **{"shift": 0, "rotation": 0, "zoom": 0, "split": "last", "count": 10_000, "limit": None},
        **{"digits": None, "source": None, "freeze": None, "handwriting": None},
    }
    folds, fraction = (Spec(network=parse("F"), split=Split(kind=k)) for k in ("fold", "fraction"))
    assert {"folds": 5, "fold": 1, "split_seed": 0}.items() <= settings_of(folds).items()
    assert settings_of(fraction)["fraction"] == 0.2


def test_minus_zero_is_zero():
    plus, minus = (Spec(network=parse(f"F Drop{zero} D8l2={zero}")) for zero in ("0.0", "-0.0"))
    assert plus == minus
    assert (plus.to_json(), plus.hash) == (minus.to_json(), minus.hash)


def test_specs_that_differ_have_different_hashes():
    assert len({spec.hash for spec in ALL}) == len(ALL)


def test_twice_as_many_layers_as_can_be_trained_are_read_and_no_more():
    layers = [BatchNormalization()] * 47
    assert len(Network(layers=(*layers, Flatten())).layers) == 48
    with pytest.raises(SpecError, match="at most 24 layers; this one has 49"):
        Network(layers=(*layers, Flatten(), Flatten()))


@pytest.mark.parametrize(
    ("split", "held_out"),
    [
        ({"kind": "last", "count": 3_999, "limit": 4_000}, 3_999),
        ({"kind": "last", "count": 4_000, "limit": 4_000}, None),
        ({"kind": "fraction", "fraction": 0.9995, "limit": 1_000}, None),
        ({"kind": "fraction", "fraction": 0.9985, "limit": 1_000}, 999),
        ({"kind": "fraction", "fraction": 1e-17, "limit": 1_000}, None),
        ({"kind": "fraction", "fraction": 1e-6, "limit": 1_000}, 1),
        ({"kind": "none"}, 0),
        ({"kind": "test"}, 0),
        ({"kind": "fold", "folds": 3, "fold": 1, "limit": 1_000}, 334),
        ({"kind": "fold", "folds": 3, "fold": 3, "limit": 1_000}, 333),
    ],
)
def test_at_least_one_image_is_on_either_side(split, held_out):
    if held_out is None:
        with pytest.raises(
            SpecError,
            match=r"leave (some images for training|images for training and for validation)",
        ):
            Split(**split)
    else:
        made = Split(**split)
        assert (made.held_out, made.training_images) == (held_out, made.images - held_out)


def test_the_last_fold_is_one_of_them():
    assert Split(kind="fold", folds=3, fold=3).fold == 3


def frozen(names: str, notation: str = "C4 F Drop0.1 D8") -> Spec:
    transfer = Transfer.model_validate({"source": 16 * "0", "frozen": names})
    return Spec(network=parse(notation), transfer=transfer)


def test_the_order_of_frozen_layers_does_not_matter():
    assert frozen("conv2d_1, dense_1") == frozen("dense_1,conv2d_1,dense_1")
    assert frozen("batch_normalization_1,dense_1", "BN F D8").frozen[0] == "batch_normalization_1"
    with pytest.raises(SpecError, match="stay trainable"):
        frozen("batch_normalization_1,output", "BN F")


def test_the_same_digits_are_the_same_split():
    text = Split.model_validate({"digits": "5-7, 9,8"})
    assert text == Split(digits=(9, 8, 7, 6, 5, 5))
    assert text.to_json() == Split(digits=(5, 6, 7, 8, 9)).to_json()
    assert Split(digits=tuple(range(10))) == Split()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Dropout(rate=2), "rate must be less than 1; received 2"),
        (lambda: Conv2D(filters=3, size=3), "no setting called size"),  # type: ignore[call-arg]
        (lambda: Conv2D.model_validate({}), "filters is missing"),
        (lambda: Training(learning_rate=float("nan")), "learning_rate must be a finite number"),
        (lambda: Training(optimizer="lamb"), "optimizer must be 'adam'.*received 'lamb'"),  # type: ignore[arg-type]
        (lambda: Training(momentum=0.9), "momentum is a setting of sgd.*choose sgd"),
        (lambda: Training(optimizer="sgd", nesterov=True), "nesterov needs sgd with momentum"),
        (lambda: Training(weight_decay=0.1), "weight_decay is a setting of adamw"),
        (lambda: Training(label_smoothing=0.1), "label_smoothing needs one-hot labels"),
        (lambda: Augmentation(shift=99), "shift must be less than or equal to 8; received 99"),
        (
            lambda: Split(count=5000, limit=4000),
            "received count=5000 of 4000: choose a smaller count",
        ),
        (lambda: Split(limit=9), "limit must be greater than or equal to 10; received 9"),
        (lambda: Split(limit=100), "received count=10000 of 100: choose a smaller count"),
        (lambda: Split(digits=(3, 3)), r"at least two, .* received \[3\]: add another"),
        (lambda: Split(digits="5-10"), "single digits or ranges.* received '5-10'"),  # type: ignore[arg-type]
        (lambda: Split(digits=(1, 12)), "digits.1 must be less than or equal to 9; received 12"),
        (
            lambda: Split(kind="fold", limit=49),
            "5 stratified folds of 10 .* 50 images; received 49",
        ),
        (lambda: Split(kind="fold", folds=3, fold=4), "between 1 and folds=3; received 4"),
        (
            lambda: Split(kind="fraction", fraction=0.99999),
            "leave images for training and for validation",
        ),
        (
            lambda: frozen("conv2d_9"),
            "only layers .* conv2d_1, dense_1, output; received 'conv2d_9'",
        ),
        (lambda: frozen("dropout_1"), "only layers with weights can be frozen"),
        (lambda: frozen("conv2d_1,output,dense_1"), "at least one layer must stay trainable"),
        (lambda: Transfer(source="3"), "source must match"),
        (lambda: find("note-9"), "there is no preset 'note-9': choose one of note-1"),
        (
            lambda: Spec(
                network=parse("F"), training=Training(early_stopping=2), split=Split(kind="none")
            ),
            "early stopping watches val_loss",
        ),
    ],
)
def test_a_bad_setting_is_refused_with_the_rule_and_the_value(make, message):
    with pytest.raises(SpecError, match=message):
        make()
