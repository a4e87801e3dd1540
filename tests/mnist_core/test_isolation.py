"""Nobody can list, read, stop, rename or delete what is in a workspace whose token they lack.

Every function of the core that works in a workspace is called from one with the numbers of another
one. A call that is not in the tables here fails `test_no_call_was_forgotten`: add it to the one of
what it takes, beside its like.
"""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mnist_core
from mnist_core.cli import reproduce
from mnist_core.cli.commands import common
from mnist_core.dataset.digit_set import DigitSet
from mnist_core.engine import tasks
from mnist_core.engine.engine import Engine
from mnist_core.evaluation.history import Checkpoint, Epoch, Progress, State
from mnist_core.evaluation.run import Run
from mnist_core.execution import (
    embedding,
    job_tasks,
    jobs,
    label_error_search,
    queue,
    robustness,
    runner,
)
from mnist_core.execution.recorder import Recorder
from mnist_core.experiments import comparison, definitions, group_progress, studies
from mnist_core.experiments.definitions import Repeat
from mnist_core.experiments.group_progress import GroupProgress, GroupRun
from mnist_core.experiments.search_space import Space, Study
from mnist_core.exporting import card, export, formats, html_report, models, tensorboard, texts
from mnist_core.importing import recording
from mnist_core.importing.sandbox import ImportedModel
from mnist_core.network.presets import PRESETS
from mnist_core.storage import artifacts, classes, deletion, groups, handwriting, quota, trials
from mnist_core.storage.artifacts import EpochSnapshot
from mnist_core.storage.database import Database, StoreError
from mnist_core.storage.groups import Group
from mnist_core.storage.runs import Store
from mnist_core.storage.workspaces import EXAMPLES, new_token, workspace_of
from mnist_core.teaching.lessons import check as lesson_check
from mnist_core.teaching.lessons import progress, students
from mnist_core.teaching.lessons.answers import AnswerCheck
from mnist_core.teaching.lessons.experiment_checks import DepthsCheck, FoldsCheck, StudyCheck
from mnist_core.teaching.lessons.handwriting_check import HandwritingCheck
from mnist_core.teaching.lessons.run_checks import (
    OneChangeCheck,
    OverfittingCheck,
    RunCheck,
    SmallerCheck,
)
from mnist_core.training.estimate import Speed
from mnist_core.utils.errors import MnistError
from tests.victim import (
    CHOSEN,
    KINDS,
    LEARNED,
    LESSON,
    PLAIN,
    STOLEN,
    Victim,
    forged,
    forged_group,
    marks_in,
    rows,
)

ABSENT = 1_000_000
IMAGES, LABELS = np.zeros((1, 28, 28), np.uint8), np.zeros(1, np.uint8)
EPOCH = Epoch(9, 0.1, 0.9, 0.1, 0.9, 0.1, 1.0)
REPORT = Progress(1, 3, 1, 4, 0.1, 0.9, 1.0, 1.0, 0, np.ones(1, np.float32), np.ones(1, np.float32))
CHECKPOINT = Checkpoint(State(3, 0.1, 1), {})
TEN = np.full((10_000, 10), 0.1, np.float32)
KEPT = EpochSnapshot(np.zeros((20, 10), np.float32), np.zeros((10, 10), np.uint16))
PLAINLY = "/nowhere"  # of a file that is never made


def each(items: Any, call: Callable[[Any], Any]) -> list[Any]:
    """What a call says of each of these: its value, or its error."""
    return [outcome(call, item) for item in items]


