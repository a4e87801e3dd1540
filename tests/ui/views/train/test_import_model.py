"""A file of plain Keras through the page Train; the file is made by hand, without Keras."""

import json
from io import BytesIO

import h5py
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.dataset import mnist
from mnist_core.engine.engine import EngineError
from mnist_core.engine.status import Status
from mnist_core.evaluation.run import Run
from mnist_core.importing.recording import record_report
from mnist_core.network.notation import parse
from mnist_core.network.summary import summarize
from mnist_core.storage.runs import Store
from tests.helpers import running, words
from ui.session import cache

NETWORK = parse("C2 M F D4")
SHAPES = [row.keras.weights for row in summarize(NETWORK).rows if row.keras.weights]
DATA = {"data_format": "channels_last", "padding": "valid"}
LAYERS = [
    ("InputLayer", {"name": "i", "batch_shape": [None, 28, 28, 1]}),
    ("Conv2D", {"filters": 2, "kernel_size": [3, 3], "strides": [1, 1], "activation": "relu"}),
    ("MaxPooling2D", {"pool_size": [2, 2], "strides": [2, 2]}),
    ("Flatten", {}),
    ("Dense", {"units": 4, "activation": "relu"}),
    ("Dense", {"units": 10, "activation": "softmax"}),
]


def model_file(**output) -> bytes:
    """An .h5 file as Keras 3 writes it. output: other settings of the last layer."""
    rng = np.random.default_rng(0)
    listed = [
        {"class_name": kind, "config": {"name": f"layer{at}"} | DATA | config}
        for at, (kind, config) in enumerate(LAYERS)
    ]
    listed[-1]["config"] |= output
    weighted = [layer["config"]["name"] for layer in listed if layer["class_name"][0] in "CD"]
    buffer = BytesIO()
    with h5py.File(buffer, "w") as file:
        for name, shapes in zip(weighted, SHAPES, strict=True):
            for variable, shape in shapes.items():
                values = rng.normal(size=shape).astype("f4")
                file[f"model_weights/{name}/sequential/{name}/{variable}"] = values
        model = {"class_name": "Sequential", "config": {"name": "s", "layers": listed}}
        file.attrs["model_config"] = json.dumps(model)
    return buffer.getvalue()


class Engine:
    """One that reads some share of the digits right, or is not ready, or breaks down."""

    def __init__(self, right: float = 0.9, ready: bool = True, broken: bool = False) -> None:
        self.right, self.ready, self.broken = right, ready, broken

    def status(self) -> Status:
        return Status(self.ready, "the worker is starting")

    def speed(self) -> None:
        return None

    def assess_import(self, workspace: str, run: Run) -> None:
        if self.broken:
            raise EngineError("the worker was lost: try again")
        read = mnist.load().y_test.astype(int)
        read[round(self.right * 10_000) :] = (read[round(self.right * 10_000) :] + 1) % 10
        record_report(Store(workspace), run, np.eye(10, dtype=np.float32)[read])


@pytest.fixture
def engine(monkeypatch):
    engine = Engine()
    monkeypatch.setattr(cache, "engine", lambda: engine)
    return engine


@pytest.fixture
def train(page, engine) -> AppTest:
    """The page Train, with the way in open."""
    at = running(page("train"))
    assert not at.get("file_uploader")
    at.session_state["train_bring_0"] = True
    return running(at.run())


def bring(at: AppTest, data: bytes, name: str = "mine.h5") -> AppTest:
    uploader = next(u for u in at.file_uploader if str(u.key).endswith("_file"))
    running(uploader.upload(name, data).run())
    return running(at.button(key="train_bring_go").click().run())


