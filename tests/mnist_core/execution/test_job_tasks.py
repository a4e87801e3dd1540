"""Jobs that end otherwise: cancelled, or failed with a reason."""

import pytest

from mnist_core.execution import jobs
from mnist_core.storage.database import StoreError
from tests.mnist_core.execution.jobs_here import RESULT, do, state


def test_a_cancelled_job_stops_and_leaves_nothing(store, run, monkeypatch):
    reached = []

    def long(store, run, report):
        jobs.cancel(store, run.id, "tsne")
        report(0.5)
        reached.append("the end")

    do(monkeypatch, long, store, run)
    assert not reached
    assert state(store, run) is None


def test_a_job_cancelled_at_its_very_end_leaves_nothing(store, run, monkeypatch):
    def short(store, run, report):
        jobs.cancel(store, run.id, "tsne")
        return RESULT

    do(monkeypatch, short, store, run)
    assert jobs.result(store, run, "tsne") is None


def test_a_job_that_fails_says_why_and_can_be_asked_again(store, run, monkeypatch):
    def refuse(*_):
        raise StoreError("there is nothing to look at")

    do(monkeypatch, refuse, store, run)
    job = jobs.find(store, run.id, "tsne")
    assert job is not None
    assert (job.state, job.reason) == ("failed", "there is nothing to look at")
    jobs.enqueue(store, run.id, "tsne")
    assert state(store, run) == "queued"


def test_an_error_of_our_own_is_told_and_raised_again(store, run, monkeypatch):
    with pytest.raises(ZeroDivisionError):
        do(monkeypatch, lambda *_: 1 / 0, store, run)
    job = jobs.find(store, run.id, "tsne")
    assert job is not None
    assert "ZeroDivisionError" in job.reason
