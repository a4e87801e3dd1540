"""The trained runs that ship with the app; `python -m mnist_core.engine.examples` trains them.

Each is one file of arrays, read into the database when a server starts. It contains no code.
"""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from mnist_core.dataset import mnist
from mnist_core.evaluation.report import Report
from mnist_core.network import presets
from mnist_core.storage import artifacts
from mnist_core.storage.database import database, default_url
from mnist_core.storage.runs import Store
from mnist_core.storage.schema import ARTIFACTS, BATCHES, EPOCHS, RUNS, next_number
from mnist_core.storage.workspaces import EXAMPLES
from mnist_core.utils.npz import fingerprint, pack, unpack

FOLDER = Path(__file__).parent / "data"
NAMES = ("fast", "note-5")  # the last one is shown first
_COLUMNS = ("spec", "planned", "epochs", "steps", "parameters", "seconds", "test_accuracy",
            "test_loss", "name")  # fmt: skip


def install() -> None:
    """Put the examples into the database, in place of older versions of them."""
    for name in NAMES:
        arrays = unpack((FOLDER / f"example-{name}.npz").read_bytes())
        run, epochs = (json.loads(arrays.pop(part).tobytes()) for part in ("run", "epochs"))
        run["created_at"] = datetime.fromisoformat(run["created_at"])
        same = (RUNS.c.workspace == EXAMPLES) & (RUNS.c.name == name)
        with database(default_url()).write() as connection:
            whole = same & RUNS.c.test_ece.is_not(None)
            made_at = connection.scalar(sa.select(RUNS.c.created_at).where(whole))
            if made_at != run["created_at"]:
                number = connection.scalar(sa.select(RUNS.c.number).where(same))
                connection.execute(sa.delete(RUNS).where(same))
                run["number"] = number or next_number(connection, EXAMPLES)
                _insert(connection, run, epochs, arrays)


def _insert(
    connection: sa.Connection, run: dict, epochs: list[dict], arrays: dict[str, np.ndarray]
) -> None:
    probabilities = unpack(arrays["predictions"].tobytes())["probabilities"]
    ece = Report(probabilities, mnist.load().y_test).ece
    values = run | {"workspace": EXAMPLES, "state": "finished", "test_ece": ece}
    values["weights_hash"] = fingerprint(unpack(arrays["weights"].tobytes()))
    insert = sa.insert(RUNS).values(values).returning(RUNS.c.id)
    run_id = {"run_id": connection.execute(insert).scalar_one()}
    connection.execute(sa.insert(EPOCHS), [epoch | run_id for epoch in epochs])
    batches = {metric: arrays.pop(metric).tobytes() for metric in ("loss", "accuracy")}
    connection.execute(sa.insert(BATCHES).values(first_step=0, **batches, **run_id))
    kept = [run_id | {"name": name, "data": data.tobytes()} for name, data in arrays.items()]
    connection.execute(sa.insert(ARTIFACTS), kept)


def make(name: str) -> None:
    """Train a preset in full and write its file. Takes up to a minute. Imports TensorFlow."""
    from mnist_core.execution.runner import execute

    spec, store = presets.find(name), Store("making-examples")
    created = store.create_run(spec, name, queued=False)
    run = execute(store, created.id)
    row = {column: getattr(run, column) for column in _COLUMNS}
    row |= {"spec": spec.to_json(), "created_at": run.created_at.isoformat()}
    loss, accuracy = store.batches(run.id)
    arrays = {
        "run": _bytes(json.dumps(row).encode()),
        "epochs": _bytes(json.dumps([asdict(epoch) for epoch in store.epochs(run.id)]).encode()),
        "loss": loss,
        "accuracy": accuracy,
    }
    epochs = [artifacts.snapshot_name(number) for number in range(run.epochs + 1)]
    for kept in ("weights", "predictions", *epochs):
        arrays[kept] = _bytes(store.get(run.id, kept) or b"")
    data = pack(arrays)
    (FOLDER / f"example-{name}.npz").write_bytes(data)
    store.delete_run(run.id)
    print(f"{name}: {run.test_accuracy:.4f} on the test set, {len(data):,} bytes")


def _bytes(data: bytes) -> np.ndarray:
    return np.frombuffer(data, np.uint8)


if __name__ == "__main__":
    from mnist_core.utils.tensorflow import start_tensorflow

    start_tensorflow()
    for preset in NAMES:
        make(preset)