def outcome(call: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return call(*arguments)
    except MnistError as error:
        return f"{type(error).__name__}: {error}"


def found(group: Group, run: Run) -> GroupProgress:
    """An experiment with somebody's run, made up."""
    member = GroupRun("seed 0", run.spec, run, [EPOCH])
    return GroupProgress(group, Repeat(spec=PLAIN, seeds=2), [member])


# What takes a run, by its number or as one that a stranger made up.
OF_RUN: dict[str, Callable[[Store, Run], Any]] = {
    "storage.runs.Store.run": lambda s, r: s.run(r.id),
    "storage.runs.Store.numbered": lambda s, r: s.numbered(r.number).workspace == s.workspace,
    "storage.runs.Store.update": lambda s, r: each(
        [{"name": "mine"}, {"note": "mine"}, {"request": "stop"}, {"workspace": s.workspace}],
        lambda columns: s.update(r.id, **columns),
    ),
    "storage.runs.Store.change": lambda s, r: each(
        [{}, {"state": r.state}, {"state": ["queued", "running"]}],
        lambda expected: s.change(r.id, expected, name="mine", state="stopped"),
    ),
    "storage.runs.Store.is_held": lambda s, r: s.is_held(r),
    "storage.runs.Store.delete_run": lambda s, r: s.delete_run(r.id),
    "storage.runs.Store.record_progress": lambda s, r: s.record_progress(r.id, [REPORT]),
    "storage.runs.Store.record_epoch": lambda s, r: s.record_epoch(r.id, EPOCH, b"mine"),
    "storage.runs.Store.delete_records_after": lambda s, r: s.delete_records_after(r.id, 0, 0),
    "storage.runs.Store.epochs": lambda s, r: s.epochs(r.id),
    "storage.runs.Store.batches": lambda s, r: s.batches(r.id),
    "storage.runs.Store.save_weights": lambda s, r: s.save_weights(r.id, b"", b"", "", 1.0),
    "storage.artifacts.load_start": lambda s, r: artifacts.load_start(s, replace(r, spec=STOLEN)),
    "storage.handwriting.learned_marks": lambda s, r: handwriting.learned_marks(s, r.id),
    "storage.runs.Store.put": lambda s, r: s.put(r.id, "weights", b"mine", note="mine"),
    "storage.runs.Store.get": lambda s, r: each(
        ["weights", "start", "checkpoint", "predictions", "epoch/1", "insight/robustness"],
        lambda name: s.get(r.id, name),
    ),
    "importing.recording.record_report": lambda s, r: each(
        [TEN, np.full_like(TEN, np.nan)], lambda answers: recording.record_report(s, r, answers)
    ),
    "execution.queue.claim": lambda s, r: each(
        [True, False], lambda only_queued: queue.claim(s, r.id, only_queued)
    ),
    "execution.queue.enqueue": lambda s, r: queue.enqueue(s, r.id),
    "execution.queue.send_request": lambda s, r: each(
        ["stop", "pause"], lambda what: queue.send_request(s, r.id, what)
    ),
    "execution.queue.requeue": queue.requeue,
    "execution.queue.record_worker_loss": queue.record_worker_loss,
    "execution.queue.position": lambda s, r: (
        queue.position(replace(r, workspace=s.workspace), Speed(1e9, ""), 1) != (0, None)
    ),
    "cli.commands.common.show_result": lambda s, r: common.show_result(s, r.id, as_json=True),
    "experiments.comparison.validated": lambda s, r: list(comparison.validated(s, [r]).values()),
    "engine.engine.Engine.probabilities": lambda s, r: Engine().probabilities(
        s.workspace, r, IMAGES
    ),
    "engine.engine.Engine.assess_import": lambda s, r: Engine().assess_import(s.workspace, r),
    "engine.engine.Engine.export": lambda s, r: each(
        [".py", ".keras"],
        lambda ending: Engine().export(s.workspace, r, ending),
    ),
    "engine.engine.Engine.look": lambda s, r: Engine().look("outputs", s.workspace, r, IMAGES),
    "engine.engine.Engine.observe_training": lambda s, r: Engine().observe_training(
        s.workspace, r, True, IMAGES, LABELS, 1
    ),
    "execution.runner.execute": lambda s, r: runner.execute(s, r.id),
    "execution.runner.predictor": lambda s, r: runner.predictor(s, r.id),
    "execution.runner.assess": lambda s, r: runner.assess(s, r.id),
    "execution.runner.assess_import": lambda s, r: runner.assess_import(s, r.id),
    "execution.runner.assess_shifted": lambda s, r: runner.assess_shifted(s, r.id, 1),
    "exporting.export.export": lambda s, r: each(
        [format.ending for format in formats.FORMATS],
        lambda ending: export.export(s, r.id, Path(f"model{ending}")),
    ),
    "execution.embedding.embed": lambda s, r: embedding.embed(s, r, print),
    "execution.embedding.tsne": lambda s, r: embedding.tsne(s, r, print),
    "execution.runner.feature_extractor": lambda s, r: runner.feature_extractor(s, r.id),
    "execution.runner.batch_trainer": lambda s, r: runner.batch_trainer(s, r.id),
    "execution.robustness.curves": lambda s, r: robustness.curves(s, r, print),
    "execution.label_error_search.search": lambda s, r: label_error_search.search(s, r, print),
    "execution.job_tasks.run_job": lambda s, r: each(
        jobs.NAMES, lambda name: job_tasks.run_job(s, r.id, name)
    ),
    "execution.jobs.result": lambda s, r: each(jobs.NAMES, lambda name: jobs.result(s, r, name)),
    "execution.jobs.enqueue": lambda s, r: each(
        jobs.NAMES, lambda name: jobs.enqueue(s, r.id, name)
    ),
    "execution.jobs.cancel": lambda s, r: each(jobs.NAMES, lambda name: jobs.cancel(s, r.id, name)),
    "execution.jobs.find": lambda s, r: each(jobs.NAMES, lambda name: jobs.find(s, r.id, name)),
    "execution.jobs.claim": lambda s, r: each(jobs.NAMES, lambda name: jobs.claim(s, r.id, name)),
    "execution.jobs.report": lambda s, r: each(
        jobs.NAMES, lambda name: jobs.report(s, r.id, name, 0.5)
    ),
    "execution.jobs.store_result": lambda s, r: each(
        jobs.NAMES, lambda name: jobs.store_result(s, r, name, {"points": IMAGES})
    ),
    "execution.jobs.fail": lambda s, r: each(
        jobs.NAMES, lambda name: jobs.fail(s, r.id, name, "mine")
    ),
    "execution.recorder.Recorder": lambda s, r: each(
        [
            Recorder.checkpoint,
            Recorder.flush,
            lambda mine: mine.on_progress(REPORT),
            lambda mine: mine.keep_checkpoint(CHECKPOINT),
            lambda mine: mine.finish("stopped", "mine"),
        ],
        lambda say: say(Recorder(s, r, None)),
    ),
    "storage.artifacts.load_weights": lambda s, r: artifacts.load_weights(s, r.id),
    "storage.artifacts.load_report": lambda s, r: artifacts.load_report(s, r.id),
    "storage.artifacts.save_report": lambda s, r: artifacts.save_report(s, r.id, TEN),
    "storage.artifacts.save_epoch_snapshot": lambda s, r: artifacts.save_epoch_snapshot(
        s, r.id, 1, KEPT
    ),
    "storage.artifacts.load_epoch_snapshot": lambda s, r: artifacts.load_epoch_snapshot(s, r.id, 1),
    "storage.artifacts.save_guesses": lambda s, r: artifacts.save_guesses(
        s, r.id, KEPT.probabilities
    ),
    "storage.artifacts.load_guesses": lambda s, r: artifacts.load_guesses(s, r.id),
    "storage.artifacts.save_rate_change": lambda s, r: artifacts.save_rate_change(
        s, r.id, 1.5, 0.01
    ),
    "storage.artifacts.load_rate_changes": lambda s, r: artifacts.load_rate_changes(s, r.id),
    "storage.artifacts.plan_more_epochs": lambda s, r: artifacts.plan_more_epochs(s, r.id, 1),
    "exporting.card.of_run": lambda s, r: card.of_run(s, r.id),
    "exporting.html_report.of_run": lambda s, r: html_report.of_run(s, r.id),
    "exporting.models.model_of": lambda s, r: models.model_of(s, r.id),
    "exporting.models.write": lambda s, r: each(
        [formats.TENSORBOARD, *models.MODELS],
        lambda ending: models.write(s, r.id, ending, Path(PLAINLY)),
    ),
    "exporting.tensorboard.write_events": lambda s, r: tensorboard.write_events(
        s, r.id, Path(PLAINLY)
    ),
    "exporting.texts.TEXTS": lambda s, r: each(
        texts.TEXTS, lambda ending: texts.TEXTS[ending](s, r.id)
    ),
    "storage.deletion.delete": lambda s, r: deletion.delete(s, [r.id]),
    "storage.trials.validated_epochs": lambda s, r: list(
        trials.validated_epochs(s, [r.id]).values()
    ),
    "engine.tasks.train": lambda s, r: tasks.train(s.workspace, r.id),
    "engine.tasks.probabilities": lambda s, r: tasks.probabilities(
        s.workspace, r.id, r.seconds, IMAGES
    ),
    "engine.tasks.assess_import": lambda s, r: tasks.assess_import(s.workspace, r.id),
    "engine.tasks.answer_question": lambda s, r: tasks.answer_question(
        "outputs", s.workspace, r.id, r.seconds, IMAGES
    ),
    "engine.tasks.observe_training": lambda s, r: tasks.observe_training(
        s.workspace, r.id, r.seconds, True, IMAGES, LABELS, 1
    ),
    "engine.tasks.run_job": lambda s, r: each(
        jobs.NAMES, lambda name: tasks.run_job(s.workspace, r.id, name)
    ),
    "engine.tasks.export": lambda s, r: each(
        [".py", ".keras"],
        lambda ending: tasks.export(s.workspace, r.id, ending),
    ),
}

# What takes a group; some of these take a run with it, which is somebody's too.
OF_GROUP: dict[str, Callable[[Store, Group, Run], Any]] = {
    "storage.runs.Store.runs": lambda s, g, r: s.runs(g.id),
    "storage.runs.Store.create_run": lambda s, g, r: each(
        [{"group_id": g.id}, {"group_id": g.id, "trial": 7}],
        lambda columns: s.create_run(PLAIN, "mine", **columns),
    ),
    "storage.groups.find": lambda s, g, r: groups.find(s, g.id),
    "storage.groups.update_if": lambda s, g, r: each(
        [{}, {"state": g.state}], lambda expected: groups.update_if(s, g, expected, name="mine")
    ),
    "storage.groups.delete": lambda s, g, r: groups.delete(s, g.id),
    "experiments.group_progress.read": lambda s, g, r: group_progress.read(s, g).members,
    "experiments.group_progress.stop": lambda s, g, r: group_progress.stop(s, found(g, r)),
    "experiments.group_progress.resume": lambda s, g, r: group_progress.resume(s, found(g, r)),
    "storage.trials.trial_runs": lambda s, g, r: trials.trial_runs(s, g.id),
    "experiments.studies.stop": lambda s, g, r: studies.stop(s, g.id),
    "experiments.studies.resume": lambda s, g, r: studies.resume(s, g.id),
    "experiments.studies.delete": lambda s, g, r: studies.delete(s, g.id),
    "experiments.studies.read": lambda s, g, r: studies.read(s, g.id),
    "experiments.studies.optuna_study": lambda s, g, r: studies.optuna_study(s, g.id).trials,
}


READ_ONLY = (
    *("insight.", "exporting.", "engine.engine.", "engine.tasks.export", "execution.jobs.enqueue"),
    *("execution.embedding.", "execution.job_tasks.", "execution.label_error_search."),
    *("execution.robustness.", "execution.runner.feature_extractor"),
)
"""What examples are there for."""

CHECKS = [
    RunCheck(kind="run", epochs=1),
    OverfittingCheck(kind="overfits"),
    SmallerCheck.model_validate({"kind": "smaller", "than": "note-5", "points": 1}),
    OneChangeCheck(kind="one_change", setting="learning_rate", points=0),
    FoldsCheck(kind="folds", folds=2),
    DepthsCheck(kind="depths", variants=1),
    StudyCheck(kind="study", trials=1),
    HandwritingCheck(kind="handwriting", digits=10),
    AnswerCheck(kind="answer", question="best_epoch"),
    AnswerCheck(kind="answer", question="rotation_90"),
]


def evaluate_all(store: Store) -> list[Any]:
    return each(CHECKS, lambda check: check.evaluate(store, "1"))


# What takes neither: it finds and makes only what is of its own workspace.
OF_STORE: dict[str, Callable[[Store], Any]] = {
    "storage.runs.Store.runs": lambda s: s.runs(),
    "storage.runs.Store.active_runs": lambda s: s.active_runs(),
    "storage.runs.Store.makers": lambda s: s.makers(),
    "storage.runs.Store.examples": lambda s: s.examples(),
    "storage.runs.Store.create_run": lambda s: each([PLAIN, STOLEN], s.create_run),
    "storage.runs.Store.source": lambda s: s.source(STOLEN),
    "storage.runs.Store.start_of": lambda s: s.start_of(PRESETS["digits-5-9"]),
    "cli.commands.common.read_start": lambda s: outcome(common.read_start, s, ("digits-5-9",), {}),
    "storage.runs.Store.describe": lambda s: s.describe(STOLEN),
    "storage.runs.Store.start_shapes": lambda s: outcome(s.start_shapes, STOLEN),
    "importing.recording.record": lambda s: recording.record(
        s, ImportedModel(PLAIN, {}, ""), "a.keras"
    ),
    "experiments.definitions.start": lambda s: definitions.start(s, Repeat(spec=PLAIN, seeds=2)),
    "storage.groups.create": lambda s: groups.create(s, "repeat", "mine"),
    "storage.groups.list_groups": lambda s: each(KINDS, lambda kind: groups.list_groups(s, kind)),
    "execution.jobs.find_all": lambda s: each(jobs.NAMES, lambda name: jobs.find_all(s, name)),
    "execution.jobs.runs_with_result": lambda s: each(
        jobs.NAMES, lambda name: jobs.runs_with_result(s, name)
    ),
    **{
        f"teaching.lessons.{place}.evaluate": evaluate_all
        for place in (
            *("check.Check", "run_checks.Conditions", "run_checks.OneChangeCheck"),
            "handwriting_check.HandwritingCheck",
            *("experiment_checks.FoldsCheck", "experiment_checks.DepthsCheck"),
            "experiment_checks.StudyCheck",
        )
    },
    "teaching.lessons.progress.load_all": progress.load_all,
    "teaching.lessons.progress.load": lambda s: progress.load(s, LESSON),
    "teaching.lessons.progress.begin": lambda s: progress.begin(s, LESSON),
    "teaching.lessons.progress.open_step": lambda s: progress.open_step(s, LESSON, 2),
    "teaching.lessons.progress.save_answer": lambda s: progress.save_answer(s, LESSON, "mine"),
    "teaching.lessons.progress.mark_passed": lambda s: progress.mark_passed(s, LESSON, None),
    "teaching.lessons.students.name_of": students.name_of,
    "teaching.lessons.students.give_name": lambda s: each(
        ["mine", ""], lambda name: students.give_name(s, name)
    ),
    "teaching.lessons.students.students": students.students,
    "teaching.lessons.students.forget_all": students.forget_all,
    "teaching.lessons.check.own_runs": lesson_check.own_runs,
    "teaching.lessons.check.runs_in_training": lesson_check.runs_in_training,
    "teaching.lessons.check.own_groups": lambda store: [
        lesson_check.own_groups(store, kind) for kind in ("folds", "depth", "study")
    ],
    "storage.handwriting.add": lambda s: handwriting.add(s, "mine", 3, IMAGES[0], b"mine"),
    "storage.handwriting.add_set": lambda s: handwriting.add_set(
        s, "mine", DigitSet(IMAGES, LABELS.astype(np.uint8), np.ones(1, np.int32), (b"",))
    ),
    "storage.handwriting.imported": handwriting.imported,
    "storage.handwriting.choose_to_learn": handwriting.choose_to_learn,
    "storage.handwriting.learned_digits": lambda s: handwriting.learned_digits(s, LEARNED),
    "storage.handwriting.check_learned": lambda s: handwriting.check_learned(s, LEARNED),
    "storage.handwriting.is_newer": lambda s: handwriting.is_newer(s, CHOSEN),
    "storage.handwriting.samples": lambda s: handwriting.samples(s),
    "storage.handwriting.ids": handwriting.ids,
    "storage.handwriting.drawings": handwriting.drawings,
    "storage.handwriting.remove": lambda s: handwriting.remove(s, range(1, 100)),
    "storage.handwriting.is_open": handwriting.is_open,
    "storage.handwriting.set_open": lambda s: handwriting.set_open(s, False),
    "storage.classes.find": classes.find,
    "storage.classes.make_code": classes.make_code,
    "storage.classes.workspace_of_code": lambda s: classes.workspace_of_code(s.database, "X" * 8),
    "storage.classes.rename": lambda s: classes.rename(s, "mine"),
    "storage.quota.usage": lambda s: quota.usage(s.database, s.workspace),
    "storage.quota.runs_to_displace": lambda s: quota.runs_to_displace(s.database, s.workspace, 1),
    "storage.quota.check_new": lambda s: quota.check_new(s.database, s.workspace, [PLAIN]),
    "storage.quota.check_study": lambda s: quota.check_study(s.database, s.workspace, 1),
    "cli.reproduce.reproduce_notes": lambda s: list(
        reproduce.reproduce_notes(s, ("note-5",), True, None)  # type: ignore[arg-type]
    ),
    "experiments.studies.start": lambda s: studies.start(
        s, Study(base=PLAIN, space=Space(batch_size=(32, 64)), trials=2)
    ),
}

SERVER = {
    *(
        "execution.queue.waiting",
        "execution.queue.running",
        "storage.groups.running_studies",
        "execution.jobs.waiting",
        "execution.jobs.fail_abandoned",
    ),
    "execution.queue.recover_abandoned",
    *(
        "execution.jobs.fail_untouched",
        "experiments.studies.advance",
        "experiments.studies.release",
        "storage.quota.make_room",
        "storage.quota.kept_bytes",
    ),
    *(
        "storage.quota.admit",
        "storage.quota.admit_digit",
        "storage.quota.admit_set",
        "storage.quota.admit_group",
        "storage.quota.admit_requeued",
        "storage.learned.learned_digits",
        "storage.learned.check_count",
        "storage.schema.add_maker",
        "storage.schema.next_number",
        "storage.schema.next_writer",
    ),
    *(
        "storage.database.Database",
        "storage.database.database",
        "engine.dask_pool.Pool",
        "engine.dask_pool.Pool.start_job",
        "engine.worker_process.Processes",
    ),
    "storage.database.path_of",
    "teaching.lessons.check.is_own",  # compares two names, and reads nothing
}
"""What the server does for everybody, or inside a transaction; no page may call it."""


def modules() -> Iterator[Any]:
    for found in pkgutil.walk_packages(mnist_core.__path__, "mnist_core."):
        if not found.name.endswith(("__main__",)):  # a program, and one that ends ours
            yield importlib.import_module(found.name)


def takes_a_workspace(call: Any) -> bool:
    parameters = inspect.signature(call).parameters.values()
    kinds = (Store, Database)
    return any(p.annotation in kinds or p.name in ("workspace", "url") for p in parameters)


def calls() -> Iterator[str]:
    """Every public function, class and method of the core that is given a workspace."""
    for module in modules():
        name = module.__name__.removeprefix("mnist_core.")
        for item, made in vars(module).items():
            if item.startswith("_") or getattr(made, "__module__", "") != module.__name__:
                continue
            if inspect.isfunction(made) and takes_a_workspace(made):
                yield f"{name}.{item}"
            if not inspect.isclass(made) or made in (Run, Group):
                continue
            if made is not Store and "__init__" in vars(made) and takes_a_workspace(made.__init__):
                yield f"{name}.{item}"
            for method, function in vars(made).items():
                public = inspect.isfunction(function) and not method.startswith("_")
                if public and (made is Store or takes_a_workspace(function)):
                    yield f"{name}.{item}.{method}"


@pytest.fixture(scope="module")
def stage(tmp_path_factory) -> tuple[Victim, Store, str]:
    """A with all there is, B with a run and a group of their own, in one database."""
    url = f"sqlite:///{tmp_path_factory.mktemp('isolation') / 'runs.db'}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MNIST_DATABASE_URL", url)
        victim = Victim(Store(workspace_of(new_token()), url))
    other = Store(workspace_of(new_token()), url)
    definitions.start(other, Repeat(spec=PLAIN, seeds=2))
    other.create_run(PLAIN, queued=False)
    return victim, other, url


