"""Specs: refused where they are made, the same after JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mnist_core.network.layers import Conv2D, Dropout
from mnist_core.network.notation import parse
from mnist_core.network.presets import NOTE_4, PRESETS, find
from mnist_core.network.spec import Augmentation, Network, Spec, Split, Training
from mnist_core.network.value import SpecError

ALL = [preset.spec for preset in (*PRESETS.values(), *NOTE_4.presets)]


@pytest.mark.parametrize("spec", ALL)
def test_json_round_trip(spec):
    again = Spec.from_json(spec.to_json())
    assert again == spec
    assert again.hash == spec.hash


def test_specs_that_differ_have_different_hashes():
    assert len({spec.hash for spec in ALL}) == len(ALL)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Dropout(rate=2), "rate must be less than 1; received 2"),
        (lambda: Conv2D(filters=3, size=3), "no setting called size"),  # type: ignore[call-arg]
        (lambda: Conv2D.model_validate({}), "filters is missing"),
        (lambda: Training(learning_rate=float("nan")), "learning_rate must be a finite number"),
        (lambda: Training(optimizer="lion"), "optimizer must be 'adam'.*received 'lion'"),  # type: ignore[arg-type]
        (lambda: Training(momentum=0.9), "momentum is a setting of sgd.*choose sgd"),
        (lambda: Training(optimizer="sgd", nesterov=True), "nesterov needs sgd with momentum"),
        (lambda: Training(weight_decay=0.1), "weight_decay is a setting of adamw"),
        (lambda: Training(label_smoothing=0.1), "label_smoothing needs one-hot labels"),
        (lambda: Augmentation(shift=99), "shift must be less than or equal to 8; received 99"),
        (lambda: Split(count=5000, limit=4000), "received count=5000 of 4000: hold out fewer"),
        (lambda: Split(kind="fold", folds=3, fold=4), "between 1 and folds=3; received 4"),
        (lambda: Split(kind="fraction", fraction=0.99999), "leave images on both sides"),
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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not valid JSON"),
        ("[]", "received \\[\\]"),
        ("{}", "network is missing"),
        ('{"network": {"layers": 3}}', "layers must be a list"),
        ('{"network": {"layers": [{"kind": "lstm"}]}}', "layer 1: there is no layer of the kind"),
        ('{"network": {"layers": [{}]}}', "layer 1: a layer needs its kind"),
        ('{"network": {"layers": [3]}}', "layer 1: .*received 3"),
    ],
)
def test_bad_json_is_refused_with_the_place(text, message):
    with pytest.raises(SpecError, match=message):
        Spec.from_json(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["network", "layers", "kind", "training", "epochs", "split", "count"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_json_is_a_spec_or_a_spec_error(value):
    try:
        Spec.from_json(json.dumps(value))
    except SpecError as error:
        assert str(error)  # noqa: PT017


def test_the_layer_of_an_error_is_known():
    with pytest.raises(SpecError) as caught:
        parse("C8 M M M M M F")
    assert caught.value.layer == 5
    with pytest.raises(SpecError) as caught:
        Network.model_validate({"layers": [{"kind": "flatten"}, {"kind": "dense", "units": 0}]})
    assert caught.value.layer == 1


def test_specs_are_frozen():
    with pytest.raises(ValidationError, match="frozen"):
        Training().epochs = 3  # type: ignore[misc]
