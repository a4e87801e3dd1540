"""A database and links of an earlier version: tests/data/README.md says how they were made."""

import gzip
import json
from pathlib import Path
from urllib.parse import parse_qsl

import numpy as np
import pytest

from mnist_core.dataset import mnist
from mnist_core.execution.runner import predictor
from mnist_core.experiments import studies
from mnist_core.network.notation import parse
from mnist_core.network.query import from_query
from mnist_core.network.spec import Spec
from mnist_core.storage import groups
from mnist_core.storage.artifacts import load_report
from mnist_core.storage.database import default_url
from mnist_core.storage.runs import Store
from mnist_core.teaching.lessons import progress
from tests.helpers import DATA

LINKS = json.loads((DATA / "links-before-rooms.json").read_text(encoding="utf-8"))
ANSWER = [0.10019, 0.10574, 0.09934, 0.09753, 0.09964, 0.09569, 0.09755, 0.10228, 0.09864, 0.10341]


@pytest.fixture
def store() -> Store:
    """The earlier version's database, where the app looks for its own."""
    path = Path(default_url().removeprefix("sqlite:///"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.decompress((DATA / "database-before-rooms.db.gz").read_bytes()))
    return Store()


def test_runs_curves_and_report_come_back(store):
    assert [run.id for run in store.runs()] == [5, 4, 3, 2, 1]
    assert [run.number for run in store.runs()] == [5, 4, 3, 2, 1]
    run = store.run(1)
    assert (run.name, run.note, run.pinned) == ("small one", "ein Gruß ✓", True)
    assert (run.state, run.epochs, run.parameters) == ("finished", 2, 166)
    assert run.spec.network == parse("M14 C2k1 F D8 Drop0.1")
    assert (run.spec.training.learning_rate, run.spec.split.limit) == (0.005, 1000)
    losses = [epoch.loss for epoch in store.epochs(run.id)]
    assert losses == pytest.approx([2.3055107295513153, 2.302284002304077])
    assert len(store.batches(run.id)[0]) == 16
    kept = load_report(store, run.id)
    assert kept is not None
    assert (kept.accuracy, kept.loss) == (run.test_accuracy, run.test_loss)
    assert kept.accuracy == 0.1117


def test_weights_answer_as_they_did(store):
    found = predictor(store, 1).probabilities(mnist.load().x_test[:1])
    np.testing.assert_allclose(found, [ANSWER], atol=1e-4)


def test_groups_studies_and_lessons_come_back(store):
    assert groups.find(store, 1).kind == "repeat"
    assert [(run.name, run.state) for run in store.runs(1)] == [
        ("seed 4", "queued"),
        ("seed 3", "queued"),
    ]
    study = studies.read(store, 2)
    assert (study.group.name, study.group.state) == ("a study", "finished")
    assert [(trial.state, trial.params["filters"]) for trial in study.trials] == [
        ("complete", 2),
        ("complete", 4),
    ]
    assert study.best
    assert study.best.number == 0
    assert len(studies.optuna_study(store, 2).trials) == 2
    lesson = progress.load(store, "first-network")
    assert lesson is not None
    assert (lesson.step, lesson.answer, lesson.passed_run) == (3, "98", 1)
    assert lesson.passed_at is not None


def test_a_run_of_before_is_queued_again(store):
    run = store.create_run(store.run(1).spec, "again")
    assert (run.id, run.state, run.parameters) == (6, "queued", 166)


@pytest.mark.parametrize("link", LINKS, ids=lambda link: link["link"])
def test_a_link_opens_the_spec_that_it_opened(link):
    spec = from_query(dict(parse_qsl(link["link"])))
    assert spec == Spec.model_validate(link["spec"])  # settings that came since have their default