@pytest.fixture
def victim(stage, monkeypatch, tmp_path) -> Iterator[Victim]:
    """A, of whom nothing may change whatever a test does."""
    victim, _, url = stage
    monkeypatch.setenv("MNIST_DATABASE_URL", url)
    monkeypatch.setattr(Engine, "_ask", lambda self, task, *arguments: task(*arguments))
    monkeypatch.setattr(reproduce, "execute", lambda store, run_id, _: store.run(run_id))
    monkeypatch.setattr(tasks, "release_memory", lambda: None)  # takes long beside many tests
    monkeypatch.chdir(tmp_path)
    before = victim.rows()
    yield victim
    assert victim.rows() == before


@pytest.fixture
def other(stage, victim) -> Store:
    return stage[1]


def without_numbers(value: Any) -> str:
    return re.sub(r"\d+", "#", repr(value))


def test_no_call_was_forgotten():
    known = OF_RUN.keys() | OF_GROUP.keys() | OF_STORE.keys() | SERVER
    assert set(calls()) - known == set()
    assert SERVER.isdisjoint(OF_RUN.keys() | OF_GROUP.keys() | OF_STORE.keys())


def test_the_marks_are_found_where_they_are(victim):
    store, run = victim.store, victim.finished
    shown = [
        store.run(run),
        store.epochs(run),
        store.batches(run),
        artifacts.load_weights(store, run),
    ]
    assert [bool(marks_in(value)) for value in shown] == [True] * 4
    assert marks_in(store.get(run, "weights")) == ["array"]
    assert set(marks_in(store.run(run))) == {"name", "seed", "figure"}


