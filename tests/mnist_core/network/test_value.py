"""Frozen values: what cannot be one is refused with a sentence and its place."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mnist_core.network.notation import parse
from mnist_core.network.spec import Network, Spec, Training
from mnist_core.network.value import SpecError


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
