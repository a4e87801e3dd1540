"""Settings by name: every field of a spec once, as an option, and back."""

import click
import pytest
from click.testing import CliRunner
from hypothesis import given, settings

from mnist_core.network.optimizers import OPTIMIZERS
from mnist_core.network.presets import NOTE_4, find
from mnist_core.network.settings import (
    SETTINGS,
    change_settings,
    read_network,
    read_spec,
    settings_of,
    spec_options,
)
from mnist_core.network.spec import Augmentation, Spec, Split, Training, Transfer
from mnist_core.network.value import SpecError
from tests.strategies import specs


def test_every_field_of_a_spec_is_one_setting():
    fields = Training.model_fields.keys() | Augmentation.model_fields.keys()
    fields |= Split.model_fields.keys() | Transfer.model_fields.keys()
    assert len(set(SETTINGS)) == len(SETTINGS)
    assert set(SETTINGS) == fields - {"augmentation", "kind", "frozen"} | {
        "split",
        "split_seed",
        "freeze",
    }


@settings(max_examples=50)
@given(specs)
def test_a_spec_is_made_again_from_its_settings(spec):
    assert change_settings(Spec(network=spec.network), settings_of(spec)) == Spec(
        network=spec.network,
        training=spec.training,
        split=_without_unused(spec.split),
        transfer=spec.transfer,
    )


def _without_unused(split: Split) -> Split:
    """Settings of another kind of split have no meaning, and are not among the settings."""
    used = {
        "last": {"count"},
        "fraction": {"fraction"},
        "fold": {"folds", "fold", "seed"},
        "test": set(),
        "none": set(),
    }[split.kind]
    return Split(**split.model_dump(include=used | {"kind", "limit", "digits"}))


def test_none_leaves_a_setting_as_it_is():
    spec = find("note-5")
    assert change_settings(spec, {"epochs": None, "split": None}) == spec
    assert change_settings(spec, {"epochs": 3}).training.epochs == 3
    assert spec.training.epochs == 10


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ({"count": 5}, "count is a setting of the split last; this run has the split fraction"),
        ({"split_seed": 5}, "split_seed is a setting of the split fold"),
        ({"split": "fold", "fraction": 0.5}, "this run has the split fold"),
        ({"epochs": "many"}, "epochs"),
        ({"freeze": "conv2d_1"}, "freeze needs trained weights .*choose a run to start from"),
        ({"source": "3"}, "source must match pattern.*received '3'"),
    ],
)
def test_a_setting_that_does_not_fit_is_refused(given_, words):
    with pytest.raises(SpecError, match=words):
        change_settings(find("note-5"), given_)


def test_a_network_is_a_preset_or_a_notation():
    assert read_network(("note-4/2",)) == find("note-4/2")
    assert read_network(("F", "D64")) == read_network(("F D64",))
    assert read_spec(("note-1",), {"epochs": 3}).training.epochs == 3
    with pytest.raises(
        SpecError, match=f"a study of several networks: choose one of {NOTE_4.name}/0"
    ):
        read_network(("note-4",))
    with pytest.raises(SpecError, match=r"neither a preset .* nor a network in notation"):
        read_network(("nonsense",))


def test_a_command_has_an_option_for_every_setting_with_its_limits():
    @click.command()
    @spec_options
    def command(**given_: object) -> None:
        click.echo(repr({name: value for name, value in given_.items() if value is not None}))

    assert {option.name for option in command.params} == set(SETTINGS) - {"source", "handwriting"}
    told = CliRunner().invoke(command, ["--epochs", "3", "--no-nesterov", "--split-seed", "7"])
    assert told.output == "{'epochs': '3', 'nesterov': False, 'split_seed': '7'}\n"
    help_ = " ".join(CliRunner().invoke(command, ["--help"], terminal_width=200).output.split())
    assert "--batch-size INTEGER from 1 to 4096" in help_
    assert "--digits DIGITS Train only on these" in help_
    assert "--freeze NAMES Layers to freeze" in help_
    assert "--momentum NUMBER from 0 below 1. SGD only" in help_
    assert "--learning-rate NUMBER above 0 to 10" in help_
    assert "--early-stopping INTEGER from 1 to 1000" in help_  # as well as none
    assert "--weight-decay NUMBER from 0 to 1" in help_
    assert "--schedule NAME constant, cosine" in help_
    assert f"--optimizer NAME {', '.join(OPTIMIZERS)}" in help_
