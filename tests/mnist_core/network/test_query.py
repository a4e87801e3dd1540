"""A link says all of a spec, and refuses what it does not know."""

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given

from mnist_core.network.presets import NOTE_4, PRESETS, find
from mnist_core.network.query import from_query, to_query
from mnist_core.network.value import SpecError
from tests.strategies import specs


@given(specs)
def test_a_spec_survives_the_address_bar(spec):
    assert from_query(dict(parse_qsl(urlencode(to_query(spec))))) == spec


@pytest.mark.parametrize("preset", [*PRESETS.values(), *NOTE_4.presets], ids=lambda p: p.name)
def test_the_presets(preset):
    assert from_query(to_query(preset.spec)) == preset.spec


def test_a_link_may_name_a_preset_and_change_it():
    spec = from_query({"network": "note-1", "epochs": "2"})
    assert spec.network == find("note-1").network
    assert spec.training.epochs == 2


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"network": "C8 M"}, "needs a vector"),
        ({"network": "X9"}, "not a layer|neither a preset"),
        ({"network": ""}, "neither a preset"),
        ({"network": "F", "epochs": "many"}, "epochs must be a valid integer"),
        ({"network": "F", "epoch": "3"}, "'epoch'"),
        ({"network": "F", "momentum": "0.9"}, "momentum is a setting of sgd"),
        (
            {"network": "F", "split": "none", "count": "9"},
            "count is a setting of the split last; this run has the split none: choose",
        ),
        ({"network": "F", "learning_rate": "nan"}, "learning_rate must be a finite number"),
    ],
)
def test_a_broken_link_is_explained(query, words):
    with pytest.raises(SpecError, match=words):
        from_query(query)
