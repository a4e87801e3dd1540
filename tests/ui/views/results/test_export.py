"""The tab of Results with a run's files: the buttons, what they say, and what they give."""

import ast
import io
import zipfile

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mnist_core.dataset import mnist
from mnist_core.engine import examples
from mnist_core.engine.status import Status
from mnist_core.exporting.formats import FORMATS
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec
from mnist_core.storage.runs import Store
from tests.helpers import MAIN_SCRIPT, words
from ui.session import cache


class Engine:
    """An engine that answers, or is off."""

    def __init__(self, ready: bool) -> None:
        self.ready = ready

    def status(self) -> Status:
        return Status(self.ready, "no worker is running")

    def export(self, workspace, run, ending) -> bytes:
        return b""


def open_tab(**state) -> AppTest:
    st.cache_data.clear()
    st.cache_resource.clear()
    at = AppTest.from_file(MAIN_SCRIPT, default_timeout=20).run()
    at.switch_page("../../pages/results.py")
    for key, value in {"results_tab": "Export", **state}.items():
        at.session_state[key] = value
    at.run()
    assert not at.exception
    assert not at.error
    return at


def buttons(at: AppTest) -> dict[str, bool]:
    """Whether each file can be had."""
    return {button.proto.label: not button.proto.disabled for button in at.get("download_button")}


@pytest.fixture
def example():
    """The newest run that ships with the app."""
    examples.install()
    return Store().examples()[0]


@pytest.mark.parametrize("ready", [True, False])
def test_every_format_has_a_button(example, monkeypatch, ready):
    monkeypatch.setattr(cache, "engine", lambda: Engine(ready))
    at = open_tab()
    offered = [format for format in FORMATS if not format.needs]
    expected = {f"{example.name}{format.ending}": format.text or ready for format in offered}
    assert buttons(at) == expected
    assert ("Waiting: no worker is running." in words(at)) is not ready
    assert all(format.words in words(at) for format in offered)


def test_a_name_becomes_one_of_a_file(example, monkeypatch):
    monkeypatch.setattr(cache, "engine", lambda: Engine(True))
    copy = Store().create_run(example.spec, "../my run: wide")
    data = Store().get(example.id, "predictions")
    Store().put(copy.id, "predictions", data or b"", test_accuracy=0.98, state="finished")
    assert "my-run-wide.weights.h5" in buttons(open_tab())


def test_code_of_a_network_trained_elsewhere_promises_no_repetition(example, monkeypatch):
    monkeypatch.setattr(cache, "engine", lambda: Engine(True))
    assert "the same initial weights" in "\n".join(text.value for text in open_tab().markdown)
    copy = Store().create_run(example.spec, "theirs", origin="theirs.h5")
    data = Store().get(example.id, "predictions")
    Store().put(copy.id, "predictions", data or b"", test_accuracy=0.98, state="finished")
    told = "\n".join(text.value for text in open_tab().markdown)
    assert "the same initial weights" not in told
    assert "Settings that your file does not contain" in told


def test_a_network_that_onnx_cannot_hold_says_so(example, monkeypatch):
    monkeypatch.setattr(cache, "engine", lambda: Engine(True))
    run = Store().create_run(Spec(network=parse("F D8gelu")), "gelu")
    data = Store().get(example.id, "predictions")
    Store().put(run.id, "predictions", data or b"", test_accuracy=0.98, state="finished")
    at = open_tab()
    assert [name for name, ready in buttons(at).items() if not ready] == ["gelu.onnx"]
    assert "does not support gelu" in words(at)


def test_the_script_can_be_looked_at(example, monkeypatch):
    monkeypatch.setattr(cache, "engine", lambda: Engine(True))
    assert not open_tab().code
    (code,) = open_tab(results_script=True).code
    assert "98.70" in (ast.get_docstring(ast.parse(code.value)) or "")


def test_a_worker_makes_the_files(engine):
    examples.install()
    run = Store().examples()[0]
    for ending in (".tflite", ".savedmodel.zip", ".tensorboard.zip"):
        data = engine.export("local", run, ending)
        if ending == ".tflite":
            assert data[4:8] == b"TFL3"
        else:
            with zipfile.ZipFile(io.BytesIO(data)) as file:
                assert file.testzip() is None
    images = mnist.load().x_test[:10]
    rows = engine.probabilities("local", run, images)  # it still answers
    np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-5)
