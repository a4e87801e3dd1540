"""Jobs: asked for, done by one process, lost with their workers, kept with the run."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import sqlalchemy as sa

from mnist_core.engine import examples
from mnist_core.engine.engine import Engine
from mnist_core.execution import job_tasks, jobs
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec
from mnist_core.storage import leases
from mnist_core.storage.database import StoreError, database, default_url
from mnist_core.storage.runs import Store
from mnist_core.storage.schema import JOBS
from mnist_core.storage.workspaces import EXAMPLES
from tests.mnist_core.execution.jobs_here import RESULT, do, state


@pytest.mark.both_databases
def test_what_is_asked_waits_once_in_the_order_of_asking(store, run):
    other = Store("other").create_run(Spec(network=parse("F")))
    jobs.enqueue(store, run.id, "tsne")
    jobs.enqueue(Store("other"), other.id, "suspects")
    jobs.enqueue(store, run.id, "tsne")
    found = [(workspace, job.run_id, job.name) for workspace, job in jobs.waiting(default_url())]
    assert found == [("local", run.id, "tsne"), ("other", other.id, "suspects")]


def test_all_jobs_and_results_of_a_name_are_found_at_once(store, run, monkeypatch):
    other = Store("other").create_run(Spec(network=parse("F")))
    waiting = store.create_run(Spec(network=parse("F")), queued=False)
    do(monkeypatch, lambda *_: RESULT, store, run)
    jobs.enqueue(store, waiting.id, "tsne")
    jobs.enqueue(store, run.id, "suspects")
    jobs.enqueue(Store("other"), other.id, "tsne")
    assert jobs.find_all(store, "tsne") == {waiting.id: jobs.find(store, waiting.id, "tsne")}
    assert jobs.runs_with_result(store, "tsne") == {run.id}
    assert jobs.runs_with_result(Store("other"), "tsne") == set()


@pytest.mark.both_databases
def test_a_result_is_kept_and_the_job_gone(store, run, monkeypatch):
    assert jobs.result(store, run, "tsne") is None
    do(monkeypatch, lambda *_: RESULT, store, run)
    kept = jobs.result(store, run, "tsne")
    assert kept is not None
    assert list(kept) == ["numbers"]
    np.testing.assert_array_equal(kept["numbers"], RESULT["numbers"])
    assert state(store, run) is None


def test_a_result_is_that_of_the_present_weights_alone(store, run, monkeypatch):
    do(monkeypatch, lambda *_: RESULT, store, run)
    store.save_weights(run.id, b"", b"", "", seconds=7.5)
    assert jobs.result(store, store.run(run.id), "tsne") is None


@pytest.mark.both_databases
def test_only_one_process_does_a_job(store, run):
    jobs.enqueue(store, run.id, "tsne")
    assert jobs.claim(store, run.id, "tsne")
    assert not jobs.claim(store, run.id, "tsne")
    jobs.enqueue(store, run.id, "tsne")  # asked again, it goes on
    assert state(store, run) == "running"
    assert jobs.report(store, run.id, "tsne", 0.5)
    job = jobs.find(store, run.id, "tsne")
    assert job is not None
    assert (job.done, job.worker) == (0.5, leases.this_process())


def test_a_job_asked_again_after_a_cancel_does_not_listen_to_the_old_one(store, run):
    jobs.enqueue(store, run.id, "tsne")
    jobs.claim(store, run.id, "tsne")
    jobs.cancel(store, run.id, "tsne")
    jobs.enqueue(store, run.id, "tsne")
    assert not jobs.report(store, run.id, "tsne", 0.9)
    assert state(store, run) == "queued"


@pytest.mark.both_databases
def test_a_job_of_a_dead_process_has_failed(store, run):
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    start = leases._start_of(child.pid)
    worker = f"{leases.this_process().split(':')[0]}:{child.pid}:{start}"
    jobs.enqueue(store, run.id, "tsne")
    with database(default_url()).write() as connection:
        connection.execute(sa.update(JOBS).values(state="running", worker=worker))
    jobs.fail_abandoned(default_url())
    assert state(store, run) == "running", "its process lives"
    child.kill()
    child.communicate()
    jobs.fail_abandoned(default_url())
    job = jobs.find(store, run.id, "tsne")
    assert job is not None
    assert job.state == "failed"
    assert "try again" in job.reason


def test_a_job_of_another_machine_has_failed_when_its_process_is_known_to_be_gone(store, run):
    jobs.enqueue(store, run.id, "tsne")
    held = {"worker": "elsewhere:7:1.00", "heartbeat_at": datetime.now(UTC)}
    with database(default_url()).write() as connection:
        connection.execute(sa.update(JOBS).values(state="running", **held))
    jobs.fail_abandoned(default_url(), {"elsewhere:8:1.00"})
    assert state(store, run) == "running"
    jobs.fail_abandoned(default_url(), {"elsewhere:7:1.00"})
    assert state(store, run) == "failed"


@pytest.mark.both_databases
def test_a_job_that_its_worker_left_untouched_is_not_handed_out_for_ever(store, run):
    jobs.enqueue(store, run.id, "tsne")
    job = jobs.find(store, run.id, "tsne")
    assert job is not None
    jobs.cancel(store, run.id, "tsne")
    jobs.enqueue(store, run.id, "tsne")
    with database(default_url()).write() as connection:
        later = job.asked_at + timedelta(seconds=1)
        connection.execute(sa.update(JOBS).values(asked_at=later))
    jobs.fail_untouched(default_url(), job)
    assert state(store, run) == "queued", "asked anew, it is another one"
    again = jobs.find(store, run.id, "tsne")
    assert again is not None
    jobs.fail_untouched(default_url(), again)
    assert state(store, run) == "failed"


def test_of_two_workers_that_have_a_job_the_one_too_late_does_not_end_it(store, run):
    jobs.enqueue(store, run.id, "tsne")
    job = jobs.find(store, run.id, "tsne")
    assert job is not None
    jobs.claim(store, run.id, "tsne")
    jobs.fail_untouched(default_url(), job)
    assert state(store, run) == "running"


def test_only_jobs_that_there_are_can_be_asked(store, run):
    assert set(jobs.NAMES) == set(job_tasks.DO)
    with pytest.raises(StoreError, match="there is no job 'guess': ask for one of embedding"):
        jobs.enqueue(store, run.id, "guess")


def test_nobody_else_may_ask_see_or_cancel(store, run):
    stranger = Store("stranger")
    jobs.enqueue(store, run.id, "tsne")
    for forbidden in (jobs.enqueue, jobs.find, jobs.cancel):
        with pytest.raises(StoreError, match="there is no such run"):
            forbidden(stranger, run.id, "tsne")
    assert state(store, run) == "queued"


def test_what_is_known_of_an_example_is_for_all(store, monkeypatch):
    example = Store(EXAMPLES).create_run(Spec(network=parse("F")), queued=False)
    monkeypatch.setitem(job_tasks.DO, "tsne", lambda *_: RESULT)
    jobs.enqueue(store, example.id, "tsne")
    [(workspace, job)] = jobs.waiting(default_url())
    job_tasks.run_job(Store(workspace), job.run_id, job.name)
    assert jobs.result(Store("stranger"), example, "tsne") is not None


@pytest.mark.both_databases
def test_a_deleted_run_takes_its_jobs_along(store, run):
    jobs.enqueue(store, run.id, "tsne")
    store.delete_run(run.id)
    assert jobs.waiting(default_url()) == []


def test_workspaces_take_turns_with_their_jobs(store):
    examples.install()
    run = store.examples()[0]
    others = [Store(name, store.database.url) for name in ("many", "few", "one")]
    engine = Engine()
    for name in jobs.NAMES[:3]:
        jobs.enqueue(others[0], run.id, name)
    second = store.examples()[1]
    jobs.enqueue(others[1], second.id, jobs.NAMES[0])
    jobs.enqueue(others[1], second.id, jobs.NAMES[1])
    jobs.enqueue(others[2], run.id, jobs.NAMES[3])
    turns = []
    while waiting := jobs.waiting(store.database.url):
        _, job = engine._next_job(waiting)
        turns.append(job.asked_by)
        jobs.cancel(Store(job.asked_by, store.database.url), job.run_id, job.name)
    assert turns == ["many", "few", "one", "many", "few", "many"]
