"""The automatic names of runs: the preset, and whatever differs from it."""

import re
from typing import Any

import pytest
from hypothesis import given

from mnist_core.network.naming import CHANGES, NAME_LENGTH, SHORT, describe, short_notation
from mnist_core.network.notation import parse, write
from mnist_core.network.presets import NOTE_4, PRESETS, find
from mnist_core.network.settings import SETTINGS, change_settings
from mnist_core.network.spec import Spec
from tests.strategies import networks, specs

OTHER_VALUES: dict[str, dict[str, Any]] = {
    "optimizer": {"optimizer": "rmsprop"},
    "learning_rate": {"learning_rate": 0.01},
    "momentum": {"optimizer": "sgd", "momentum": 0.9},
    "nesterov": {"optimizer": "sgd", "momentum": 0.9, "nesterov": True},
    "weight_decay": {"optimizer": "adamw", "weight_decay": 0.01},
    "beta_1": {"beta_1": 0.8},
    "beta_2": {"beta_2": 0.99},
    "schedule": {"schedule": "one_cycle"},
    "loss": {"loss": "categorical_crossentropy"},
    "label_smoothing": {"loss": "categorical_crossentropy", "label_smoothing": 0.1},
    "batch_size": {"batch_size": 32},
    "epochs": {"epochs": 3},
    "early_stopping": {"early_stopping": 2},
    "precision": {"precision": "mixed_bfloat16"},
    "seed": {"seed": 3},
    "shift": {"shift": 2},
    "rotation": {"rotation": 10},
    "zoom": {"zoom": 0.1},
    "split": {"split": "none"},
    "count": {"split": "last", "count": 5_000},
    "fraction": {"fraction": 0.1},
    "folds": {"split": "fold", "folds": 4},
    "fold": {"split": "fold", "fold": 2},
    "split_seed": {"split": "fold", "split_seed": 8},
    "limit": {"limit": 12_000},
    "digits": {"digits": "5-9"},
    "handwriting": {"handwriting": f"24 digits by 1-3,7 up to 60 ({16 * 'b'})"},
    "source": {"source": 16 * "a"},
    "freeze": {"source": 16 * "a", "freeze": "conv2d_1,conv2d_2"},
}
"""For each setting another value than that of note 5, with the settings that it needs."""


@pytest.mark.parametrize("preset", [*PRESETS.values(), *NOTE_4.presets], ids=lambda p: p.name)
def test_a_preset_has_its_own_name(preset):
    if preset.handwriting:  # without it, it is another preset's network with other settings
        assert describe(preset.spec).startswith(f"{preset.source} · ")
        given = OTHER_VALUES["handwriting"]
        name = describe(change_settings(preset.spec, given))
        assert name == f"{preset.name} · only our handwriting"
    else:
        assert describe(preset.spec) == preset.name


def test_every_setting_has_words():
    assert set(CHANGES) == OTHER_VALUES.keys() == set(SETTINGS)


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_change_of_any_setting_changes_the_name(setting):
    needed = {name: v for name, v in OTHER_VALUES[setting].items() if name != setting}
    before = change_settings(find("note-5"), needed)
    after = change_settings(find("note-5"), OTHER_VALUES[setting])
    assert describe(after) != describe(before)
    assert describe(after).startswith("note-5 · ")


@pytest.mark.parametrize(
    ("network", "changes", "name"),
    [
        ("note-5", {"learning_rate": 0.01, "limit": 12_000}, "note-5 · lr 0.01 · 12,000 images"),
        ("note-5", {"epochs": 1}, "note-5 · 1 epoch"),
        ("note-5", {"split": "none"}, "note-5 · no validation"),
        ("note-5", {"fraction": 0.1}, "note-5 · 10\u00a0% for validation"),
        ("note-5", {"split": "fold", "fold": 2}, "note-5 · fold 2 of 5"),
        ("accurate", {"shift": 0, "precision": "float32"}, "accurate · no shift · float32"),
        (
            "note-1",
            {"seed": 3, "batch_size": 32, "optimizer": "sgd", "epochs": 3, "learning_rate": 0.1},
            "note-1 · lr 0.1 · sgd · 3 epochs · +2 more",
        ),
        ("note-4/2", {"learning_rate": 0.01}, "note-4/2 · lr 0.01"),
        (
            "note-5",
            {"digits": "0,1,5-9", "limit": 100},
            "note-5 · digits 0,1,5\u20139 · 100 images",
        ),
    ],
)
def test_the_name_lists_what_differs_from_the_preset(network, changes, name):
    assert describe(change_settings(find(network), changes)) == name


def test_a_name_has_the_run_that_it_starts_from():
    changes = {"source": 16 * "a", "freeze": "conv2d_2,conv2d_1", "digits": "5-9", "epochs": 2}
    spec = change_settings(find("note-5"), changes)
    assert describe(spec, "3") == "note-5 · from 3 · 2 frozen · digits 5\u20139 · +1 more"
    assert describe(spec).startswith("note-5 · from other weights · 2 frozen")
    assert describe(find("note-5"), "3") == "note-5"


def test_another_network_is_named_by_its_notation_and_what_differs_from_the_defaults():
    spec = Spec(network=parse("C32 M F D64"))
    assert describe(spec) == "C32 M F D64"
    assert describe(change_settings(spec, {"batch_size": 64})) == "C32 M F D64 · batch size 64"


def test_a_long_notation_is_shortened_between_layers():
    network = parse("C32 BN C32 BN M Drop0.25 C64 BN C64 BN M Drop0.25 F D256 BN Drop0.5")
    assert short_notation(network) == "C32 BN C32 BN M ... Drop0.5"
    assert short_notation(parse("C8 M F")) == "C8 M F"


@given(networks)
def test_a_shortened_notation_keeps_the_layers_that_fit_and_a_short_last_one(network):
    words, short = write(network).split(), short_notation(network).split()
    if len(" ".join(words)) <= 32:
        assert short == words
        return
    kept = short.index("...")
    assert short[:kept] == words[:kept]
    assert short[kept + 1 :] == ([words[-1]] if len(words[-1]) < 16 else [])
    assert len(" ".join([*words[: kept + 1], *short[kept:]])) > 32


def test_of_many_changes_as_many_are_listed_as_fit():
    spec = Spec(network=parse("C32k5same C32k5same M F D100"))  # 28 characters
    changes = {"optimizer": "adamax", "batch_size": 4_000, "schedule": "one_cycle", "seed": 9}
    name = describe(change_settings(spec, changes))
    assert name == f"{write(spec.network)} · adamax · batch size 4000 · +2 more"
    assert (
        len(f"{write(spec.network)} · adamax · batch size 4000 · one cycle schedule · +1 more") > 80
    )


@given(specs)
def test_any_name_fits_and_begins_with_its_network(spec):
    name = describe(spec)
    assert len(name) <= NAME_LENGTH
    assert len(short_notation(spec.network)) <= SHORT
    presets = (p.name for p in (*PRESETS.values(), *NOTE_4.presets))
    first, *changes = name.split(" · ")
    assert first in (*presets, short_notation(spec.network))
    assert len([words for words in changes if not re.fullmatch(r"\+\d+ more", words)]) <= 3
    if len(write(spec.network)) <= SHORT:
        assert "..." not in first
