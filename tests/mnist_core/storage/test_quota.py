"""What a hosted server allows, and whose turn it is: limits, room, a queue that is fair."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count
from threading import Barrier

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnist_core.evaluation.history import Checkpoint, Progress, State
from mnist_core.execution import queue
from mnist_core.experiments import definitions, studies
from mnist_core.experiments.definitions import Depths, Folds, Repeat
from mnist_core.experiments.search_space import Space, Study
from mnist_core.importing import recording
from mnist_core.importing.sandbox import ImportedModel
from mnist_core.network import presets
from mnist_core.network.notation import parse
from mnist_core.network.presets import NOTE_4, PRESETS
from mnist_core.network.spec import Spec, Training
from mnist_core.network.summary import DEFAULT_LIMITS, Limits
from mnist_core.network.value import SpecError
from mnist_core.storage import artifacts, groups, quota
from mnist_core.storage.database import Database, default_url
from mnist_core.storage.quota import QuotaError
from mnist_core.storage.runs import Store
from mnist_core.storage.schema import ARTIFACTS, GROUPS, RUNS, next_number
from mnist_core.storage.workspaces import EXAMPLES
from mnist_core.utils.npz import pack
from mnist_core.utils.server_settings import ServerSettings, server_settings

SPEC = Spec(network=parse("F"), training=Training(epochs=2))
STUDY = Study(base=SPEC, space=Space(batch_size=(32, 64)), trials=2, trial_epochs=2)


def long(epochs: int) -> Spec:
    return SPEC.model_copy(update={"training": Training(epochs=epochs)})


def resting(store: Store, number: int = 1, **columns) -> list[int]:
    """New runs that neither wait nor train."""
    return [store.create_run(SPEC, queued=False, **columns).id for _ in range(number)]


def ids(store: Store) -> list[int]:
    return [run.id for run in store.runs()][::-1]


def counted() -> tuple[int, int]:
    """All runs and groups of the database."""
    with Store().database.read() as connection:
        tables = (RUNS, GROUPS)
        runs, made = (connection.scalar(sa.select(sa.func.count()).select_from(t)) for t in tables)
    return runs or 0, made or 0


def with_artifact(store: Store, size: int, **columns) -> int:
    (run_id,) = resting(store, **columns)
    store.put(run_id, "weights", bytes(size))
    return run_id


def test_alone_on_a_laptop_nothing_is_limited(monkeypatch):
    for name in ServerSettings.model_fields:
        if name.startswith("max_"):
            monkeypatch.setenv(f"MNIST_{name.upper()}", "1")
    server_settings.cache_clear()
    try:
        assert server_settings().max_runs == 1
        store = Store()
        definitions.start(store, Repeat(spec=long(50), seeds=3))
        studies.start(store, STUDY)
        run = store.create_run(long(500), queued=False)
        store.put(run.id, "weights", bytes(2_000_000))
        store.update(run.id, seconds=1e6)
        queue.enqueue(store, run.id)
        assert store.run(run.id).state == "queued"
        assert quota.runs_to_displace(store.database, store.workspace, 99) == []
        assert quota.make_room(store.database) == 0
        assert len(store.runs()) == 4
        assert quota.network_limits() == DEFAULT_LIMITS
    finally:
        server_settings.cache_clear()


def test_a_run_with_too_many_epochs_is_refused(hosted):
    hosted(max_epochs=5)
    store = Store()
    store.create_run(long(5))
    words = "a run may have at most 5 epochs; this one would have 6: plan fewer"
    for call in (
        lambda: store.create_run(long(6)),
        lambda: store.create_run(SPEC, planned=6),
        lambda: definitions.start(store, Repeat(spec=long(6), seeds=2)),
        lambda: studies.start(store, STUDY.model_copy(update={"trial_epochs": 6})),
    ):
        with pytest.raises(QuotaError, match=words):
            call()
    assert counted() == (1, 0)


def test_more_epochs_than_allowed_are_not_planned_later_either(hosted):
    hosted(max_epochs=5, max_seconds=100, max_queued=1)
    store = Store()
    run = store.create_run(SPEC, queued=False)
    left = Checkpoint(State(2, 0.1, 2), {}).to_bytes()
    store.put(run.id, "checkpoint", left)
    for seconds, epochs, words in (
        (0, 4, "at most 5 epochs; this one would have 6"),
        (100, 1, "may train for at most 100 s; this one has trained for 100 s"),
    ):
        store.update(run.id, seconds=seconds)
        with pytest.raises(QuotaError, match=words):
            artifacts.plan_more_epochs(store, run.id, epochs)
    store.update(run.id, seconds=0)
    other = store.create_run(SPEC)
    with pytest.raises(QuotaError, match="at most 1 run of a workspace may wait"):
        artifacts.plan_more_epochs(store, run.id, 1)
    assert (store.run(run.id).planned, store.get(run.id, "checkpoint")) == (2, left)
    queue.send_request(store, other.id, "stop")
    artifacts.plan_more_epochs(store, run.id, 3)
    assert store.run(run.id).planned == 5


@pytest.mark.both_databases
def test_so_many_runs_of_a_workspace_may_wait_and_no_more(hosted):
    hosted(max_queued=3)
    store, other = Store("mine"), Store("theirs")
    waiting = [store.create_run(SPEC).id for _ in range(2)]
    with pytest.raises(QuotaError, match=r"2 already wait, and these 2 would be too many: wait"):
        definitions.start(store, Repeat(spec=SPEC, seeds=2))
    assert counted() == (2, 0)
    waiting.append(store.create_run(SPEC).id)
    (rested,) = resting(store)  # does not wait
    before = counted()
    for call in (
        lambda: store.create_run(SPEC),
        lambda: queue.enqueue(store, rested),
        lambda: studies.start(store, STUDY),
        lambda: definitions.start(store, Repeat(spec=SPEC, seeds=2)),
    ):
        with pytest.raises(QuotaError, match="at most 3 runs of a workspace may wait"):
            call()
    assert counted() == before
    assert store.run(rested).state == "stopped"
    other.create_run(SPEC)  # theirs is another queue
    queue.claim(store, waiting[0])  # what trains waits no more
    queue.enqueue(store, rested)
    assert store.run(rested).state == "queued"


def test_a_study_waits_as_one_however_many_trials_it_has(hosted):
    hosted(max_queued=1, max_runs=4)
    store = Store()
    with pytest.raises(QuotaError, match="keeps at most 4 runs; this study would make 5"):
        studies.start(store, STUDY.model_copy(update={"trials": 5}))
    group = studies.start(store, STUDY)
    for number in range(2):
        store.create_run(SPEC, group_id=group.id, trial=number)
    assert quota.usage(store.database, store.workspace) == quota.Usage(waiting=1, runs=2)
    words = (
        "at most 1 run of a workspace may wait, .* 1 already waits, and this one would be too many"
    )
    with pytest.raises(QuotaError, match=words):
        store.create_run(SPEC)
    studies.stop(store, group.id)
    run = store.create_run(SPEC)
    with pytest.raises(QuotaError, match="at most 1 run of a workspace may wait"):
        studies.resume(store, group.id)
    assert groups.find(store, group.id).state == "stopped"
    queue.send_request(store, run.id, "stop")
    studies.resume(store, group.id)
    assert quota.usage(store.database, store.workspace).waiting == 1


@pytest.mark.both_databases
def test_the_oldest_run_that_nobody_pinned_makes_room(hosted):
    hosted(max_runs=4)
    store, other = Store("mine"), Store("theirs")
    (theirs,) = resting(other)
    pinned, first, second = *resting(store, pinned=True), *resting(store, 2)
    waiting = store.create_run(SPEC).id
    assert quota.runs_to_displace(store.database, "mine", 1) == [first]
    assert quota.runs_to_displace(store.database, "mine", 2) == [first, second]
    third = store.create_run(SPEC).id
    assert ids(store) == [pinned, second, waiting, third]
    (fourth,) = resting(store)
    assert ids(store) == [pinned, waiting, third, fourth]
    assert ids(other) == [theirs]


@pytest.mark.both_databases
def test_where_nothing_may_go_a_new_run_is_refused(hosted):
    hosted(max_runs=5)
    store = Store()
    resting(store, pinned=True)
    store.create_run(SPEC)
    queue.claim(store, store.create_run(SPEC).id)
    group = studies.start(store, STUDY)
    resting(store, group_id=group.id, trial=0)  # its study goes on
    (free,) = resting(store)
    before = counted()
    words = "keeps at most 5 runs; there is no room for 2 more, .* unpin or delete some"
    with pytest.raises(QuotaError, match=words):
        definitions.start(store, Repeat(spec=SPEC, seeds=2))
    assert counted() == before
    store.update(free, pinned=True)
    for call in (
        lambda: store.create_run(SPEC),
        lambda: store.create_run(SPEC, queued=False),
        lambda: quota.runs_to_displace(store.database, store.workspace, 1),
    ):
        with pytest.raises(QuotaError, match="there is no room for 1 more"):
            call()
    assert counted() == before
    studies.stop(store, group.id)
    store.create_run(SPEC)  # the trial goes
    assert counted() == before


def test_a_run_that_went_took_all_of_it_along(hosted):
    hosted(max_runs=1)
    store = Store()
    run_id = with_artifact(store, 10)
    resting(store)
    with store.database.read() as connection:
        assert connection.execute(sa.select(ARTIFACTS)).all() == []
    assert run_id not in ids(store)


def test_a_workspace_has_no_more_groups_than_runs(hosted):
    hosted(max_runs=2)
    store = Store()
    first = groups.create(store, "repeat", "")
    groups.create(store, "study", "")
    groups.create(Store("other"), "repeat", "")
    with pytest.raises(QuotaError, match="keeps at most 2 experiments; this one has 2: delete"):
        groups.create(store, "folds", "")
    groups.delete(store, first.id)
    groups.create(store, "folds", "")


def test_a_run_that_had_its_time_waits_no_more(hosted):
    hosted(max_seconds=60)
    store = Store()
    (run_id,) = resting(store)
    store.update(run_id, seconds=59.9)
    queue.enqueue(store, run_id)
    queue.send_request(store, run_id, "stop")
    store.update(run_id, seconds=61.4)
    words = "may train for at most 60 s; this one has trained for 61 s: its weights are kept"
    with pytest.raises(QuotaError, match=words):
        queue.enqueue(store, run_id)
    assert store.run(run_id).state == "stopped"


def test_a_network_that_was_trained_elsewhere_comes_in_however_long_it_learned(hosted):
    hosted(max_epochs=5, max_queued=1, max_runs=2)
    store = Store()
    store.create_run(SPEC)
    weights = {"output/kernel": np.zeros((784, 10), np.float32)}
    run = recording.record(store, ImportedModel(long(100), weights, ""), "mine.keras")
    assert (run.state, run.planned) == ("finished", 0)
    recording.record(store, ImportedModel(long(100), weights, ""), "second.keras")
    assert len(store.runs()) == 2  # the one that waits, and the second
    assert run.id not in ids(store)


@pytest.mark.both_databases
def test_room_is_made_over_all_workspaces_and_never_of_what_is_needed(hosted):
    hosted(max_database_mb=1)
    mine, theirs, examples = Store("mine"), Store("theirs"), Store(EXAMPLES)
    size = 100_000
    example = with_artifact(examples, size)
    pinned = with_artifact(mine, size, pinned=True)
    oldest, second = with_artifact(mine, size), with_artifact(theirs, size)
    third = with_artifact(mine, size)
    waiting = theirs.create_run(SPEC).id
    theirs.put(waiting, "checkpoint", bytes(size))
    training = queue.claim(mine, mine.create_run(SPEC).id).id
    mine.put(training, "checkpoint", bytes(size))
    group = studies.start(mine, STUDY)
    trial = with_artifact(mine, size, group_id=group.id, trial=0)
    everything = {example, pinned, oldest, second, third, waiting, training, trial}
    gone = []
    for least in (0.9, 0.85, 0.75, 0.65, 0.55, 0.45, 0.35, 0.01):
        hosted(max_database_mb=least)
        quota.make_room(mine.database)
        gone += sorted(everything - {*gone} - _all_ids())
    assert gone == [oldest, second, third, pinned]
    assert _all_ids() == {example, waiting, training, trial}


@pytest.mark.both_databases
def test_no_more_goes_than_must(hosted):
    hosted(max_database_mb=0.5)
    store = Store()
    made = [with_artifact(store, 100_000) for _ in range(8)]
    with store.database.read() as connection:
        assert quota.kept_bytes(connection) == 800_000
    assert quota.make_room(store.database) == 3
    assert ids(store) == made[3:]
    assert quota.make_room(store.database) == 0


def _all_ids() -> set[int]:
    with Store().database.read() as connection:
        return set(connection.scalars(sa.select(RUNS.c.id)))


def at_once(calls: int, call) -> int:
    """How many of so many calls at the same moment were let in, each with its own connections."""
    barrier, url = Barrier(calls), default_url()
    made = [Database(url) for _ in range(calls)]

    def attempt(mine: Database) -> bool:
        store = Store("crowd")
        store.database = mine
        barrier.wait()
        try:
            call(store)
        except QuotaError:
            return False
        return True

    with ThreadPoolExecutor(calls) as threads:
        return sum(threads.map(attempt, made))


@pytest.mark.both_databases
def test_many_who_create_at_once_do_not_pass_a_limit(hosted):
    hosted(max_queued=3, max_runs=8)
    store = Store("crowd")
    assert at_once(8, lambda mine: mine.create_run(SPEC)) == 3
    assert len(store.runs()) == 3
    assert at_once(8, lambda mine: mine.create_run(SPEC, queued=False, pinned=True)) == 5
    assert len(store.runs()) == 8


@pytest.mark.both_databases
def test_many_who_begin_an_experiment_at_once_leave_no_half_of_one(hosted):
    hosted(max_queued=5, max_runs=20)
    started = at_once(4, lambda mine: definitions.start(mine, Repeat(spec=SPEC, seeds=3)))
    assert started <= 1  # two may have stood in each other's way
    assert counted() == (3 * started, started)


@pytest.mark.both_databases
def test_many_who_make_groups_at_once_do_not_pass_the_limit(hosted):
    hosted(max_runs=3)
    assert at_once(8, lambda mine: groups.create(mine, "repeat", "")) == 3


def test_many_who_resume_or_begin_a_study_at_once_do_not_pass_the_limit(hosted):
    hosted(max_queued=3, max_runs=20)
    rested = iter(resting(Store("crowd"), 8))
    assert at_once(8, lambda mine: queue.enqueue(mine, next(rested))) == 3
    assert len(Store("crowd").active_runs()) == 3
    hosted(max_queued=5)
    assert at_once(8, lambda mine: studies.start(mine, STUDY)) == 2


def test_room_is_made_bit_by_bit_so_that_others_can_write_meanwhile(hosted, monkeypatch):
    monkeypatch.setattr(quota, "AT_ONCE", 2)
    hosted(max_database_mb=0.1)
    store = Store()
    made = [with_artifact(store, 100_000) for _ in range(6)]
    writes = []
    write = store.database.write
    monkeypatch.setattr(store.database, "write", lambda: writes.append(1) or write())
    assert quota.make_room(store.database) == 5
    assert (ids(store), len(writes)) == (made[5:], 3)
    assert quota.make_room(store.database) == 0
    assert len(writes) == 3  # to see that there is room keeps nobody waiting


def test_the_defaults_let_every_preset_and_the_usual_experiments_in(hosted):
    hosted()
    store, usual = Store(), ServerSettings()
    for preset in [*PRESETS.values(), *NOTE_4.presets]:
        quota.check_network(preset.spec.network)
        quota.check_epochs(preset.spec.training.epochs)
    assert len(Depths().specs()) <= usual.max_queued
    spec = presets.find("note-5")
    for number, experiment in enumerate((Depths(), Folds(spec=spec), Repeat(spec=spec))):
        mine = Store(f"w{number}")
        group = definitions.start(mine, experiment)
        assert len(mine.runs(group.id)) == len(experiment.specs())
    studies.start(store, Study(base=spec, space=Space(batch_size=(32, 64))))
    assert quota.network_limits() == Limits(usual.max_parameters, usual.max_multiply_adds)


def test_a_network_over_the_servers_limits_is_refused(hosted):
    network = presets.find("note-1").network
    made = quota.check_network(network)
    hosted(max_parameters=made.parameters - 1)
    with pytest.raises(SpecError, match=f"{made.parameters:,}"):
        quota.check_network(network)
    hosted(max_parameters=made.parameters, max_multiply_adds=made.multiply_adds - 1)
    with pytest.raises(SpecError, match=f"{made.multiply_adds:,}"):
        quota.check_network(network)
    hosted(max_multiply_adds=made.multiply_adds)
    assert quota.check_network(network) == made


@pytest.mark.parametrize(
    ("batch_size", "trains", "images"), [(128, True, 128), (32, True, 32), (8, True, 32),
                                         (128, False, 32)],
)  # fmt: skip
def test_what_all_layers_put_out_for_a_batch_must_fit(hosted, batch_size, trains, images):
    """C8, M, F and the output of 10, 4 bytes per value; fewer than 32 images count as many."""
    spec = Spec(network=parse("C8 M F"), training=Training(batch_size=batch_size))
    megabytes = images * 4 * (26 * 26 * 8 + 2 * 13 * 13 * 8 + 10) / 1e6
    hosted(max_activation_mb=1.001 * megabytes)
    assert quota.check_spec(spec, trains) == quota.check_network(spec.network)
    hosted(max_activation_mb=0.999 * megabytes)
    few = r" \(smaller batches count the same\)" if images == 32 else ""
    with pytest.raises(QuotaError, match=f"with {images} images{few} these would take"):
        quota.check_spec(spec, trains)


# Whose turn it is.

names = st.integers(0, 2)
events = st.lists(
    st.one_of(names, names, names, st.just("serve"), st.just("finish")), min_size=6, max_size=20
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events, st.integers(1, 3))
def test_nobody_is_passed_over_twice_in_favour_of_the_same_one(happening, workers):
    """Runs come and are served in any order; whoever waits lets each other one by once at most."""
    database = Store().database
    with database.write() as connection:
        connection.execute(sa.delete(RUNS))
    waiting: dict[str, list[int]] = {}  # by workspace, in the order they came
    passed: dict[tuple[str, str], int] = {}  # (who waits, who was served before)
    training: list[tuple[str, int]] = []
    for event in [*happening, *["serve", "finish"] * 30]:
        if isinstance(event, int):
            name = f"w{event}"
            waiting.setdefault(name, []).append(_queued(name))
        elif event == "finish" and training:
            name, run_id = training.pop(0)
            Store(name).update(run_id, state="finished")
        elif event == "serve" and len(training) < workers and any(waiting.values()):
            order = queue.waiting()
            assert sorted(order) == sorted((n, i) for n, own in waiting.items() for i in own)
            name, run_id = order[0]
            assert run_id == waiting[name].pop(0)  # in a workspace, whoever came first
            assert queue.position(Store(name).run(run_id), None, 1).place == 1
            assert queue.position(Store(order[-1][0]).run(order[-1][1]), None, 1).place == len(
                order
            )
            queue.claim(Store(name), run_id, only_queued=True)
            training.append((name, run_id))
            passed = {pair: times for pair, times in passed.items() if pair[0] != name}
            for other, own in waiting.items():
                if own and other != name:
                    passed[other, name] = passed.get((other, name), 0) + 1
                    assert passed[other, name] <= 1
    assert not any(waiting.values())


_moments = count(1)


def _queued(name: str) -> int:
    now = datetime.now(UTC).replace(microsecond=next(_moments) % 1_000_000)
    columns = {"workspace": name, "name": "", "spec": SPEC.to_json(), "state": "queued"}
    columns |= {"reason": "", "lost": 0, "epochs": 0, "step": 0, "steps": 0, "seconds": 0.0}
    columns |= {"planned": 2, "parameters": 1, "created_at": now, "queued_at": now}
    with Store().database.write() as connection:
        columns["number"] = next_number(connection, name)
        return connection.execute(sa.insert(RUNS).values(columns).returning(RUNS.c.id)).scalar_one()


@pytest.mark.both_databases
def test_two_workspaces_take_turns_however_much_one_of_them_queues():
    busy, late = Store("busy"), Store("late")
    many = [busy.create_run(SPEC).id for _ in range(4)]
    queue.claim(busy, many[0])
    few = [late.create_run(SPEC).id for _ in range(2)]
    assert [run_id for _, run_id in queue.waiting()] == [few[0], many[1], few[1], *many[2:]]
    assert queue.position(busy.run(many[3]), None, 1).place == 5
    assert queue.position(busy.run(many[0]), None, 1).place == 0  # it trains


def test_packed_weights_count_as_they_are():
    """What is counted is what is stored, so that the limit is one of the disk."""
    store = Store()
    (run_id,) = resting(store)
    data = pack({"a": np.zeros(10, np.float32)})
    store.put(run_id, "weights", data)
    with store.database.read() as connection:
        assert quota.kept_bytes(connection) == len(data)


def test_curves_of_batches_count_with_loss_and_accuracy():
    store = Store()
    (run_id,) = resting(store)
    for first in (0, 5):
        five = np.ones(5, np.float32)
        report = Progress(1, 2, first + 5, 10, 0.5, 0.5, None, None, first, five, five)
        store.record_progress(run_id, [report])
    with store.database.read() as connection:
        assert quota.kept_bytes(connection) == 2 * 10 * 4
