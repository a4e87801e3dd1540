"""Presets: named as they are found, and within every limit."""

import pytest

from mnist_core.network.presets import NOTE_4, NOTES, PRESETS, Preset, find
from mnist_core.network.settings import change_settings
from mnist_core.network.spec import Handwriting, Spec, Split, Training, Transfer
from mnist_core.network.summary import check_limits
from mnist_core.network.transfer import check_transfer, weight_shapes
from mnist_core.network.value import SpecError

ONE_HOT = "categorical_crossentropy"
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
    assert [preset.name for preset in later] == ["digits-5-9", "100-images", "our-class"]
    for preset in later:
        source = find(preset.source)
        check_transfer(with_weights(preset), weight_shapes(source.network))
        known = set(source.split.learned) & set(preset.spec.split.learned)
        assert bool(known) == preset.handwriting  # a class writes all digits
        assert preset.is_preset_of(with_weights(preset))
        assert not preset.is_preset_of(preset.spec)
    assert PRESETS["note-5"].is_preset_of(find("note-5"))
    assert not PRESETS["note-5"].is_preset_of(find("note-1"))


def with_weights(preset: Preset) -> Spec:
    start = Transfer(source=16 * "a", frozen=preset.frozen)
    own = Handwriting(images=7, writers=(1,), last=9, source=16 * "b")
    split = preset.spec.split.model_copy(
        update={"handwriting": own if preset.handwriting else None}
    )
    return preset.spec.model_copy(update={"transfer": start, "split": split})


def test_note_4_has_its_depths():
    """Note 4 compares no to four hidden layers of 512 units: 784 * 512 + 512 and so on."""
    found = [check_limits(preset.spec.network).parameters for preset in NOTE_4.presets]
    first, more = 784 * 512 + 512, 512 * 512 + 512
    assert found == [7_850, *(first + depth * more + 5_130 for depth in range(4))]
    assert {preset.spec.split.kind for preset in NOTE_4.presets} == {"fold"}


def test_all_five_notes_have_presets():
    assert list(NOTES) == [f"note-{number}" for number in range(1, 6)]
    assert all(preset in ALL for presets in NOTES.values() for preset in presets)


TRAINED: dict[str, tuple[dict[str, object], int]] = {
    "note-1": ({"split": "last", "count": 10_000, "epochs": 30}, 50_000),
    "note-2": ({"split": "test", "epochs": 20, "loss": ONE_HOT}, 60_000),
    "note-3": (
        {"split": "none", "epochs": 5, "loss": ONE_HOT, "optimizer": "rmsprop", "batch_size": 64},
        60_000,
    ),
    "note-4/2": ({"split": "fold", "folds": 5, "fold": 1, "epochs": 5, "batch_size": 100}, 48_000),
    "note-5": ({"split": "fraction", "fraction": 0.2, "epochs": 10}, 48_000),
    "keras-example": (
        {"split": "fraction", "fraction": 0.1, "epochs": 15, "loss": ONE_HOT},
        54_000,
    ),
}
"""How the course notes and Keras's example train, and their images; the rest is Keras's default."""


@pytest.mark.parametrize("name", TRAINED)
def test_a_preset_trains_as_its_source_does(name):
    changed, images = TRAINED[name]
    plain = Spec(network=find(name).network, split=Split(kind="none"))
    assert find(name) == change_settings(plain, changed)
    assert find(name).split.training_images == images
    assert Training().batch_size == 128  # of notes 1, 2 and 5, and of the example


@pytest.mark.parametrize(
    ("name", "accuracy", "loss"),
    [
        ("note-1", 0.9923, 0.0423),
        ("note-2", 0.9931, 0.0353),
        ("note-3", None, None),
        ("note-5", 0.9877, 0.0360),
    ],
)
def test_the_notes_figures_are_those_that_they_report(name, accuracy, loss):
    assert (PRESETS[name].accuracy, PRESETS[name].loss) == (accuracy, loss)
    assert NOTE_4.accuracy == 0.9806


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(SpecError, match=r"no preset 'note-9': choose one of note-1, .*note-4/4"):
        find("note-9")


@pytest.mark.parametrize("name", [name for name in PRESETS if name.startswith("under-")])
def test_a_small_preset_has_fewer_parameters_than_its_name_says(name):
    most = int(name.removeprefix("under-"))
    assert 0.9 * most < check_limits(find(name).network).parameters < most
    assert f"{most:,}" in PRESETS[name].title