@pytest.mark.parametrize("name", OF_RUN)
def test_a_run_of_somebody_else_is_as_good_as_absent(victim, other, name, capsys):
    for run_id in victim.kinds:
        theirs = victim.store.run(run_id)
        for workspace in (theirs.workspace, other.workspace):
            guessed = replace(forged(theirs, run_id), workspace=workspace)
            found = outcome(OF_RUN[name], other, guessed)
            nobody = outcome(OF_RUN[name], other, replace(guessed, id=ABSENT + run_id))
            assert without_numbers(found) == without_numbers(nobody)
            assert marks_in(found) == []
    assert marks_in(capsys.readouterr()) == []


@pytest.mark.parametrize("name", OF_GROUP)
def test_a_group_of_somebody_else_is_as_good_as_absent(victim, other, name):
    for group_id in victim.all_groups:
        theirs = groups.find(victim.store, group_id)
        run = forged(victim.store.run(victim.waiting), victim.waiting)
        for workspace in (theirs.workspace, other.workspace):
            guessed = replace(forged_group(theirs, group_id), workspace=workspace)
            found = outcome(OF_GROUP[name], other, guessed, run)
            nobody = outcome(
                OF_GROUP[name], other, replace(guessed, id=ABSENT), replace(run, id=ABSENT)
            )
            assert without_numbers(found) == without_numbers(nobody)
            assert marks_in(found) == []


