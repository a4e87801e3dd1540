"""Who may train a run: one process at a time, the dead lose theirs, the queue keeps its order."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mnist_core.evaluation.run import INACTIVE_STATES, Run
from mnist_core.execution import queue
from mnist_core.network.notation import parse
from mnist_core.network.spec import Augmentation, Spec
from mnist_core.storage import groups, leases
from mnist_core.storage.database import StoreError
from mnist_core.storage.runs import Store
from mnist_core.storage.workspaces import EXAMPLES
from mnist_core.training import estimate

SPEC = Spec(network=parse("F"))


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.mark.both_databases
def test_of_many_that_claim_a_run_at_once_one_has_it(store):
    run = store.create_run(SPEC)

    def try_to_claim(_: int) -> bool:
        try:
            return bool(queue.claim(Store(), run.id, only_queued=True))
        except StoreError:
            return False

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(try_to_claim, range(8))) == 1
    held = store.run(run.id)
    assert (held.state, held.worker) == ("running", leases.this_process())


@pytest.mark.both_databases
def test_a_run_that_a_living_process_trains_is_not_given_away(store):
    run = store.create_run(SPEC)
    queue.claim(store, run.id)
    with pytest.raises(StoreError, match="is being trained by another process"):
        queue.claim(store, run.id)
    assert not leases.is_abandoned(store.run(run.id))


@pytest.mark.both_databases
def test_a_run_of_a_dead_process_can_be_taken(store):
    run = store.create_run(SPEC)
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    host = leases.this_process().split(":")[0]
    start = leases._start_of(child.pid)
    store.update(run.id, state="running", worker=f"{host}:{child.pid}:{start}")
    assert not leases.is_abandoned(store.run(run.id))
    child.kill()
    child.communicate()
    assert leases.is_abandoned(store.run(run.id))
    assert queue.claim(store, run.id).worker == leases.this_process()


def test_a_new_process_with_an_old_number_is_not_the_old_one(store):
    run = store.create_run(SPEC)
    host, pid, _ = leases.this_process().split(":")
    store.update(run.id, state="running", worker=f"{host}:{pid}:1.00")
    assert leases.is_abandoned(store.run(run.id))


@pytest.mark.both_databases
def test_another_machine_may_be_silent_for_a_while(store):
    run = store.create_run(SPEC)
    now = datetime.now(UTC)
    store.update(run.id, state="running", worker="elsewhere:7:1.00", heartbeat_at=now)
    assert not leases.is_abandoned(store.run(run.id))
    store.update(run.id, heartbeat_at=now - leases.LEASE - timedelta(seconds=1))
    assert leases.is_abandoned(store.run(run.id))


def test_another_machine_has_five_minutes_and_a_process_that_never_reported_has_none(store):
    run, now = store.create_run(SPEC), datetime.now(UTC)
    for silent, dead in ((timedelta(seconds=295), False), (timedelta(seconds=301), True)):
        store.update(run.id, worker="elsewhere:7:1.00", heartbeat_at=now - silent)
        assert leases.is_abandoned(store.run(run.id)) == dead
    store.update(run.id, heartbeat_at=None)
    assert leases.is_abandoned(store.run(run.id))
    store.update(run.id, worker=None, heartbeat_at=now)
    assert not leases.is_abandoned(store.run(run.id), {"elsewhere:7:1.00"})


def test_a_process_that_ended_is_dead_before_its_parent_asks(store):
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    host = leases.this_process().split(":")[0]
    run = store.create_run(SPEC)
    store.update(run.id, worker=f"{host}:{child.pid}:{leases._start_of(child.pid)}")
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it stays a zombie
    assert leases.is_abandoned(store.run(run.id))
    child.communicate()


@pytest.mark.both_databases
def test_a_run_of_another_machine_is_given_back_when_its_process_is_known_to_be_gone(store):
    runs = [store.create_run(SPEC) for _ in range(2)]
    for run, name in zip(runs, ("elsewhere:7:1.00", "elsewhere:8:1.00"), strict=True):
        store.update(run.id, state="running", worker=name, heartbeat_at=datetime.now(UTC))
    for _ in range(2):
        queue.recover_abandoned(store.database.url, {"elsewhere:7:1.00"})
    found = [store.run(run.id) for run in runs]
    assert [(run.state, run.lost) for run in found] == [("queued", 1), ("running", 0)]


@pytest.mark.both_databases
def test_the_queue_is_first_come_first_served_over_all_workspaces(store):
    runs = [store.create_run(SPEC), Store("another").create_run(SPEC)]
    runs.append(store.create_run(SPEC))
    assert [run_id for _, run_id in queue.waiting()] == [run.id for run in runs]
    assert [queue.position(run, None, 1).place for run in runs] == [1, 2, 3]
    queue.send_request(store, runs[0].id, "stop")
    queue.enqueue(store, runs[0].id)  # back, at the end
    assert [queue.position(run, None, 1).place for run in runs] == [3, 1, 2]


@pytest.mark.both_databases
@pytest.mark.parametrize(("request_", "state"), [("stop", "stopped"), ("pause", "paused")])
def test_what_waits_is_stopped_at_once_and_what_runs_is_asked(store, request_, state):
    waits, runs = store.create_run(SPEC), store.create_run(SPEC)
    queue.claim(store, runs.id)
    queue.send_request(store, waits.id, request_)
    queue.send_request(store, runs.id, request_)
    assert store.run(waits.id).state == state
    assert (store.run(runs.id).state, store.run(runs.id).request) == ("running", request_)
    with pytest.raises(StoreError, match="not in the queue"):
        queue.claim(store, waits.id, only_queued=True)


@pytest.mark.both_databases
def test_a_run_that_loses_its_process_waits_again_and_the_second_time_it_fails(store):
    run = store.create_run(SPEC)
    queue.record_worker_loss(store, queue.claim(store, run.id))
    again = store.run(run.id)
    assert (again.state, again.lost) == ("queued", 1)
    assert "resumes from the end of epoch 0" in again.reason
    queue.record_worker_loss(store, queue.claim(store, run.id, only_queued=True))
    failed = store.run(run.id)
    assert failed.state == "failed"
    assert "died 2 times in epoch 1" in failed.reason
    queue.enqueue(store, run.id)
    assert (store.run(run.id).lost, store.run(run.id).reason) == (0, "")


@pytest.mark.parametrize(("request_", "state"), [("stop", "stopped"), ("pause", "paused")])
def test_what_was_asked_of_a_run_is_not_forgotten_when_its_process_dies(store, request_, state):
    run = queue.claim(store, store.create_run(SPEC).id)
    queue.send_request(store, run.id, request_)
    queue.record_worker_loss(store, store.run(run.id))
    assert (store.run(run.id).state, store.run(run.id).request) == (state, None)


@pytest.mark.parametrize("state", INACTIVE_STATES)
def test_of_the_trials_that_rest_only_a_paused_one_trains_again(store, state):
    group = groups.create(store, "study", "")
    trial = store.create_run(SPEC, queued=False, group_id=group.id, trial=0)
    store.update(trial.id, state=state)
    queue.enqueue(store, trial.id)
    assert store.run(trial.id).state == ("queued" if state == "paused" else state)
    store.update(trial.id, state=state)
    if state == "paused":
        assert queue.claim(store, trial.id).state == "running"
        with pytest.raises(StoreError, match="is being trained by another process"):
            queue.claim(store, trial.id)
    else:
        with pytest.raises(StoreError, match=f"is a trial that is over \\({state}\\)"):
            queue.claim(store, trial.id)


@pytest.mark.parametrize("state", INACTIVE_STATES)
def test_any_other_run_that_rests_trains_again(store, state):
    run = store.create_run(SPEC, queued=False)
    store.update(run.id, state=state, reason="an old one", request="stop")
    claimed = queue.claim(store, run.id)
    assert (claimed.state, claimed.reason, claimed.request) == ("running", "", None)


def test_a_claim_whose_answer_was_lost_is_repeated_by_nobody_else(store):
    run, at = store.create_run(SPEC), datetime.now(UTC)
    claimed = queue.claim(store, run.id, again=at)
    assert queue.claim(store, run.id, again=at) == claimed
    with pytest.raises(StoreError, match="being trained by another process"):
        queue.claim(store, run.id, again=at + timedelta(seconds=1))
    store.update(run.id, worker="elsewhere:7:1.00")
    with pytest.raises(StoreError, match="being trained by another process"):
        queue.claim(store, run.id, again=at)


@pytest.mark.parametrize("give_back", [queue.record_worker_loss, queue.requeue])
@pytest.mark.parametrize(
    ("started", "reported", "seconds"),
    [(60, 20, 47), (20, 60, 7), (None, 20, 7), (60, None, 7)],
)
def test_the_time_up_to_the_last_report_counts(store, give_back, started, reported, seconds):
    """Seconds ago; 7 s of training came before."""
    run, now = store.create_run(SPEC), datetime.now(UTC)
    times = {
        name: None if ago is None else now - timedelta(seconds=ago)
        for name, ago in (("started_at", started), ("heartbeat_at", reported))
    }
    store.update(
        run.id, state="running", worker="elsewhere:7:1.00", seconds=7.0, eta_s=5.0, **times
    )
    give_back(store, store.run(run.id))
    left = store.run(run.id)
    assert (left.state, left.seconds, left.eta_s) == ("queued", pytest.approx(seconds), None)


def test_a_run_that_was_put_back_has_lost_nothing(store):
    run = store.create_run(SPEC)
    for _ in range(queue.LOSSES + 1):
        queue.requeue(store, queue.claim(store, run.id, only_queued=True))
    left = store.run(run.id)
    assert (left.state, left.lost) == ("queued", 0)


@pytest.mark.both_databases
def test_everybody_reads_the_examples_and_nobody_changes_them():
    example = Store(EXAMPLES).create_run(SPEC, queued=False)
    Store(EXAMPLES).put(example.id, "weights", b"abc")
    visitor = Store("visitor")
    assert [run.id for run in visitor.examples()] == [example.id]
    assert visitor.runs() == []
    assert visitor.run(example.id).workspace == EXAMPLES
    assert visitor.get(example.id, "weights") == b"abc"
    with pytest.raises(StoreError):
        visitor.update(example.id, name="mine")
    with pytest.raises(StoreError):
        visitor.delete_run(example.id)
    queue.enqueue(visitor, example.id)
    assert Store(EXAMPLES).run(example.id).state == "stopped"


def test_a_clock_that_was_set_back_gives_nobody_all_turns():
    first, second = Store("first"), Store("second")
    for store in (first, second):
        for _ in range(3):
            store.create_run(SPEC)
    ahead = queue.claim(second, second.runs()[-1].id)
    second.update(ahead.id, state="finished", started_at=datetime.now(UTC) + timedelta(hours=1))
    order = []
    for _ in range(4):
        workspace, run_id = queue.waiting()[0]
        order.append(workspace)
        queue.claim(Store(workspace), run_id)
    assert order == ["first", "second", "first", "second"]


def test_a_paused_run_that_has_not_begun_stops_at_once(store):
    run = store.create_run(SPEC)
    queue.send_request(store, run.id, "pause")
    assert store.run(run.id).state == "paused"
    queue.send_request(store, run.id, "stop")
    assert (store.run(run.id).state, store.run(run.id).request) == ("stopped", None)
    store.update(run.id, state="paused", step=3)
    queue.send_request(store, run.id, "stop")
    assert (store.run(run.id).state, store.run(run.id).request) == ("queued", "stop")


# How long a run waits. In these tests an epoch of SPEC takes 10 s, by the estimate.

SPEED = estimate.Speed(estimate.seconds(SPEC, estimate.Speed(1, "")) / 50, "a test")
EPOCHS = SPEC.training.epochs


def seconds(run: Run, speed: estimate.Speed | None, places: int) -> float | None:
    return queue.position(run, speed, places).seconds_to_start


@pytest.mark.both_databases
def test_a_run_waits_for_all_that_come_before_it(store):
    assert EPOCHS == 5
    training = queue.claim(store, store.create_run(SPEC).id)
    store.update(training.id, eta_s=7.0)
    first, again, last = (store.create_run(SPEC) for _ in range(3))
    store.update(again.id, planned=8, epochs=5)  # 3 more epochs
    waits = [seconds(store.run(r.id), SPEED, 1) for r in (first, again, last)]
    assert waits == pytest.approx([7, 57, 87])
    other = Store("other").create_run(SPEC)  # its workspace has not been served yet
    assert seconds(other, SPEED, 1) == pytest.approx(7)
    assert seconds(store.run(last.id), SPEED, 1) == pytest.approx(137)
    assert seconds(training, SPEED, 1) is None


@pytest.mark.both_databases
def test_with_several_places_the_next_one_that_is_free_counts(store):
    training = queue.claim(store, store.create_run(SPEC).id)
    store.update(training.id, eta_s=30.0)
    runs = [store.create_run(SPEC) for _ in range(4)]
    waits = [seconds(run, SPEED, 2) for run in runs]
    # The free place takes the first, the other one the second after 30 s, and so on.
    assert waits == pytest.approx([0, 30, 50, 80])


def test_no_time_is_given_that_is_not_known(store):
    training = queue.claim(store, store.create_run(SPEC).id)
    run = store.create_run(SPEC)
    assert seconds(run, None, 1) is None
    assert seconds(run, SPEED, 1) == pytest.approx(50)  # it has not reported yet
    slower = SPEC.training.model_copy(update={"augmentation": Augmentation(rotation=10)})
    unknown = store.create_run(SPEC.model_copy(update={"training": slower}))
    assert seconds(unknown, SPEED, 1) == pytest.approx(100)
    after = store.create_run(SPEC)
    assert seconds(after, SPEED, 1) is None
    augments = replace(SPEED, augments=True)
    assert seconds(after, augments, 1) == pytest.approx(150)
    store.update(training.id, request="stop", eta_s=2.0)
    assert seconds(run, SPEED, 1) == pytest.approx(2)


def test_a_hosted_server_ends_what_takes_too_long(store, hosted):
    hosted(max_seconds=15)
    queue.claim(store, store.create_run(SPEC).id)
    half = store.create_run(SPEC)
    store.update(half.id, seconds=10.0)
    last = store.create_run(SPEC)
    assert seconds(half, SPEED, 1) == pytest.approx(15)
    assert seconds(last, SPEED, 1) == pytest.approx(20)
