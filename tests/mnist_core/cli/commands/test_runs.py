"""The commands that use a trained run."""

import keras
import numpy as np
import pytest
from PIL import Image

from mnist_core.cli.main import main
from mnist_core.dataset import mnist
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec
from mnist_core.storage.runs import Store
from tests.mnist_core.cli.command_line import SMALL, run


def test_train_evaluate_predict_export_resume(capsys, tmp_path):
    Store("somebody else").create_run(Spec(network=parse("F")))  # so that ids and numbers differ
    trained = run(capsys, "train", "C4 M F D16", *SMALL, "--name", "mine")
    assert (trained["run"], trained["number"], trained["id"]) == (1, 1, 2)
    assert trained["parameters"] == 11_042
    assert 0.3 < trained["test_accuracy"] < 1
    assert trained["seconds"] > 0
    assert np.sum(trained["confusion"]) == 10_000
    number = str(trained["run"])

    assert run(capsys, "evaluate", number) == trained
    shifted = run(capsys, "evaluate", number, "--shifts", "1")
    assert shifted.pop("shifted").keys() == {"places", "test_accuracy"}
    assert shifted == trained
    assert main(["evaluate", number, "--shifts", "2"]) == 0
    assert "over 25 positions per test image, shifted by up to 2 pixels" in capsys.readouterr().out
    (listed,) = run(capsys, "runs")["runs"]
    assert (listed["run"], listed["name"], listed["state"]) == (trained["run"], "mine", "finished")

    data = mnist.load()
    paths = [tmp_path / f"{index}.png" for index in range(3)]
    for path, image in zip(paths, data.x_test, strict=False):
        Image.fromarray(255 - image).resize((280, 280)).save(path)
    answers = run(capsys, "predict", number, *map(str, paths))["predictions"]
    assert [answer["image"] for answer in answers] == [str(path) for path in paths]
    for answer in answers:
        assert answer["digit"] == int(np.argmax(answer["probabilities"]))
        assert sum(answer["probabilities"]) == pytest.approx(1, abs=1e-5)

    file = tmp_path / "model.keras"
    assert run(capsys, "export", number, "--to", str(file))["bytes"] == file.stat().st_size
    assert keras.models.load_model(file).count_params() == 11_042

    assert run(capsys, "resume", number, "--epochs", "1")["epochs"] == 3


def test_a_run_without_a_name_says_what_it_is(capsys):
    name = run(capsys, "train", "note-1", *SMALL)["name"]
    assert name == "note-1 · 2 epochs · 2,000 images · batch size 64 · +1 more"


def test_an_image_that_is_none_ends_with_a_sentence(capsys, tmp_path):
    number = str(run(capsys, "train", "F", *SMALL)["run"])
    path = tmp_path / "letter.png"
    path.write_text("dear diary")
    capsys.readouterr()
    assert main(["predict", number, str(path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert main(["predict", number, str(tmp_path / "gone.png")]) == 2
    assert "gone.png: there is no such picture" in capsys.readouterr().err
    data = mnist.load()
    good = tmp_path / "seven.png"
    Image.fromarray(255 - data.x_test[0]).resize((280, 280)).save(good)
    assert main(["predict", number, str(good)]) == 0
    assert "seven.png" in capsys.readouterr().out
