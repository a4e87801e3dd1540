"""A recorded run from queue to report: finished, paused, stopped, failed, interrupted, killed."""

import signal
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import sqlalchemy as sa
from scipy import ndimage
from sklearn.metrics import confusion_matrix

from mnist_core.dataset import mnist
from mnist_core.evaluation.histograms import histograms
from mnist_core.evaluation.history import TrainingError
from mnist_core.evaluation.run import Run
from mnist_core.execution import queue
from mnist_core.execution.runner import (
    assess,
    assess_shifted,
    batch_trainer,
    execute,
    predictor,
)
from mnist_core.exporting.export import export
from mnist_core.exporting.formats import ExportError
from mnist_core.network.layers import Conv2D
from mnist_core.network.notation import parse
from mnist_core.network.spec import MAX_LAYERS, Network, Spec, Split, Training, Transfer
from mnist_core.network.summary import check_limits
from mnist_core.network.transfer import weight_shapes
from mnist_core.storage import artifacts
from mnist_core.storage.artifacts import EpochSnapshot, load_report, load_weights, plan_more_epochs
from mnist_core.storage.database import StoreError
from mnist_core.storage.quota import QuotaError
from mnist_core.storage.runs import Store
from mnist_core.storage.schema import ARTIFACTS
from mnist_core.training.gradients import gradients
from mnist_core.training.model import initial_weights, with_weights
from mnist_core.training.predictor import Predictor
from mnist_core.utils.npz import fingerprint, pack
from mnist_core.utils.server_settings import server_settings

SPLIT = Split(kind="last", count=500, limit=2000)


def spec(notation: str = "C4 M F D16 Drop0.3", **training) -> Spec:
    settings = {"epochs": 3, "batch_size": 64} | training
    return Spec(network=parse(notation), training=Training.model_validate(settings), split=SPLIT)


def after(source: Run, notation: str = "C4 M F D16 Drop0.3") -> Spec:
    """What learns from five digits more, with the convolution of a run as it is."""
    assert source.weights_hash
    transfer = Transfer(source=source.weights_hash, frozen=("conv2d_1",))
    split = Split(kind="last", count=100, limit=600, digits=(5, 6, 7, 8, 9))
    return spec(notation).model_copy(update={"transfer": transfer, "split": split})


class Asker:
    """Asks the store for something after so many reports, as a page would."""

    def __init__(self, store: Store, run_id: int, after: int, **what) -> None:
        self.store, self.run_id, self.after, self.what = store, run_id, after, what

    def on_progress(self, progress) -> bool:
        self.after -= 1
        if self.after == 0:
            self.store.update(self.run_id, **self.what)
        return True

    def on_epoch(self, epoch, checkpoint) -> None: ...


@pytest.fixture
def store(url) -> Store:
    return Store(url=url)


@pytest.fixture
def in_small_chunks(monkeypatch):
    """Five chunks an epoch, each recorded at once."""
    monkeypatch.setattr("mnist_core.training.train_step.CHUNK_MULTIPLY_ADDS", 3.5e7)
    monkeypatch.setattr("mnist_core.execution.recorder.RECORD_EVERY_S", 0)


def test_a_finished_run_has_curves_weights_predictions_and_a_report(store):
    run = execute(store, store.create_run(spec()).id)
    assert (run.state, run.epochs, run.planned, run.request) == ("finished", 3, 3, None)
    assert run.started_at
    assert run.finished_at
    assert run.started_at <= run.finished_at
    assert [epoch.epoch for epoch in store.epochs(run.id)] == [1, 2, 3]
    assert len(store.batches(run.id)[0]) == 3 * 24
    kept = load_report(store, run.id)
    assert kept is not None
    assert (run.test_accuracy, run.test_loss) == (kept.accuracy, kept.loss)


def test_a_run_over_its_time_on_a_hosted_server_is_stopped_and_kept(store, hosted, in_small_chunks):
    created = store.create_run(spec(epochs=20))
    hosted(max_seconds=0.001)
    run = execute(store, created.id)
    assert run.state == "stopped"
    assert "this server's limit of" in run.reason
    assert len(store.batches(run.id)[0]) == run.step > 0
    assert run.test_accuracy is not None
    with pytest.raises(QuotaError, match=r"at most 0\.001 s"):
        queue.enqueue(store, run.id)
    hosted(max_seconds=600)
    queue.enqueue(store, run.id)
    assert store.run(run.id).state == "queued"


