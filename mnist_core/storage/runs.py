"""Runs, their curves and artifacts: the only state that processes share.

Every `Store` is bound to one workspace, a token, and changes and deletes nothing else; it reads
nothing else but the examples that ship with the app.
"""

from collections.abc import Callable
from dataclasses import asdict, fields
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import numpy as np
import sqlalchemy as sa

from mnist_core.evaluation.history import Epoch, Progress
from mnist_core.evaluation.run import Request, Run
from mnist_core.network.spec import Spec
from mnist_core.storage import quota
from mnist_core.storage.database import StoreError, database, default_url
from mnist_core.storage.schema import ARTIFACTS, BATCHES, EPOCHS, GROUPS, RUNS
from mnist_core.storage.workspaces import EXAMPLES, LOCAL


class Store:
    """All that one workspace may read and write.

    Raises StoreError where the database cannot be used. A run or group of another workspace is as
    good as absent: StoreError from what needs one, empty from what lists its curves or artifacts.
    """

    def __init__(
        self, workspace: str = LOCAL, url: str | None = None, visitor: str | None = None
    ) -> None:
        """visitor: the own workspace of who is here, where this is that of a class."""
        self.workspace, self.visitor = workspace, visitor or workspace
        self.database = database(url or default_url())

    def create_run(
        self,
        spec: Spec,
        name: str = "",
        group_id: int | None = None,
        queued: bool = True,
        **columns: Any,
    ) -> Run:
        """A new run. queued: for an engine to take; columns: others, such as its trial.

        Raises SpecError over the limits of a network, QuotaError over what a hosted server allows.
        """
        trains = columns.get("planned", spec.training.epochs) > 0
        summary = quota.check_spec(spec, trains)
        now = datetime.now(UTC)
        row = {
            "workspace": self.workspace,
            "made_by": self.visitor,
            "group_id": group_id,
            "name": name,
            "spec": spec.to_json(),
            "planned": spec.training.epochs,
            "parameters": summary.parameters,
            "created_at": now,
            "queued_at": now,
            "state": "queued" if queued else "stopped",
            **columns,
        }
        with self.database.write() as connection:
            self._allow(connection, columns | {"group_id": group_id})
            counts = queued and row.get("trial") is None  # a study counts as one, however long
            quota.admit(connection, self.workspace, row["planned"], counts)
            insert = sa.insert(RUNS).values(row).returning(RUNS.c.id)
            run_id = connection.execute(insert).scalar_one()
        return self.run(run_id)

    def run(self, run_id: int) -> Run:
        """One run of this workspace, or an example."""
        query = sa.select(*_COLUMNS).where(*self._readable(run_id))
        with self.database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise _unknown(run_id)
        return _run(row)

    def runs(self, group_id: int | None = None) -> list[Run]:
        """All runs, or those of a group; the newest first."""
        where = [RUNS.c.workspace == self.workspace, _KEPT]
        return self._select(*where, *([] if group_id is None else [RUNS.c.group_id == group_id]))

    def moving(self) -> list[Run]:
        """The runs that wait or train, the newest first."""
        moves = RUNS.c.state.in_(("queued", "running"))
        return self._select(RUNS.c.workspace == self.workspace, _KEPT, moves)

    def examples(self) -> list[Run]:
        """The runs that ship with the app, the newest first; nobody changes them."""
        return self._select(RUNS.c.workspace == EXAMPLES)

    def update(self, run_id: int, **columns: Any) -> None:
        """Change columns of a run: its name, its state with the reason, what is asked of it."""
        with self.database.write() as connection:
            self._update(connection, run_id, **columns)

    def change(
        self,
        run_id: int,
        expected: dict[str, Any],
        allow: Callable[[sa.Connection], None] = lambda _: None,
        **columns: Any,
    ) -> bool:
        """Change columns only while others hold what is expected, one value or a list of them.

        allow: raises where it must not be, inside the transaction. Returns whether they did. Two
        who try the same at once cannot both succeed.
        """
        found = [
            RUNS.c[name].in_(value) if isinstance(value, list) else RUNS.c[name] == value
            for name, value in expected.items()
        ]
        update = sa.update(RUNS).where(*self._mine(run_id), *found).values(columns)
        with self.database.write() as connection:
            self._allow(connection, columns)
            allow(connection)
            return bool(connection.execute(update).rowcount)

    def delete_run(self, run_id: int) -> None:
        """Remove a run with its curves and artifacts."""
        with self.database.write() as connection:
            if not connection.execute(sa.delete(RUNS).where(*self._mine(run_id))).rowcount:
                raise _unknown(run_id)

    def record_progress(self, run_id: int, reports: list[Progress]) -> Request | None:
        """Add the batches of some reports and the place they reached; returns what is asked for."""
        last = reports[-1]
        row = {
            "run_id": run_id,
            "first_step": reports[0].first_step,
            "loss": _bytes([report.batch_loss for report in reports]),
            "accuracy": _bytes([report.batch_accuracy for report in reports]),
        }
        with self.database.write() as connection:
            self._update(
                connection,
                run_id,
                step=last.step,
                steps=last.steps,
                images_per_s=last.images_per_s,
                eta_s=last.eta_s,
                heartbeat_at=datetime.now(UTC),
            )
            connection.execute(sa.insert(BATCHES).values(row))
            return connection.scalar(sa.select(RUNS.c.request).where(*self._mine(run_id)))

    def record_epoch(self, run_id: int, epoch: Epoch, checkpoint: bytes) -> float | None:
        """Add an epoch and its checkpoint together; returns the learning rate that is asked for."""
        with self.database.write() as connection:
            self._update(connection, run_id, epochs=epoch.epoch, step=0, lost=0)
            connection.execute(sa.insert(EPOCHS).values(run_id=run_id, **asdict(epoch)))
            _put(connection, run_id, "checkpoint", checkpoint)
            return connection.scalar(sa.select(RUNS.c.learning_rate).where(*self._mine(run_id)))

    def forget_after(self, run_id: int, epoch: int, step: int) -> None:
        """Drop what was recorded past a checkpoint: epochs after `epoch`, batches from `step` on.

        step: counted from 0 over all epochs. A run killed between two checkpoints needs it.
        """
        with self.database.write() as connection:
            self._update(connection, run_id, epochs=epoch)
            late_epochs = (EPOCHS.c.run_id == run_id) & (EPOCHS.c.epoch > epoch)
            late_batches = (BATCHES.c.run_id == run_id) & (BATCHES.c.first_step >= step)
            connection.execute(sa.delete(EPOCHS).where(late_epochs))
            connection.execute(sa.delete(BATCHES).where(late_batches))

    def epochs(self, run_id: int) -> list[Epoch]:
        """The finished epochs of a run, in their order."""
        columns = [EPOCHS.c[field.name] for field in fields(Epoch)]
        query = self._of_run(run_id, EPOCHS, columns).order_by(EPOCHS.c.epoch)
        with self.database.read() as connection:
            return [Epoch(*row) for row in connection.execute(query)]

    def batches(self, run_id: int, from_step: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """Return loss and accuracy of every batch over all epochs: two float32 arrays (steps,).

        from_step: the first batch to return, counted from 0: the first one of an epoch.
        """
        columns = [BATCHES.c.loss, BATCHES.c.accuracy]
        query = self._of_run(run_id, BATCHES, columns).order_by(BATCHES.c.first_step)
        with self.database.read() as connection:
            rows = connection.execute(query.where(BATCHES.c.first_step >= from_step)).all()
        loss, accuracy = (b"".join(row[column] for row in rows) for column in (0, 1))
        return np.frombuffer(loss, np.float32), np.frombuffer(accuracy, np.float32)

    def keep_weights(self, run_id: int, checkpoint: bytes, weights: bytes, seconds: float) -> None:
        """Where training was left; figures of earlier weights go. seconds: in training, in all."""
        with self.database.write() as connection:
            self._update(connection, run_id, seconds=seconds, **_UNKNOWN)
            stale = (ARTIFACTS.c.run_id == run_id) & (ARTIFACTS.c.name == "predictions")
            connection.execute(sa.delete(ARTIFACTS).where(stale))
            _put(connection, run_id, "checkpoint", checkpoint)
            _put(connection, run_id, "weights", weights)

    def put(self, run_id: int, name: str, data: bytes, **columns: Any) -> None:
        """Keep bytes with a run, in place of what it had under that name; change columns along."""
        with self.database.write() as connection:
            self._update(connection, run_id, id=run_id, **columns)
            _put(connection, run_id, name, data)

    def get(self, run_id: int, name: str) -> bytes | None:
        """The bytes kept under a name, or None."""
        query = self._of_run(run_id, ARTIFACTS, [ARTIFACTS.c.data])
        with self.database.read() as connection:
            return connection.scalar(query.where(ARTIFACTS.c.name == name))

    def _select(self, *where: sa.ColumnElement[bool]) -> list[Run]:
        query = sa.select(*_COLUMNS).where(*where).order_by(RUNS.c.id.desc())
        with self.database.read() as connection:
            return [_run(row) for row in connection.execute(query)]

    def _mine(self, run_id: int) -> tuple[sa.ColumnElement[bool], ...]:
        return RUNS.c.id == run_id, RUNS.c.workspace == self.workspace

    def _readable(self, run_id: int) -> tuple[sa.ColumnElement[bool], ...]:
        return RUNS.c.id == run_id, RUNS.c.workspace.in_((self.workspace, EXAMPLES)), _KEPT

    def _of_run(self, run_id: int, table: sa.Table, columns: list[sa.Column]) -> sa.Select:
        joined = table.join(RUNS, RUNS.c.id == table.c.run_id)
        return sa.select(*columns).select_from(joined).where(*self._readable(run_id))

    def _update(self, connection: sa.Connection, run_id: int, **columns: Any) -> None:
        self._allow(connection, columns)
        update = sa.update(RUNS).where(*self._mine(run_id)).values(columns)
        if not connection.execute(update).rowcount:
            raise _unknown(run_id)

    def _allow(self, connection: sa.Connection, columns: dict[str, Any]) -> None:
        """A run stays in its workspace, and joins no group of another one."""
        if "workspace" in columns:
            raise StoreError("a run stays in its workspace: make another run in the other one")
        group_id = columns.get("group_id")
        mine = (GROUPS.c.id == group_id) & (GROUPS.c.workspace == self.workspace)
        if group_id is not None and connection.scalar(sa.select(GROUPS.c.id).where(mine)) is None:
            raise StoreError(f"there is no group {group_id} here: make one first")


_COLUMNS = [RUNS.c[field.name] for field in fields(Run)]
_UNKNOWN = dict.fromkeys(("test_accuracy", "test_loss", "test_ece"))
_KEPT = RUNS.c.deleted_at.is_(None)  # a deleted run may still come back, but nobody sees it


_spec = lru_cache(maxsize=2000)(Spec.from_json)  # nobody may change one, and pages list many


def _run(row: sa.Row) -> Run:
    values: dict[str, Any] = dict(row._mapping)
    values["spec"] = _spec(values["spec"])
    return Run(**values)


def _unknown(run_id: int) -> StoreError:
    return StoreError(f"there is no run {run_id} here: look at the list of runs for its number")


def _bytes(parts: list[np.ndarray]) -> bytes:
    return np.concatenate(parts).astype(np.float32).tobytes()


def _put(connection: sa.Connection, run_id: int, name: str, data: bytes) -> None:
    here = (ARTIFACTS.c.run_id == run_id) & (ARTIFACTS.c.name == name)
    connection.execute(sa.delete(ARTIFACTS).where(here))
    connection.execute(sa.insert(ARTIFACTS).values(run_id=run_id, name=name, data=data))
