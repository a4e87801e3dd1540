"""Presets: named as they are found, and within every limit."""

import pytest

from mnist_core.network.presets import NOTE_4, NOTES, PRESETS, Preset, find
from mnist_core.network.spec import Spec, Transfer
from mnist_core.network.summary import check_limits
from mnist_core.network.transfer import check_transfer, weight_shapes
from mnist_core.network.value import SpecError

ALL = [*PRESETS.values(), *NOTE_4.presets]


@pytest.mark.parametrize("preset", ALL, ids=lambda preset: preset.name)
def test_a_preset_is_found_by_its_name_and_has_the_parameters_of_its_source(preset):
    assert find(preset.name) == preset.spec
    summary = check_limits(preset.spec.network)
    assert preset.parameters in (None, summary.parameters)


def test_no_two_presets_have_one_name_or_spec():
    assert len({preset.name for preset in ALL}) == len({p.spec.hash for p in ALL}) == len(ALL)


def test_what_starts_from_another_preset_fits_it():
    later = [preset for preset in ALL if preset.source]
    assert [preset.name for preset in later] == ["digits-5-9", "100-images"]
    for preset in later:
        source = find(preset.source)
        check_transfer(with_weights(preset), weight_shapes(source.network))
        assert not set(source.split.learned) & set(preset.spec.split.learned)
        assert preset.is_preset_of(with_weights(preset))
        assert not preset.is_preset_of(preset.spec)
    assert PRESETS["note-5"].is_preset_of(find("note-5"))
    assert not PRESETS["note-5"].is_preset_of(find("note-1"))


def with_weights(preset: Preset) -> Spec:
    start = Transfer(source=16 * "a", frozen=preset.frozen)
    return Spec.model_validate(preset.spec.model_dump() | {"transfer": start.model_dump()})


def test_note_4_has_its_depths():
    """Note 4 compares no to four hidden layers of 512 units: 784 * 512 + 512 and so on."""
    found = [check_limits(preset.spec.network).parameters for preset in NOTE_4.presets]
    first, more = 784 * 512 + 512, 512 * 512 + 512
    assert found == [7_850, *(first + depth * more + 5_130 for depth in range(4))]
    assert {preset.spec.split.kind for preset in NOTE_4.presets} == {"fold"}


def test_all_five_notes_have_presets():
    assert list(NOTES) == [f"note-{number}" for number in range(1, 6)]
    assert all(preset in ALL for presets in NOTES.values() for preset in presets)


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(SpecError, match=r"no preset 'note-9': choose one of note-1, .*note-4/4"):
        find("note-9")