@pytest.mark.parametrize("name", OF_STORE)
def test_what_is_listed_and_made_is_ones_own(victim, other, name):
    found = outcome(OF_STORE[name], other)
    assert marks_in(found) == []
    if isinstance(found, list):
        assert not {item.id for item in found if isinstance(item, Run)} & set(victim.runs)


def test_nobody_starts_from_somebodys_weights_whose_hash_they_know(victim, other):
    assert victim.store.source(STOLEN).id == victim.finished
    assert other.source(STOLEN) is None
    before = len(other.runs())
    for call in (other.create_run, other.start_shapes):
        with pytest.raises(StoreError, match="are not in this workspace"):
            call(STOLEN)
    assert len(other.runs()) == before


def test_nobody_learns_from_somebodys_handwriting_whose_hash_they_know(victim, other):
    assert handwriting.learned_digits(victim.store, LEARNED) is not None
    with pytest.raises(handwriting.CollectionError, match="in another workspace"):
        handwriting.learned_digits(other, LEARNED)


def test_nobody_puts_a_run_or_group_of_theirs_into_another_workspace(victim, other):
    theirs, group = victim.store.workspace, victim.study
    mine, made = other.create_run(PLAIN), groups.create(other, "repeat", "mine")
    for columns in ({"workspace": theirs}, {"group_id": group}):
        for call in (
            lambda columns=columns: other.create_run(PLAIN, **columns),
            lambda columns=columns: other.update(mine.id, **columns),
            lambda columns=columns: other.change(mine.id, {}, **columns),
            lambda columns=columns: other.put(mine.id, "weights", b"", **columns),
        ):
            with pytest.raises(StoreError, match=r"stays in its workspace|no group"):
                call()
    with pytest.raises(StoreError, match="stays in its workspace"):
        groups.update_if(other, made, {}, workspace=theirs)  # type: ignore[call-arg]
    assert other.run(mine.id).group_id is None


