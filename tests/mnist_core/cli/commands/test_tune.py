"""`python -m mnist_core tune` as people and programs use it."""

import json
import signal
import subprocess
import sys
import time

import pytest

from mnist_core.cli.commands.tune import command
from mnist_core.cli.main import cli, main
from mnist_core.experiments import studies
from mnist_core.experiments.search_space import Range, Space
from mnist_core.network.presets import PRESETS
from mnist_core.network.settings import read_spec
from mnist_core.network.spec import Augmentation, Spec, Split, Training
from mnist_core.network.value import SpecError
from mnist_core.storage.runs import Store

SMALL = ["--limit", "2000", "--count", "500", "--batch-size", "64"]


@pytest.fixture
def started(monkeypatch) -> list:
    """The studies that would be begun; nothing is trained."""
    begun = []

    def start(_store, study, name):
        begun.append((study, name))
        raise SpecError("enough")

    monkeypatch.setattr(studies, "start", start)
    return begun


def test_options_become_a_study(started):
    words = "tune C4 M F --trials 7 --sampler grid --epochs-per-trial 3 --images 1000 --no-prune"
    words += " --tune learning_rate=1e-4:1e-2:5 --tune batch-size=32,64 --tune optimizer=sgd,adam"
    assert main([*words.split(), *SMALL, "--seed", "5", "--epochs", "9", "--name", "mine"]) == 2
    ((study, name),) = started
    assert name == "mine"
    assert study.space == Space(
        learning_rate=Range(low=1e-4, high=1e-2, steps=5),
        batch_size=(32, 64),
        optimizer=("sgd", "adam"),
    )
    assert (study.trials, study.sampler, study.pruning) == (7, "grid", False)
    assert (study.trial_epochs, study.trial_images, study.seed) == (3, 1000, 5)
    assert study.base.training.epochs == 9
    assert study.base.split == Split(limit=2000, count=500)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("C4 M F", "choose at least one of learning_rate"),
        ("", "give either a NETWORK, to start a study, or --resume"),
        ("C4 M F --resume 3", "give either a NETWORK, to start a study, or --resume"),
        ("--resume 3", "there is no group 3 here"),
        ("C4 M F --tune momentum=0.9", "received 'momentum=0.9'"),
        ("C4 M F --tune filters", "received 'filters'"),
        ("C4 M F --tune filters=8,many", "received 'many'"),
        ("C4 M F --tune dropout=0.1,0.2", "takes a range low:high"),
        ("C4 M F --tune dropout=0.3:0.1", "received 0.3 to 0.1"),
        ("C4 M F --tune shift=1,2 --split test", "no longer be a fair judge"),
        ("C4 M F --tune shift=1,2 --images 70000", "received 70000"),
        ("nonsense --tune shift=1,2", "neither a preset"),
    ],
)
def test_bad_input_gets_a_sentence(capsys, words, told):
    assert main(["tune", *words.split()]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    "spec",
    [
        *(preset.spec for preset in PRESETS.values()),
        Spec(
            network=PRESETS["note-5"].spec.network,
            training=Training(
                optimizer="sgd",
                momentum=0.9,
                nesterov=True,
                learning_rate=0.0026070252564374657,
                augmentation=Augmentation(shift=2, rotation=7.5),
            ),
            split=Split(kind="fold", folds=4, fold=2, limit=9000),
        ),
    ],
)
def test_the_command_that_is_told_trains_just_that(spec):
    words = command(spec).split()
    assert words[:4] == ["python", "-m", "mnist_core", "train"]
    given = cli.commands["train"].make_context("train", words[4:]).params
    network = given.pop("network")
    for own in ("name", "as_json"):
        given.pop(own)
    assert read_spec(network, given) == spec


@pytest.mark.slow
def test_a_study_is_stopped_by_ctrl_c_and_gone_on_with(capsys):
    options = ["C4", "M", "F", "--trials", "3", "--epochs-per-trial", "4", "--no-prune", *SMALL]
    search = ["--tune", "learning_rate=1e-3:1e-1", "--tune", "filters=2,4"]
    line = [sys.executable, "-m", "mnist_core", "tune", *options, *search]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as asked:
        store, deadline = Store(), time.monotonic() + 120
        while not any(run.epochs for run in store.runs()):
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.1)
        asked.send_signal(signal.SIGINT)
        shown, _ = asked.communicate(timeout=90)
    assert asked.returncode == 0
    assert "to resume it: python -m mnist_core tune --resume 1" in shown
    left = studies.read(store, 1)
    assert left.group.state == "stopped"
    assert {trial.state for trial in left.trials} <= {"complete", "paused"}

    assert main(["tune", "--resume", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["study"], found["state"]) == (1, "finished")
    assert [trial["number"] for trial in found["trials"]] == [0, 1, 2]
    assert {(trial["state"], trial["epochs"]) for trial in found["trials"]} == {("complete", 4)}
    best = max(found["trials"], key=lambda trial: trial["value"])
    assert found["best"]["value"] == best["value"]
    assert f"--learning-rate {found['best']['params']['learning_rate']!r}" in found["command"]