def test_alone_on_a_laptop_a_run_takes_the_time_it_needs(store, monkeypatch):
    monkeypatch.setenv("MNIST_MAX_SECONDS", "0.001")
    server_settings.cache_clear()
    assert execute(store, store.create_run(spec(epochs=1)).id).state == "finished"
    server_settings.cache_clear()


def check_report(store: Store, run_id: int, path: Path) -> Run:
    """Compare a run's report with what Keras evaluates; returns the run."""
    model = keras.models.load_model(export(store, run_id, path))
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    data = mnist.load()
    images = data.x_test[..., None] / np.float32(255)
    loss, accuracy = model.evaluate(images, data.y_test, batch_size=1000, verbose=0)
    run = store.run(run_id)
    assert run.test_accuracy == pytest.approx(accuracy, abs=1e-6)
    assert run.test_loss == pytest.approx(loss, rel=1e-4)
    return run


def test_the_report_is_what_keras_evaluates(store, tmp_path):
    run = execute(store, store.create_run(spec()).id)
    check_report(store, run.id, tmp_path / "model.keras")


def test_the_report_of_an_example_is_what_keras_evaluates(trained_run, tmp_path):
    store, run_id = trained_run
    run = check_report(store, run_id, tmp_path / "model.keras")
    assert (run.test_accuracy or 0) > 0.98


def test_shifted_copies_vote_with_their_mean_answer(trained_run):
    """Against scipy's shift and a plain Keras model."""
    (store, run_id), images = trained_run, mnist.load().x_test
    model = with_weights(store.run(run_id).spec.network, load_weights(store, run_id))
    answers = [
        model.predict(ndimage.shift(images, (0, down, right), order=0)[..., None] / 255, 1000, 0)
        for down in (-1, 0, 1)
        for right in (-1, 0, 1)
    ]
    found = assess_shifted(store, run_id, pixels=1)
    np.testing.assert_allclose(found.probabilities, np.mean(answers, axis=0), atol=1e-5)
    kept = load_report(store, run_id)
    assert kept is not None
    assert kept.accuracy != found.accuracy  # what is stored is without shifts


def test_each_epoch_leaves_what_a_replay_needs(store):
    class Watcher(Asker):
        def on_epoch(self, epoch, checkpoint) -> None:
            seen.append(checkpoint.last_weights)

    seen: list[dict[str, np.ndarray]] = []
    run = store.create_run(spec(epochs=2))
    execute(store, run.id, Watcher(store, run.id, after=0))
    data, rows = mnist.load(), mnist.sample_rows()
    classify = Predictor(run.spec.network, seen[0])
    for number, weights_then in enumerate(seen, start=1):
        kept = artifacts.load_epoch_snapshot(store, run.id, number)
        assert kept is not None
        classify.assign(weights_then)
        shown = classify.probabilities(data.x_test[mnist.showcase()])
        np.testing.assert_allclose(kept.probabilities, shown, atol=1e-5)
        read = classify.probabilities(data.x_test[rows]).argmax(axis=1)
        expected = confusion_matrix(data.y_test[rows], read, labels=range(10))
        np.testing.assert_array_equal(kept.confusion, expected)
        assert kept.kernel is not None
        np.testing.assert_allclose(kept.kernel, weights_then["conv2d_1/kernel"], atol=1e-3)
        check_histograms(kept, run.spec, weights_then)
    begun = artifacts.load_epoch_snapshot(store, run.id, 0)
    assert begun is not None
    check_histograms(begun, run.spec, initial_weights(run.spec))
    assert artifacts.load_epoch_snapshot(store, run.id, 3) is None


def check_histograms(kept: EpochSnapshot, spec: Spec, weights: dict[str, np.ndarray]) -> None:
    """Compare what was kept of weights and gradients with NumPy, layer by layer."""
    names = ["conv2d_1/kernel", "dense_1/kernel", "output/kernel"]
    data = mnist.load()
    ready = Predictor(spec.network, weights)
    slopes = gradients(ready.model, spec.training, data.x_train[:32], data.y_train[:32])
    for found, arrays in ((kept.weights, weights), (kept.gradients, slopes)):
        assert found is not None
        assert found.counts.sum(axis=1).tolist() == [arrays[name].size for name in names]
        np.testing.assert_allclose(found.spreads, [arrays[n].std() for n in names], rtol=1e-3)