def test_what_a_worker_keeps_of_a_network_is_for_its_workspace(victim, other):
    from mnist_core.training.model import build, weights_of

    run = victim.store.create_run(PLAIN, queued=False)
    try:
        data = artifacts.pack(weights_of(build(PLAIN.network)))
        victim.store.put(run.id, "weights", data)
        asked = (run.id, run.seconds, IMAGES)
        assert tasks.probabilities(victim.store.workspace, *asked).shape == (1, 10)
        assert tasks.answer_question("outputs", victim.store.workspace, *asked)
        steps = (False, IMAGES, LABELS, 1)
        assert tasks.observe_training(victim.store.workspace, *asked[:2], *steps).layers
        with pytest.raises(StoreError, match="no such run here"):
            tasks.probabilities(other.workspace, *asked)
        with pytest.raises(StoreError, match="no such run here"):
            tasks.answer_question("outputs", other.workspace, *asked)
        with pytest.raises(StoreError, match="no such run here"):
            tasks.observe_training(other.workspace, *asked[:2], *steps)
    finally:
        victim.store.delete_run(run.id)


def test_a_token_and_its_workspace_are_two_things(victim):
    """Who reads the database, or a traceback, has no key."""
    token = new_token()
    assert Store(token).runs() == Store(workspace_of(token)).runs() == []
    assert marks_in(Store(workspace_of(victim.store.workspace)).runs()) == []