def test_a_file_becomes_a_run_with_its_test_result(train):
    at = bring(train, model_file())
    run = Store().runs()[0]
    assert (run.name, run.origin, run.state) == ("mine", "mine.h5", "finished")
    assert run.spec.network == NETWORK
    assert run.test_accuracy == 0.9
    assert "1,000 wrong of 10,000" in words(at)
    assert "Trained elsewhere; its settings, epochs and time are not known" in words(at)
    assert not any(b.label.startswith(("Continue", "Go on", "Pause")) for b in at.button)
    assert not at.get("file_uploader")  # the way in is closed again


def test_one_that_guesses_gets_the_useful_hint(train, engine):
    engine.right = 0.11
    assert "Was the network trained on upright digits" in words(bring(train, model_file()))


def test_a_bad_file_gets_a_sentence_and_no_run(train):
    at = bring(train, model_file(activation="sigmoid"))
    assert [error.value for error in at.error] == [
        "The last layer must be Dense(10, softmax), for ten probabilities; received Dense(10, "
        "sigmoid): end with keras.layers.Dense(10, activation='softmax')."
    ]
    assert Store().runs() == []


def test_weights_alone_are_read_for_the_network_on_build(page, engine):
    for network, fits in (("C2 M F D4", True), ("C3 M F D4", False)):
        at = page("train", network=network)
        at.session_state["train_bring_0"] = True
        at = bring(running(at.run()), weights_file(), "some.weights.h5")
        assert f"`{network}`" in words(at)
        assert bool(at.error) is not fits
    assert len(Store().runs()) == 1


def weights_file() -> bytes:
    buffer = BytesIO()
    with h5py.File(buffer, "w") as file:
        for name, shapes in zip(["conv2d", "dense", "dense_1"], SHAPES, strict=True):
            for at, shape in enumerate(shapes.values()):
                file[f"layers/{name}/vars/{at}"] = np.ones(shape, "f4")
    return buffer.getvalue()


def test_a_layer_list_beside_the_weights_says_which_network_it_is(page, engine):
    listed = [{"class_name": kind, "config": DATA | config} for kind, config in LAYERS]
    model = json.dumps({"class_name": "Sequential", "config": {"name": "s", "layers": listed}})
    given = ("model.json", model.encode(), "application/json")
    weights = ("some.weights.h5", weights_file(), "application/x-hdf5")
    for files, told in (
        ([weights, given], ""),
        ([weights, weights], "received 2 files: remove the extra ones"),
        ([given], "a list of layers without weights"),
    ):
        at = page("train", network="C7 F")  # another network on Build
        at.session_state["train_bring_0"] = True
        at = running(at.run())
        uploader = next(u for u in at.file_uploader if str(u.key).endswith("_file"))
        running(uploader.set_value(files).run())
        at = running(at.button(key="train_bring_go").click().run())
        assert told in words(at)
        assert bool(at.error) is bool(told)
    (run,) = Store().runs()
    assert (run.spec.network, run.name) == (NETWORK, "some")


def test_it_waits_for_the_engine_and_loses_nothing(train, engine):
    engine.ready = False
    at = bring(train, model_file())
    assert "Your network is saved" in words(at)
    assert Store().runs()[0].test_accuracy is None
    engine.ready, engine.broken = True, True
    running(at.run())
    assert "The worker was lost: try again." in words(at)
    engine.broken = False
    running(at.button(key=f"train_bring_test_{Store().runs()[0].id}").click().run())
    assert Store().runs()[0].test_accuracy == 0.9


@pytest.mark.parametrize(
    ("name", "state", "said"),
    [
        ("results", {}, "trained elsewhere, so its learning curves are unknown"),
        ("results", {}, "from mine.h5"),
        ("look", {"look_tab": "Replay"}, "trained elsewhere. Train the same layers here"),
        ("look", {"look_tab": "Weights"}, "trained elsewhere. Train the same layers here"),
        ("home", {}, ""),
    ],
)
def test_other_pages_say_that_it_was_trained_elsewhere(train, page, name, state, said):
    bring(train, model_file())
    at = running(page(name, **state))
    assert said in words(at)
    assert " of 0 epochs" not in words(at)