@pytest.mark.parametrize(
    "notation", ["F D16", "C1024k7 GAP", "M D600 C64k7 GAP", "M M D1000 C1024k1 GAP"]
)
def test_an_epoch_is_kept_in_under_300_kilobytes(store, notation):
    shapes = first_shape(parse(notation))
    kernel = artifacts.first_kernel({name: np.full(side, 1e9) for name, side in shapes.items()})
    assert (kernel is None) == ("C" not in notation)
    assert kernel is None or np.isfinite(kernel).all()
    run = store.create_run(spec(notation))
    square, many = np.zeros((10, 10), np.uint16), histograms([np.zeros(9)] * 3 * MAX_LAYERS)
    kept = EpochSnapshot(np.zeros((20, 10), np.float32), square, kernel, many, many)
    artifacts.save_epoch_snapshot(store, run.id, 1, kept)
    data = store.get(run.id, artifacts.snapshot_name(1))
    assert data is not None
    assert len(data) < 300_000


def first_shape(network: Network) -> dict[str, tuple[int, ...]]:
    """The shape of the first convolution's kernel, by its name, in a network within the limits."""
    check_limits(network)
    for layer, inputs in zip(network.layers, network.shapes(), strict=False):
        if isinstance(layer, Conv2D):
            size = layer.kernel_size
            return {"conv2d_1/kernel": (size, size, inputs[-1], layer.filters)}
    return {}


def test_no_first_kernel_is_too_large_to_keep():
    for size in range(1, 8):
        for filters in range(1, 1025):
            assert size * size * filters * 2 <= artifacts.KERNEL_BYTES  # a channel fits at least


@pytest.mark.parametrize("name", ["model.keras", "model.h5", "model.weights.h5"])
def test_exported_files_predict_the_same_in_plain_keras(trained_run, tmp_path, name):
    store, run_id = trained_run
    path = export(store, run_id, tmp_path / "new folder" / name)
    if name.endswith(".weights.h5"):
        layers = keras.layers
        model = keras.Sequential(
            [
                keras.Input((28, 28, 1)),
                layers.Conv2D(8, 3, activation="relu"),
                layers.MaxPooling2D(),
                layers.Conv2D(16, 3, activation="relu"),
                layers.MaxPooling2D(),
                layers.Flatten(),
                layers.Dense(64, activation="relu"),
                layers.Dropout(0.2),
                layers.Dense(10, activation="softmax"),
            ]
        )
        model.load_weights(path)
    else:
        model = keras.models.load_model(path)
    images = mnist.load().x_test[:50]
    expected = predictor(store, run_id).probabilities(images)
    found = np.asarray(model(images[..., None] / np.float32(255), training=False))
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_file_of_another_kind_is_not_written(trained_run, tmp_path):
    store, run_id = trained_run
    with pytest.raises(ExportError, match=r"must end in \.py, .*\.keras, .*; received 'a\.pdf'"):
        export(store, run_id, tmp_path / "a.pdf")


@pytest.mark.parametrize(("request_", "state"), [("pause", "paused"), ("stop", "stopped")])
@pytest.mark.usefixtures("in_small_chunks")
def test_a_run_pauses_or_stops_when_asked_and_resumes_exactly(store, request_, state):
    whole = execute(store, store.create_run(spec()).id)
    run = store.create_run(spec())
    left = execute(store, run.id, Asker(store, run.id, after=7, request=request_))
    assert (left.state, left.request, left.epochs) == (state, None, 1)
    assert 0 < left.step < left.steps
    assert (left.test_accuracy is None) == (state == "paused")
    resumed = execute(store, run.id)
    assert resumed.state == "finished"
    assert resumed.test_accuracy == whole.test_accuracy
    for mine, expected in zip(store.batches(run.id), store.batches(whole.id), strict=True):
        np.testing.assert_array_equal(mine, expected)
    for name, expected in load_weights(store, whole.id).items():
        np.testing.assert_array_equal(load_weights(store, run.id)[name], expected)


def test_a_run_whose_starting_weights_are_gone_fails_and_says_why(store):
    network = parse("C4 M F D16 Drop0.3")
    weights = {name: np.zeros(shape, np.float32) for name, shape in weight_shapes(network).items()}
    source = store.create_run(spec(), queued=False)
    store.save_weights(source.id, b"", pack(weights), fingerprint(weights), 1.0)
    run = store.create_run(after(store.run(source.id)))
    with store.database.write() as connection:
        connection.execute(sa.delete(ARTIFACTS))
    with pytest.raises(StoreError, match="are gone: delete it"):
        execute(store, run.id)
    left = store.run(run.id)
    assert left.state == "failed"
    assert "are gone: delete it" in left.reason