def test_examples_are_read_by_all_and_changed_by_nobody(url, monkeypatch):
    monkeypatch.setenv("MNIST_DATABASE_URL", url)
    example = Victim(Store(EXAMPLES, url))
    other = Store("other")
    run = other.run(example.finished)
    assert other.epochs(run.id) == example.store.epochs(run.id)
    assert artifacts.load_report(other, run.id) is not None
    monkeypatch.setattr(tasks, "release_memory", lambda: None)
    before = example.rows()
    for name, call in OF_RUN.items():
        if not name.startswith(READ_ONLY):
            outcome(call, other, run)
            assert example.rows() == before, name
    group = forged_group(groups.find(example.store, example.study), example.study)
    for name, call in OF_GROUP.items():
        outcome(call, other, group, run)
        assert example.rows() == before, name


def test_who_did_not_ask_for_a_job_on_an_example_cannot_cancel_it(url):
    example = Store(EXAMPLES, url).create_run(PLAIN, queued=False)
    asker, other = Store("asker", url), Store("other", url)
    jobs.enqueue(asker, example.id, "tsne")
    jobs.enqueue(other, example.id, "tsne")  # it waits already: nobody takes it over
    told = [jobs.find(store, example.id, "tsne") for store in (asker, other)]
    assert [job and job.asked_by for job in told] == ["asker"] * 2
    with pytest.raises(StoreError, match="only by the person who asked"):
        jobs.cancel(other, example.id, "tsne")
    assert not jobs.claim(other, example.id, "tsne")
    jobs.fail(other, example.id, "tsne", "mine")
    assert jobs.find(asker, example.id, "tsne") == told[0]
    jobs.cancel(asker, example.id, "tsne")
    assert jobs.find(other, example.id, "tsne") is None


def test_all_tables_are_compared(victim, other):
    told = rows(victim.store.database, victim.store.workspace)
    of_runs = {"runs", "groups", "epochs", "batches", "artifacts", "jobs"}
    assert set(told) == of_runs | {
        "lessons",
        "handwriting",
        "collections",
        "writers",
        "classes",
        "students",
        "makers",
    }
    assert all(told.values())
    assert not set(told["runs"]) & set(rows(other.database, other.workspace)["runs"])
