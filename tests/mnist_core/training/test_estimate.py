"""Steps are those that training takes; estimates keep their proportions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_core.dataset import mnist
from mnist_core.network.notation import parse
from mnist_core.network.presets import NOTE_4, PRESETS, find
from mnist_core.network.settings import change_settings
from mnist_core.network.spec import Spec
from mnist_core.storage.runs import Store
from mnist_core.training import estimate
from tests.strategies import splits

SPEEDS = estimate.Speed(1e9, "a test")


@given(splits, st.integers(1, 4096), st.integers(1, 9))
def test_steps_are_those_of_the_real_partition(split, batch_size, epochs):
    spec = change_settings(find("note-5"), {"batch_size": batch_size, "epochs": epochs})
    spec = spec.model_copy(update={"split": split})
    drawn = mnist.partition(split)
    rows = drawn.train
    batches = [rows[i : i + batch_size] for i in range(0, len(rows), batch_size)]
    steps = estimate.steps(spec)
    assert (steps.images, steps.total) == (len(rows), epochs * len(batches))
    assert (steps.per_epoch, steps.last_batch) == (len(batches), len(batches[-1]))
    assert split.held_out == (0 if drawn.leaks else len(drawn.validation))


@pytest.mark.parametrize("preset", [*PRESETS.values(), *NOTE_4.presets], ids=lambda p: p.name)
def test_images_of_the_presets(preset):
    assert preset.spec.split.training_images == len(mnist.partition(preset.spec.split).train)


def test_an_estimate_grows_with_epochs_images_and_layers():
    spec = find("note-5")
    once = estimate.seconds(spec, SPEEDS)
    more = change_settings(spec, {"epochs": 2 * spec.training.epochs})
    assert estimate.seconds(more, SPEEDS) == pytest.approx(2 * once)
    larger = Spec(network=parse("C32 M C64 M F D128"), training=spec.training, split=spec.split)
    assert estimate.seconds(larger, SPEEDS) > 3 * once


def test_a_run_tells_how_fast_it_was():
    store = Store()
    spec = find("note-5")
    assert estimate.measured_speed(spec, store.runs()) is None
    run = store.create_run(spec)
    store.update(run.id, images_per_s=20_000.0, seconds=estimate.LONG_ENOUGH_S - 0.1)
    assert estimate.measured_speed(spec, store.runs()) is None  # it was mostly start-up
    store.update(run.id, seconds=30.0)
    assert (
        estimate.measured_speed(find("note-1"), store.runs()) is None
    )  # it tells of its own network
    speed = estimate.measured_speed(spec, store.runs())
    assert speed is not None
    images = spec.split.training_images * spec.training.epochs
    assert estimate.seconds(spec, speed) == pytest.approx(images / 20_000)
    half = change_settings(spec, {"precision": "mixed_bfloat16"})
    assert estimate.measured_speed(half, store.runs()) is None


def test_a_speed_says_how_it_was_measured():
    store, plain = Store(), find("note-5")
    shifted = change_settings(plain, {"shift": 2})
    for spec in (plain, shifted):
        run = store.create_run(spec)
        store.update(run.id, images_per_s=20_000.0, seconds=30.0)
    assert [run.spec for run in store.runs()] == [shifted, plain]  # the newest first
    for spec in (plain, shifted):
        speed = estimate.measured_speed(spec, store.runs())
        assert speed is not None
        assert (speed.precision, speed.augments) == ("float32", spec == shifted)
    only = [run for run in store.runs() if run.spec == plain]
    speed = estimate.measured_speed(shifted, only)
    assert speed is not None
    assert not speed.augments


# Seconds an image beside note-5's, measured by `benchmarks/estimate.py` on two cores.
MEASURED = {"note-1": 4.0, "note-2": 6.0, "lenet-5": 1.4, "accurate": 5.6}


@pytest.mark.parametrize(("name", "ratio"), MEASURED.items())
def test_the_work_of_a_network_is_near_what_was_measured(name, ratio):
    estimated = estimate.cost_per_image(find(name).network) / estimate.cost_per_image(
        find("note-5").network
    )
    assert 0.6 < estimated / ratio < 1.6