@pytest.mark.usefixtures("in_small_chunks")
def test_a_learning_rate_asked_for_while_it_runs_is_used(store):
    run = store.create_run(spec())
    execute(store, run.id, Asker(store, run.id, after=2, learning_rate=0.02))
    rates = [epoch.learning_rate for epoch in store.epochs(run.id)]
    assert rates == pytest.approx([0.001, 0.02, 0.02])
    assert artifacts.load_rate_changes(store, run.id) == [(1.0, 0.02)]


@pytest.mark.usefixtures("in_small_chunks")
def test_a_learning_rate_asked_for_in_a_pause_is_used_and_marked_where_it_begins(store):
    run = store.create_run(spec())
    paused = execute(store, run.id, Asker(store, run.id, after=7, request="pause"))
    store.update(run.id, learning_rate=0.02)
    execute(store, run.id)
    assert [epoch.learning_rate for epoch in store.epochs(run.id)] == pytest.approx(
        [0.001, 0.02, 0.02]
    )
    at = paused.epochs + paused.step / paused.steps
    assert 1 < at < 2
    assert artifacts.load_rate_changes(store, run.id) == [(pytest.approx(at), 0.02)]


@pytest.mark.usefixtures("in_small_chunks")
def test_a_paused_run_that_is_stopped_is_evaluated_as_it_is(store):
    run = store.create_run(spec())
    execute(store, run.id, Asker(store, run.id, after=7, request="pause"))
    weights, batches = load_weights(store, run.id), store.batches(run.id)[0]
    queue.send_request(store, run.id, "stop")
    assert store.run(run.id).state == "queued"
    stopped = execute(store, run.id, only_queued=True)
    assert (stopped.state, stopped.request, stopped.epochs) == ("stopped", None, 1)
    assert stopped.test_accuracy is not None
    np.testing.assert_array_equal(store.batches(run.id)[0], batches)
    for name, expected in weights.items():
        np.testing.assert_array_equal(load_weights(store, run.id)[name], expected)
    assert execute(store, run.id).state == "finished"  # it still resumes


def test_what_the_network_reads_is_kept_for_those_who_watch(store):
    run = store.create_run(spec(epochs=1))
    assert artifacts.load_guesses(store, run.id) is None
    execute(store, run.id)
    kept = artifacts.load_guesses(store, run.id)
    assert kept is not None
    shown = mnist.load().x_test[mnist.showcase()]
    expected = Predictor(run.spec.network, load_weights(store, run.id)).probabilities(shown)
    np.testing.assert_allclose(kept, expected, atol=1e-6)


def test_a_run_goes_on_for_more_epochs(store):
    run = execute(store, store.create_run(spec()).id)
    plan_more_epochs(store, run.id, 2)
    assert store.run(run.id).planned == 5
    again = execute(store, run.id)
    assert (again.state, again.epochs, again.planned) == ("finished", 5, 5)
    assert len(store.batches(run.id)[0]) == 5 * 24
    assert again.seconds > run.seconds


@pytest.mark.usefixtures("in_small_chunks")
def test_new_weights_leave_no_old_report_behind(store):
    run = execute(store, store.create_run(spec()).id)
    plan_more_epochs(store, run.id, 2)
    left = execute(store, run.id, Asker(store, run.id, after=2, request="pause"))
    assert left.state == "paused"
    assert load_report(store, run.id) is None
    assert left.test_accuracy is left.test_loss is None


@pytest.mark.usefixtures("in_small_chunks")
def test_a_failed_run_keeps_what_it_had_and_says_why(store):
    run = store.create_run(spec("F D16", optimizer="sgd"))
    ask = Asker(store, run.id, after=2, learning_rate=1e30)
    with pytest.raises(TrainingError, match="try 1e"):
        execute(store, run.id, ask)
    failed = store.run(run.id)
    assert (failed.state, failed.epochs) == ("failed", 1)
    assert "the loss stopped being a number in epoch 2" in failed.reason
    assert len(store.epochs(run.id)) == 1
    assert assess(store, run.id).accuracy > 0.1


