"""The command line as people and programs use it."""

import json
import signal
import subprocess
import sys

import keras
import numpy as np
import pytest
from PIL import Image

from mnist_core.cli.main import main
from mnist_core.dataset import mnist
from mnist_core.engine import examples
from mnist_core.network.presets import PRESETS
from mnist_core.storage.runs import Store

SMALL = ["--limit", "2000", "--count", "500", "--epochs", "2", "--batch-size", "64"]


def run(capsys, *arguments: str) -> dict:
    """The JSON object that a command prints, and nothing else, on standard output."""
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_summary_as_json_is_the_course_note(capsys):
    found = run(capsys, "summary", "note-5")
    assert found["total_parameters"] == 27_562
    first = found["layers"][0]
    assert first["type"] == "Conv2D"
    assert first["output_shape"] == [None, 26, 26, 8]
    assert first["parameters"] == 80
    assert first["arithmetic"] == "3*3*1*8 + 8 = 80"


def test_summary_of_a_notation_for_people(capsys):
    assert main(["summary", "C8", "M", "F"]) == 0
    shown = capsys.readouterr().out
    assert "conv2d_1, relu" in shown
    assert "(None, 13, 13, 8)" in shown
    assert "Total parameters: 13,610" in shown


def test_presets_are_all_listed(capsys):
    assert set(run(capsys, "presets")) >= set(PRESETS) | {"note-4/3"}
    assert main(["presets"]) == 0
    assert "lenet-5" in capsys.readouterr().out


def test_train_evaluate_predict_export_resume(capsys, tmp_path):
    trained = run(capsys, "train", "C4 M F D16", *SMALL, "--name", "mine")
    assert trained["parameters"] == 11_042
    assert 0.3 < trained["test_accuracy"] < 1
    assert trained["seconds"] > 0
    assert np.sum(trained["confusion"]) == 10_000
    number = str(trained["run"])

    assert run(capsys, "evaluate", number) == trained
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


def test_every_setting_reaches_the_run(capsys):
    run(
        capsys,
        *("train", "C4 M F", "--optimizer", "sgd", "--momentum", "0.9", "--nesterov"),
        *("--learning-rate", "0.05", "--schedule", "cosine", "--loss", "categorical_crossentropy"),
        *("--label-smoothing", "0.1", "--batch-size", "100", "--epochs", "1", "--seed", "3"),
        *("--early-stopping", "4", "--shift", "1", "--rotation", "5", "--zoom", "0.1"),
        *("--split", "fold", "--folds", "4", "--fold", "2", "--split-seed", "9"),
        *("--limit", "2000", "--precision", "mixed_bfloat16"),
    )
    (made,) = Store().runs()
    assert made.spec.training.model_dump() == {
        "optimizer": "sgd",
        "learning_rate": 0.05,
        "momentum": 0.9,
        "nesterov": True,
        "weight_decay": None,
        "schedule": "cosine",
        "loss": "categorical_crossentropy",
        "label_smoothing": 0.1,
        "batch_size": 100,
        "epochs": 1,
        "early_stopping": 4,
        "precision": "mixed_bfloat16",
        "augmentation": {"shift": 1, "rotation": 5.0, "zoom": 0.1},
        "seed": 3,
    }
    split = made.spec.split
    assert (split.kind, split.folds, split.fold, split.seed) == ("fold", 4, 2, 9)


