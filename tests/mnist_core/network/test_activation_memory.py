"""What a batch takes in memory: counted as Keras has it, bounded, and the same answers for it."""

import keras
import numpy as np
import pytest

from mnist_core.dataset import mnist
from mnist_core.experiments import studies
from mnist_core.experiments.definitions import Depths
from mnist_core.experiments.search_space import Space, Study, largest
from mnist_core.network import summary
from mnist_core.network.notation import parse
from mnist_core.network.presets import NOTE_4, PRESETS
from mnist_core.network.spec import Spec, Split, Training
from mnist_core.network.summary import (
    PREDICTION_BATCH_SIZE,
    activation_bytes,
    prediction_batch_size,
)
from mnist_core.storage import groups
from mnist_core.storage.quota import QuotaError, check_batch
from mnist_core.storage.runs import Store
from mnist_core.training.model import build, weights_of
from mnist_core.training.predictor import Predictor
from mnist_core.utils.server_settings import server_settings

WIDE = parse("C64same C64same M F")


@pytest.fixture
def hosted(monkeypatch):
    def change(**limits) -> None:
        for name, value in ({"hosted": 1} | limits).items():
            monkeypatch.setenv(f"MNIST_{name.upper()}", str(value))
        server_settings.cache_clear()

    yield change
    server_settings.cache_clear()


def with_batch(size: int, network=WIDE) -> Spec:
    return Spec(network=network, training=Training(batch_size=size))


@pytest.mark.parametrize("notation", ["C64same C64same M F", "C8bn A BN GAP D16 Drop0.2", "F D64"])
def test_it_is_what_kerass_own_layers_put_out(notation):
    model = build(parse(notation))
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    pixels, total = np.zeros((1, 28, 28, 1), np.float32), 0
    for layer in layers:
        pixels = np.asarray(layer(pixels))
        total += pixels.nbytes
    assert activation_bytes(parse(notation)) == total


def test_every_preset_is_predicted_as_many_at_once_as_before():
    assert {
        prediction_batch_size(p.spec.network) for p in [*PRESETS.values(), *NOTE_4.presets]
    } == {PREDICTION_BATCH_SIZE}
    assert prediction_batch_size(parse("C1024k1same GAP")) < 20


def test_fewer_at_once_change_nothing(monkeypatch):
    network, images = parse("C4 M F"), mnist.load().x_test[:40]
    weights = weights_of(build(network))
    whole = Predictor(network, weights).probabilities(images)
    monkeypatch.setattr(summary, "WIDEST_BYTES", 7 * 4 * 26 * 26 * 4)
    assert prediction_batch_size(network) == 7
    np.testing.assert_allclose(Predictor(network, weights).probabilities(images), whole, atol=1e-6)


def test_a_batch_over_the_limit_is_refused_with_the_way_out(hosted):
    hosted(max_activation_mb=100, max_multiply_adds=10**9)
    store, most = Store(), int(100e6 / activation_bytes(WIDE))
    store.create_run(with_batch(most))
    for size in (most + 1, 4096):
        words = f"at most 100 MB per batch; with {size:,} images .* a smaller batch_size or"
        with pytest.raises(QuotaError, match=words):
            store.create_run(with_batch(size))
    assert len(store.runs()) == 1


def test_a_study_whose_largest_trial_is_over_it_is_not_begun(hosted):
    hosted(max_activation_mb=10)
    base = with_batch(32, parse("C8 M F"))
    study = Study(base=base, space=Space(batch_size=(512, 32), filters=(8, 64)))
    assert largest(study).training.batch_size == 512
    with pytest.raises(QuotaError, match="at most 10 MB per batch; with 512 images"):
        studies.start(Store(), study)
    assert not groups.list_groups(Store(), "study")


def test_a_small_batch_counts_as_what_looking_into_the_network_takes(hosted):
    hosted(max_activation_mb=10)
    with pytest.raises(QuotaError, match=r"with 32 images \(smaller batches count the same\)"):
        check_batch(with_batch(1))
    with pytest.raises(QuotaError, match="with 32 images"):
        check_batch(with_batch(4096), trains=False)
    check_batch(with_batch(4096, parse("C4 M F")), trains=False)


def test_presets_and_the_usual_searches_are_within_it(hosted):
    hosted()
    for preset in [*PRESETS.values(), *NOTE_4.presets]:
        check_batch(preset.spec)
        if preset.spec.network.layers[0].kind != "conv2d":
            continue
        usual = Space(batch_size=(32, 64, 128), filters=(8, 16, 32), hidden_layers=(0, 1, 2))
        base = preset.spec.model_copy(update={"split": Split()})
        check_batch(largest(Study(base=base, space=usual)))
    for spec in Depths().specs().values():
        check_batch(spec)


def test_alone_on_a_laptop_nothing_is_refused():
    check_batch(with_batch(4096))
