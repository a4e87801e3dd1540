"""The weights that a run starts from: copied when it is created, and never left out."""

import numpy as np
import pytest
import sqlalchemy as sa

from mnist_core.evaluation.run import Run
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Transfer
from mnist_core.network.transfer import weight_shapes
from mnist_core.network.value import SpecError
from mnist_core.storage import artifacts, deletion, quota
from mnist_core.storage.database import Database, StoreError
from mnist_core.storage.runs import Store
from mnist_core.storage.schema import ARTIFACTS, RUNS, VERSION
from mnist_core.storage.workspaces import EXAMPLES
from mnist_core.utils.npz import fingerprint, pack

NETWORK = parse("C4 M F D8")
WEIGHTS = {
    name: np.random.default_rng(0).normal(size=shape).astype(np.float32)
    for name, shape in weight_shapes(NETWORK).items()
}


@pytest.fixture
def store(url) -> Store:
    return Store(url=url)


def trained(store: Store, weights: dict[str, np.ndarray] = WEIGHTS, name: str = "") -> Run:
    run = store.create_run(Spec(network=NETWORK), name, queued=False)
    store.save_weights(run.id, b"", pack(weights), fingerprint(weights), 1.0)
    return store.run(run.id)


def from_(source: Run, notation: str = "C4 M F D8", *frozen: str) -> Spec:
    transfer = Transfer(source=source.weights_hash or "", frozen=frozen)
    return Spec(network=parse(notation), transfer=transfer)


def test_equal_arrays_have_equal_fingerprints():
    again = {name: WEIGHTS[name].copy() for name in reversed(WEIGHTS)}
    assert fingerprint(again) == fingerprint(WEIGHTS)
    bias = WEIGHTS["output/bias"]
    for other in (bias + np.float32(1e-6), bias[None], bias.astype(np.float64), -0.0 * bias):
        assert fingerprint(WEIGHTS | {"output/bias": other}) != fingerprint(WEIGHTS)
    renamed = dict(WEIGHTS)
    renamed["output/b"] = renamed.pop("output/bias")
    assert fingerprint(renamed) != fingerprint(WEIGHTS)


@pytest.mark.both_databases
def test_a_run_keeps_the_weights_that_it_starts_from(store):
    source = trained(store)
    run = store.create_run(from_(source, "C4 M F D8", "conv2d_1"))
    deletion.delete(store, [source.id])
    for each in (run, store.create_run(run.spec, "again")):  # from the copy
        start = artifacts.load_start(store, each)
        assert start is not None
        assert start.keys() == WEIGHTS.keys()
        for name, array in start.items():
            np.testing.assert_array_equal(array, WEIGHTS[name])
    assert store.source(run.spec) is None


def test_the_copy_counts_and_goes_with_its_run(store):
    source = trained(store)
    with store.database.read() as connection:
        before = quota.kept_bytes(connection)
    run = store.create_run(from_(source))
    with store.database.read() as connection:
        assert quota.kept_bytes(connection) - before == len(pack(WEIGHTS))
    store.delete_run(run.id)
    with store.database.read() as connection:
        assert quota.kept_bytes(connection) == before


def test_settings_that_came_without_their_weights_make_no_run(store):
    source = trained(store)
    spec = Spec.from_json(from_(source).to_json())
    elsewhere = Store("elsewhere", store.database.url)
    with pytest.raises(
        StoreError, match=rf"weights \({source.weights_hash}\) are not in this workspace"
    ):
        elsewhere.create_run(spec)
    assert elsewhere.runs() == []


def test_weights_that_changed_since_are_not_taken_for_the_old_ones(store):
    source = trained(store)
    spec = from_(source)
    moved = {name: array + 1 for name, array in WEIGHTS.items()}
    store.save_weights(source.id, b"", pack(moved), fingerprint(moved), 2.0)
    with pytest.raises(StoreError, match="are not in this workspace"):
        store.create_run(spec)
    store.create_run(from_(store.run(source.id)))


def test_a_network_with_nothing_in_common_makes_no_run(store):
    source = trained(store)
    with pytest.raises(SpecError, match="no layer matches the source"):
        store.create_run(from_(source, "F D3"))
    assert len(store.runs()) == 1


def test_examples_can_be_started_from_and_give_their_name(store):
    source = trained(Store(EXAMPLES, store.database.url), name="note-5")
    run = store.create_run(from_(source))
    assert artifacts.load_start(store, run) is not None
    assert store.describe(run.spec) == "C4 M F D8 \u00b7 from note-5"
    mine = trained(store)
    assert store.describe(run.spec) == f"C4 M F D8 \u00b7 from {mine.number}"


def test_a_run_that_lost_its_start_does_not_begin_at_random(store):
    run = store.create_run(from_(trained(store)))
    with store.database.write() as connection:
        connection.execute(sa.delete(ARTIFACTS).where(ARTIFACTS.c.run_id == run.id))
    with pytest.raises(StoreError, match="are gone: delete it"):
        artifacts.load_start(store, run)


@pytest.mark.both_databases
def test_runs_of_an_older_database_can_be_started_from(url):
    store = Store(url=url)
    source, bare = trained(store), store.create_run(Spec(network=NETWORK))
    with sa.create_engine(url).begin() as connection:
        connection.execute(sa.text("alter table runs drop column weights_hash"))
        connection.execute(sa.text("update schema_version set version = 7"))
    store.database = Database(url)
    assert store.run(source.id) == source
    assert store.run(bare.id).weights_hash is None
    with store.database.read() as connection:
        assert connection.scalar(sa.text("select version from schema_version")) == VERSION
        assert connection.scalars(sa.select(RUNS.c.weights_hash)).all().count(None) == 1