@pytest.mark.parametrize("kind", ["trial", "range test"])
def test_the_test_images_never_judge_where_settings_are_being_chosen(store, kind):
    if kind == "trial":
        run = store.create_run(spec(epochs=1), trial=0)
    else:
        run = store.create_run(spec(epochs=1, schedule="range_test"))
    execute(store, run.id)
    load_weights(store, run.id)
    with pytest.raises(StoreError, match="train its settings in full"):
        assess(store, run.id)
    with pytest.raises(StoreError, match=f"is a.* {kind}, .*instead"):
        plan_more_epochs(store, run.id, 1)
    left = store.run(run.id)
    assert artifacts.load_guesses(store, run.id) is None
    assert left.planned == 1
    assert left.test_accuracy is left.test_loss is load_report(store, run.id) is None


class CutOff(BaseException):
    """Something that no code expects."""


def test_an_interrupted_run_keeps_its_last_epoch_and_resumes(store):
    class Breaker(Asker):
        def on_epoch(self, epoch, checkpoint) -> None:
            if epoch.epoch == 2:
                raise CutOff

    whole = execute(store, store.create_run(spec()).id)
    run = store.create_run(spec())
    with pytest.raises(CutOff):
        execute(store, run.id, Breaker(store, run.id, after=0))
    left = store.run(run.id)
    assert (left.state, left.epochs) == ("interrupted", 2)
    assert "CutOff" in left.reason
    assert execute(store, run.id).test_accuracy == whole.test_accuracy


KILLED = """
import sys
from mnist_core.utils.tensorflow import start_tensorflow
start_tensorflow()
import os, signal
from mnist_core.execution import queue
from mnist_core.execution.runner import execute
from mnist_core.storage.runs import Store
from mnist_core.storage.schema import ARTIFACTS
class Killer:
    def on_progress(self, progress):
        if progress.epoch == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return True
    def on_epoch(self, epoch, checkpoint): ...
execute(Store(url=sys.argv[1]), int(sys.argv[2]), Killer())
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="SIGKILL is POSIX's")
def test_a_killed_run_resumes_from_its_last_epoch_as_if_nothing_had_happened(store, url):
    whole = execute(store, store.create_run(spec()).id)
    run = store.create_run(spec())
    killed = subprocess.run([sys.executable, "-c", KILLED, url, str(run.id)], check=False)
    assert killed.returncode == -signal.SIGKILL
    left = store.run(run.id)
    assert left.state == "running"
    assert left.seconds == 0  # which names the version of the weights, of which there are none
    resumed = execute(store, run.id)
    assert resumed.seconds >= sum(epoch.seconds for epoch in store.epochs(run.id))
    assert resumed.test_accuracy == whole.test_accuracy
    assert [(e.loss, e.val_loss) for e in store.epochs(run.id)] == [
        (e.loss, e.val_loss) for e in store.epochs(whole.id)
    ]
    np.testing.assert_array_equal(store.batches(run.id)[0], store.batches(whole.id)[0])


def test_a_run_without_weights_says_so(store):
    run = store.create_run(spec())
    with pytest.raises(StoreError, match=r"no trained weights yet \(it is queued\): train"):
        predictor(store, run.id)
    with pytest.raises(StoreError, match="no checkpoint yet"):
        plan_more_epochs(store, run.id, 1)
    assert load_report(store, run.id) is None


def test_a_run_from_another_goes_on_after_a_pause_as_if_nothing_had_been(store, in_small_chunks):
    source = execute(store, store.create_run(spec(epochs=1)).id)
    old = load_weights(store, source.id)
    whole, paused = (store.create_run(after(source)).id for _ in range(2))
    store.delete_run(source.id)
    execute(store, whole)
    assert execute(store, paused, Asker(store, paused, 3, request="pause")).state == "paused"
    queue.enqueue(store, paused)
    assert execute(store, paused).state == "finished"
    one, two = load_weights(store, whole), load_weights(store, paused)
    for name, array in one.items():
        np.testing.assert_array_equal(two[name], array)
        assert np.array_equal(array, old[name]) == name.startswith("conv2d_1/")
    assert store.run(whole).weights_hash == store.run(paused).weights_hash
    begun = artifacts.load_epoch_snapshot(store, whole, 0)
    assert begun is not None
    np.testing.assert_array_equal(begun.kernel, old["conv2d_1/kernel"].astype(np.float16))
    trainer = batch_trainer(store, whole)
    data = mnist.load()
    seen = trainer.observe(True, data.x_train[:8], data.y_train[:8], 1)
    assert [layer.name for layer in seen.layers] == ["dense_1", "output"]
    np.testing.assert_array_equal(trainer.fresh["dense_1/kernel"], old["dense_1/kernel"])
