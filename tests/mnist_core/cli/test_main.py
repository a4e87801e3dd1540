"""The command line as people and programs use it."""

import json
import signal
import subprocess
import sys

import pytest

from mnist_core.cli.main import main
from mnist_core.engine import examples
from mnist_core.network.presets import PRESETS
from mnist_core.storage import handwriting
from mnist_core.storage.artifacts import load_weights
from mnist_core.storage.runs import Store
from tests.mnist_core.cli.command_line import SMALL, run
from tests.mnist_core.digit_sets import sample


def test_summary_as_json_is_the_course_note(capsys):
    found = run(capsys, "summary", "note-5")
    assert found["total_parameters"] == 27_562
    first = found["layers"][0]
    assert first["type"] == "Conv2D"
    assert first["output_shape"] == [None, 26, 26, 8]
    assert first["parameters"] == 80
    assert first["arithmetic"] == "3*3*1*8 + 8 = 80"


def test_a_notation_may_have_commas_alone_and_ten_units_at_its_end_get_a_hint(capsys):
    assert run(capsys, "summary", "C32,M,C64,F") == run(capsys, "summary", "C32 M C64 F")
    assert main(["summary", "C32 M F D10"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "Your last D10 is therefore a hidden layer" in told
    assert main(["summary", "C32 M F D64"]) == 0
    assert "therefore a hidden layer" not in capsys.readouterr().out


def test_presets_are_all_listed(capsys):
    assert set(run(capsys, "presets")) >= set(PRESETS) | {"note-4/3"}
    assert main(["presets"]) == 0
    assert "lenet-5" in capsys.readouterr().out


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
        "beta_1": 0.9,
        "beta_2": 0.999,
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


def test_a_preset_that_starts_from_another_one_says_so_before_it_trains(capsys):
    assert main(["train", "100-images"]) == 2
    assert "train digits-0-4 first, or pass a run with --from" in capsys.readouterr().err
    assert Store().runs() == []


def test_a_run_starts_from_another_one(capsys):
    few = ["--limit", "400", "--count", "100", "--epochs", "1"]
    first = run(capsys, "train", "C4 M F D16", "--digits", "0-4", *few)["run"]
    more = ("--from", str(first), "--freeze", "conv2d_1", "--digits", "5-9")
    assert main(["train", "C4 M F D8", *more, *few, "--json"]) == 0
    told = capsys.readouterr()
    assert "Trained weights for conv2d_1; dense_1, output start at random; frozen: conv2d_1." in (
        " ".join(told.err.split())
    )
    second, source = Store().numbered(2), Store().numbered(1)
    assert second.name == "C4 M F D8 · from 1 · 1 frozen · digits 5\u20139 · +3 more"
    old, new = (load_weights(Store(), each.id) for each in (source, second))
    assert (old["conv2d_1/kernel"] == new["conv2d_1/kernel"]).all()
    again = ["train", "C4 M F D8", "--from", source.weights_hash or "", *few]
    assert run(capsys, *again)["spec"]["transfer"]["source"] == source.weights_hash
    for wrong, message in (
        (("--from", "9"), "there is no run 9 here"),
        (("--from", 16 * "0"), f"weights ({16 * '0'}) are not in this workspace"),
        (("--freeze", "conv2d_1"), "freeze needs trained weights"),
        (("--from", "1", "--freeze", "conv2d_3"), "received 'conv2d_3'"),
        (("--from", "1", "--freeze", "dense_1"), "dense_1 has a different shape"),
    ):
        assert main(["train", "C4 M F D8", *wrong]) == 2
        assert message in capsys.readouterr().err


def test_a_run_learns_from_a_set_of_handwriting(capsys):
    few = ["--limit", "300", "--count", "100", "--epochs", "1"]
    handwriting.add_set(Store(), "last year", sample(40, 5))
    both = run(capsys, "train", "C2 M F", "--handwriting", "last year", *few)
    assert both["spec"]["split"]["handwriting"]["images"] == 32
    alone = ("--handwriting", "last year", "--without-mnist")
    run(capsys, "train", "C2 M F", *alone, *few)
    specs = [Store().numbered(number).spec for number in (1, 2)]
    assert [spec.split.training_images for spec in specs] == [232, 32]
    for wrong, message in (
        (("--handwriting", "class"), "needs at least 2 writers"),
        (("--handwriting", "nobody's"), "must be one of 'class', 'last year'; received"),
        (("--without-mnist",), "--without-mnist needs --handwriting"),
        ((*alone, "--digits", "5-9"), "handwriting can be added only when"),
    ):
        assert main(["train", "C2 M F", *wrong]) == 2
        assert message in " ".join(capsys.readouterr().err.split())


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
        (["train", "F", "--optimizer", "lamb"], "optimizer must be 'adam'"),
        (["train", "F", "--speed", "9"], "No such option"),
        (["train"], "Missing argument"),
        (["fly"], "No such command 'fly'"),
        (["evaluate", "99"], "there is no run 99 here"),
        (["evaluate", "9" * 20], "must be the number of a run"),
        (["summary", "c32"], "receives 26x26x32: add Flatten"),
        (
            ["train", "note-5", "--count", "9"],
            "count is a setting of the split last; this run has the split fraction",
        ),
        (["evaluate", "two"], "the name of an example, fast or note-5; received 'two'"),
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
    process = start(
        "train",
        "C8",
        "M",
        "F",
        "D32",
        "--epochs",
        "500",
        "--limit",
        "3000",
        "--count",
        "500",
        "--json",
    )
    assert process.stderr
    lines = []
    for line in process.stderr:
        lines.append(line)
        if line.startswith("epoch 12/500"):
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Traceback" not in err
    stopped = json.loads(out)
    assert stopped["state"] == "stopped"
    assert 12 <= stopped["epochs"] < 500
    assert stopped["test_accuracy"] > 0.8
    assert all(line.startswith(("Starting TensorFlow", "epoch")) for line in lines)


@pytest.mark.parametrize("more", [(), ("--epochs", "1")])
def test_an_example_stays_as_it_is(capsys, more):
    examples.install()
    assert main(["resume", "fast", *more]) == 2
    assert "the example fast ships with the app and cannot be changed" in capsys.readouterr().err