def test_the_report_for_people(capsys):
    assert main(["train", "F", *SMALL]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "Classification report" in shown
    assert "weighted avg" in shown
    assert "Confusion matrix: true digit down, predicted across" in shown
    assert "wrong of 10,000" in shown
    assert main(["runs"]) == 0
    assert "finished" in capsys.readouterr().out


@pytest.mark.parametrize("what", ["a trial of a study", "a learning-rate range test"])
def test_a_run_that_the_test_images_do_not_judge_gets_no_report(capsys, what):
    schedule = ["--schedule", "range_test"] if "range" in what else []
    trained = run(capsys, "train", "C4 M F", *SMALL, "--name", "mine", *schedule)
    store, number = Store(), trained["run"]
    if "trial" in what:
        store.update(number, trial=0, test_accuracy=None)
        store.put(number, "predictions", b"not to be read")
    found = run(capsys, "evaluate", str(number))
    assert (found["state"], found["test_accuracy"]) == ("finished", None)
    assert "confusion" not in found
    assert main(["evaluate", str(number)]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert f"is {what}, so it never sees the test images" in shown
    assert "Test accuracy" not in shown
    assert store.run(number).test_accuracy is None
    assert main(["resume", str(number), "--epochs", "1"]) == 2
    assert store.run(number).planned == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["summary", "C32", "M"], "add Flatten or GlobalAveragePooling2D at the end"),
        (["summary", "F D4096 D4096"], "at most 2,000,000 parameters; this one has 20,037,642"),
        (["summary", "C32 M D64"], "put Flatten (F) before layer 3, the first Dense"),
        (["summary", "nonsense"], "'nonsense' is neither a preset (note-1"),
        (["summary", "note-9"], "'note-9' is neither a preset (note-1"),
        (["train", "note-4"], "note-4 is a study of several networks: choose one of note-4/0"),
        (["train", "F", "--epochs", "0"], "epochs must be greater than or equal to 1; received"),
        (["train", "F", "--optimizer", "lion"], "optimizer must be 'adam'"),
        (["train", "F", "--speed", "9"], "No such option"),
        (["train"], "Missing argument"),
        (["fly"], "No such command 'fly'"),
        (["evaluate", "99"], "there is no run 99 here"),
        (["evaluate", "9" * 20], "is not in the range"),
        (["summary", "c32"], "receives 26x26x32: add Flatten"),
        (
            ["train", "note-5", "--count", "9"],
            "count is a setting of the split last; this run has the split fraction",
        ),
        (["evaluate", "two"], "'two' is not a valid integer"),
        (["resume", "99"], "there is no run 99 here"),
        (["export", "99", "--to", "x.keras"], "there is no run 99 here"),
        (["predict", "99", "x.png"], "there is no run 99 here"),
        (["reproduce", "note-6"], "'note-6' is not one of"),
    ],
)
def test_bad_input_ends_with_status_2_and_one_sentence(capsys, arguments, message):
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert message in shown.err
    assert len(shown.err.splitlines()) == 1


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


def test_a_run_that_diverges_ends_with_status_1(capsys):
    arguments = ["train", "C4linear F D16linear", "--optimizer", "sgd", "--learning-rate", "10"]
    assert main([*arguments, "--momentum", "0.9", *SMALL]) == 1
    assert "try 1" in capsys.readouterr().err.splitlines()[-1]
    assert Store().runs()[0].state == "failed"


def start(*arguments: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "mnist_core", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C to a whole console")
def test_ctrl_c_stops_cleanly_and_keeps_the_run(capsys):
    process = start("train", "note-5", "--epochs", "500", "--limit", "20000", "--json")
    assert process.stderr
    lines = []
    for line in process.stderr:
        lines.append(line)
        if line.startswith("epoch 2/500"):
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Traceback" not in err
    stopped = json.loads(out)
    assert stopped["state"] == "stopped"
    assert 2 <= stopped["epochs"] < 500
    assert stopped["test_accuracy"] > 0.8
    assert all(line.startswith(("Starting TensorFlow", "epoch")) for line in lines)


@pytest.mark.slow
def test_reproduce_shows_every_note_beside_what_it_reports(capsys):
    results = run(capsys, "reproduce", "note-5", "note-4", "--quick")["results"]
    assert [result["name"] for result in results] == ["note-5", *(f"note-4/{n}" for n in range(5))]
    first = results[0]
    assert first["parameters"] == first["reported_parameters"] == 27_562
    assert first["epochs"] == 1
    assert first["test_accuracy"] > 0.94


@pytest.mark.parametrize("more", [(), ("--epochs", "1")])
def test_an_example_stays_as_it_is(capsys, more):
    examples.install()
    number = str(Store().examples()[0].id)
    assert main(["resume", number, *more]) == 2
    assert "example that ships with the app and stays as it is" in capsys.readouterr().err
