"""Frozen values: what cannot be one is refused with a sentence and its place."""

import json
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mnist_core.network.layers import Dense, Dropout
from mnist_core.network.notation import parse
from mnist_core.network.spec import Augmentation, Network, Spec, Split, Training
from mnist_core.network.value import MOST_JSON, SpecError, limits


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not valid JSON"),
        ("[]", "received \\[\\]"),
        ("{}", "network is missing"),
        ('{"network": {"layers": 3}}', "layers must be a list"),
        ('{"network": {"layers": [{"kind": "lstm"}]}}', "layer 1: there is no layer of the kind"),
        ('{"network": {"layers": [{}]}}', "layer 1: a layer needs its kind"),
        (
            '{"network": {"layers": [{"kind": "flatten"}]}, "training": {"seed": "'
            + "9" * 5_000
            + '"}}',
            "fewer digits",
        ),
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
    for notation, layer in (("C4 M", 2), ("C4 D8 M", 1), ("D8 C4", 0)):  # no vector at the end
        with pytest.raises(SpecError) as caught:
            parse(notation)
        assert caught.value.layer == layer
    with pytest.raises(SpecError) as caught:
        Network.model_validate({"layers": [{"kind": "flatten"}, {"kind": "dense", "units": 0}]})
    assert caught.value.layer == 1


@pytest.mark.parametrize(
    ("model", "name", "step", "expected"),
    [
        (Augmentation, "shift", 1, (0, 8)),
        (Training, "learning_rate", 1e-6, (1e-6, 10)),
        (Training, "momentum", 0.01, (0, 0.99)),
        (Training, "early_stopping", 1, (1, 1_000)),
        (Split, "fraction", 0.1, (0.1, 0.9)),
        (Split, "kind", 1, (-inf, inf)),
        (Dense, "l2", 0, (0, 1)),
        (Dropout, "rate", 0.01, (0, 0.99)),
    ],
)
def test_limits_are_the_first_and_the_last_value_that_is_allowed(model, name, step, expected):
    assert limits(model, name, step) == expected


def test_json_of_the_greatest_length_is_read():
    text = Spec(network=parse("F")).to_json()
    assert Spec.from_json(text + " " * (MOST_JSON - len(text))).network == parse("F")
    with pytest.raises(SpecError, match="at most 100,000 characters; received 100,001"):
        Spec.from_json(text + " " * (MOST_JSON + 1 - len(text)))


def test_specs_are_frozen():
    with pytest.raises(ValidationError, match="frozen"):
        Training().epochs = 3  # type: ignore[misc]
