"""Runs, their curves and their artifacts: the only state that processes share.

A `Store` is bound to one workspace. It changes and deletes nothing in others, and reads from
others only the examples that ship with the app.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from mnist_core.evaluation.history import Epoch, Progress
from mnist_core.evaluation.run import INACTIVE_STATES, Request, Run
from mnist_core.network.layers import Shape
from mnist_core.network.naming import NAME_LENGTH, describe
from mnist_core.network.presets import PRESETS, Preset
from mnist_core.network.spec import Spec, Transfer
from mnist_core.network.transfer import check_transfer
from mnist_core.storage import learned, leases, quota
from mnist_core.storage.database import StoreError, database, default_url
from mnist_core.storage.learned import Marks
from mnist_core.storage.schema import (
    ARTIFACTS,
    BATCHES,
    EPOCHS,
    GROUPS,
    LEARNED,
    MAKERS,
    RUNS,
    START,
    WEIGHTS,
    add_maker,
    next_number,
)
from mnist_core.storage.workspaces import EXAMPLES, LOCAL
from mnist_core.utils.npz import unpack
from mnist_core.utils.text import one_line

ColumnValue = str | float | datetime | None


class Store:
    """The runs that one workspace may read and write.

    Methods raise StoreError if the database cannot be used. A run or group of another workspace is
    treated as missing: StoreError where one is needed, empty lists of its curves or artifacts.
    """

    def __init__(
        self, workspace: str = LOCAL, url: str | None = None, visitor: str | None = None
    ) -> None:
        """visitor: the visitor's own workspace, if `workspace` is that of a class."""
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
        """Create a run. queued: whether it waits for a worker; columns: others, such as `trial`.

        The weights that it starts from are copied to it, so that their run may be deleted.
        Raises SpecError over the limits of a network, QuotaError over what a hosted server allows,
        StoreError where no run here has the weights to start from, CollectionError where the
        handwriting to learn from is not here.
        """
        planned = columns.get("planned", spec.training.epochs)
        summary = quota.check_spec(spec, trains=planned > 0)
        row = self._new_row(spec, name, queued)
        row |= {"group_id": group_id, "parameters": summary.parameters, **columns}
        with self.database.write() as connection:
            self._check_changes(connection, {**columns, "group_id": group_id})
            start, marks = self._start(connection, spec)
            marks |= self._marks(connection, spec)
            waits = queued and columns.get("trial") is None  # a study counts as one waiting run
            quota.admit(connection, self.workspace, planned, waits)
            row["number"] = next_number(connection, self.workspace)
            if self.visitor != self.workspace:
                add_maker(connection, self.workspace, self.visitor)
            insert = sa.insert(RUNS).values(row).returning(RUNS.c.id)
            run_id = connection.execute(insert).scalar_one()
            kept = {START: start, LEARNED: learned.pack_marks(marks)}
            for artifact, data in kept.items():
                if data:
                    _put(connection, run_id, artifact, data)
        return self.run(run_id)

    def _new_row(self, spec: Spec, name: str, queued: bool) -> dict[str, Any]:
        """Return the columns of a new run that follow from what a person has chosen."""
        now = datetime.now(UTC)
        return {
            "workspace": self.workspace,
            "made_by": self.visitor,
            "name": one_line(name)[:NAME_LENGTH],
            "spec": spec.to_json(),
            "planned": spec.training.epochs,
            "created_at": now,
            "queued_at": now,
            "state": "queued" if queued else "stopped",
        }

    def run(self, run_id: int) -> Run:
        """Return a run of this workspace, or an example. Raises StoreError if there is none."""
        query = sa.select(*_COLUMNS).where(*self._readable(run_id))
        with self.database.read() as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            raise _unknown()
        return _run(row)

    def numbered(self, number: int) -> Run:
        """Return the run of this workspace that has a number. Raises StoreError if none has."""
        mine = RUNS.c.workspace == self.workspace
        for run in self._select(mine, RUNS.c.number == number):
            return run
        raise StoreError(f"there is no run {number} here: look at the list of runs for its number")

    def runs(self, group_id: int | None = None) -> list[Run]:
        """Return all runs, or those of a group, the newest first."""
        mine = RUNS.c.workspace == self.workspace
        return self._select(mine, *([] if group_id is None else [RUNS.c.group_id == group_id]))

    def active_runs(self) -> list[Run]:
        """Return the runs that wait or train, the newest first."""
        moves = RUNS.c.state.not_in(INACTIVE_STATES)
        return self._select(RUNS.c.workspace == self.workspace, moves)

    def makers(self) -> dict[str, int]:
        """Return the numbers of the people who have made runs here, by `Run.made_by`.

        People have numbers in workspaces other than their own: those of classes, and those that
        somebody has lent them by a link.
        """
        query = sa.select(MAKERS.c.made_by, MAKERS.c.number)
        with self.database.read() as connection:
            rows = connection.execute(query.where(MAKERS.c.workspace == self.workspace))
            return {row.made_by: row.number for row in rows}

    def examples(self) -> list[Run]:
        """Return the runs that ship with the app, the newest first."""
        return self._select(RUNS.c.workspace == EXAMPLES)

    def update(self, run_id: int, **columns: Any) -> None:
        """Change columns of a run by name; `Run` says what they mean."""
        with self.database.write() as connection:
            self._update(connection, run_id, **columns)

    def change(
        self,
        run_id: int,
        expected: Mapping[str, ColumnValue | list[str]],
        allow: Callable[[sa.Connection], None] = lambda _: None,
        **columns: Any,
    ) -> bool:
        """Change columns if others have the expected values; return whether they had them.

        expected: by column, one value or a list of possible ones. allow: called inside the
        transaction; it raises to prevent the change. Two processes that try the same change at once
        cannot both succeed.
        """
        with self.database.write() as connection:
            self._check_changes(connection, columns)
            allow(connection)
            return leases.update_if(connection, RUNS, self._mine(run_id), expected, columns)

    def is_held(self, run: Run) -> bool:
        """Return whether this process still trains a run, and no other process has it."""
        held = RUNS.c.state == "running", RUNS.c.worker == leases.this_process()
        same = *self._mine(run.id), RUNS.c.created_at == run.created_at
        with self.database.read() as connection:
            return connection.scalar(sa.select(RUNS.c.id).where(*same, *held)) is not None

    def delete_run(self, run_id: int) -> None:
        """Delete a run with its curves and artifacts, for good."""
        with self.database.write() as connection:
            if not connection.execute(sa.delete(RUNS).where(*self._mine(run_id))).rowcount:
                raise _unknown()

    def record_progress(self, run_id: int, reports: list[Progress]) -> Request | None:
        """Store the batches of reports and the position reached; return the user's request.

        Records of an earlier attempt whose answer was lost are replaced.
        """
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
            again = BATCHES.c.run_id == run_id, BATCHES.c.first_step >= row["first_step"]
            connection.execute(sa.delete(BATCHES).where(*again))
            connection.execute(sa.insert(BATCHES).values(row))
            return connection.scalar(sa.select(RUNS.c.request).where(*self._mine(run_id)))

    def record_epoch(self, run_id: int, epoch: Epoch, checkpoint: bytes) -> float | None:
        """Store an epoch with its checkpoint; return the learning rate that the user requests.

        Records of an earlier attempt whose answer was lost are replaced.
        """
        with self.database.write() as connection:
            self._update(connection, run_id, epochs=epoch.epoch, step=0, lost=0)
            again = EPOCHS.c.run_id == run_id, EPOCHS.c.epoch == epoch.epoch
            connection.execute(sa.delete(EPOCHS).where(*again))
            connection.execute(sa.insert(EPOCHS).values(run_id=run_id, **asdict(epoch)))
            _put(connection, run_id, "checkpoint", checkpoint)
            return connection.scalar(sa.select(RUNS.c.learning_rate).where(*self._mine(run_id)))

    def delete_records_after(self, run_id: int, epoch: int, step: int) -> None:
        """Delete records after a checkpoint: epochs after `epoch`, batches from `step` on.

        step: counted from 0 over all epochs. Needed where a worker was killed between checkpoints.
        """
        with self.database.write() as connection:
            self._update(connection, run_id, epochs=epoch)
            late_epochs = (EPOCHS.c.run_id == run_id) & (EPOCHS.c.epoch > epoch)
            late_batches = (BATCHES.c.run_id == run_id) & (BATCHES.c.first_step >= step)
            connection.execute(sa.delete(EPOCHS).where(late_epochs))
            connection.execute(sa.delete(BATCHES).where(late_batches))

    def epochs(self, run_id: int) -> list[Epoch]:
        """Return the finished epochs of a run, in order."""
        columns = [EPOCHS.c[field.name] for field in fields(Epoch)]
        query = sa.select(*columns).where(*self._of_run(run_id, EPOCHS)).order_by(EPOCHS.c.epoch)
        with self.database.read() as connection:
            return [Epoch(*row) for row in connection.execute(query)]

    def batches(
        self, run_id: int, from_step: int = 0
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return loss and accuracy of every batch over all epochs, (steps,) each.

        from_step: the first batch to return, counted from 0: the first one of an epoch.
        """
        query = sa.select(BATCHES.c.loss, BATCHES.c.accuracy).order_by(BATCHES.c.first_step)
        query = query.where(*self._of_run(run_id, BATCHES), BATCHES.c.first_step >= from_step)
        with self.database.read() as connection:
            rows = connection.execute(query).all()
        loss, accuracy = (b"".join(row[column] for row in rows) for column in (0, 1))
        return np.frombuffer(loss, np.float32), np.frombuffer(accuracy, np.float32)

    def save_weights(
        self, run_id: int, checkpoint: bytes, weights: bytes, weights_hash: str, seconds: float
    ) -> None:
        """Store weights and checkpoint, and delete the results of earlier weights.

        seconds: of training in total.
        """
        columns = {"seconds": seconds, "weights_hash": weights_hash}
        with self.database.write() as connection:
            self._update(connection, run_id, **_UNKNOWN | columns)
            stale = (ARTIFACTS.c.run_id == run_id) & (ARTIFACTS.c.name == "predictions")
            connection.execute(sa.delete(ARTIFACTS).where(stale))
            _put(connection, run_id, "checkpoint", checkpoint)
            _put(connection, run_id, WEIGHTS, weights)

    def put(self, run_id: int, name: str, data: bytes, **columns: Any) -> None:
        """Store an artifact, in place of an older one of that name, and change columns with it."""
        with self.database.write() as connection:
            self._update(connection, run_id, **columns)
            _put(connection, run_id, name, data)

    def get(self, run_id: int, name: str) -> bytes | None:
        """Return the artifact of that name, or None."""
        query = sa.select(ARTIFACTS.c.data).where(*self._of_run(run_id, ARTIFACTS))
        with self.database.read() as connection:
            return connection.scalar(query.where(ARTIFACTS.c.name == name))

    def source(self, spec: Spec) -> Run | None:
        """Return the newest run with the weights that a spec starts from, or an example; or None.

        None also where only a run that started from them still has them.
        """
        if spec.transfer is None:
            return None
        here = RUNS.c.workspace.in_((self.workspace, EXAMPLES))
        found = self._select(here, RUNS.c.weights_hash == spec.transfer.source)
        return found[0] if found else None

    def start_of(self, preset: Preset) -> Transfer | None:
        """Return the weights that a preset starts from: of the newest run of its source, or None.

        A run of its source has the same network and digits, however long it was trained. Where
        there is none, an example may be one.
        """
        wanted = PRESETS[preset.source].spec
        for run in (*self.runs(), *self.examples()):
            same = run.spec.network, run.spec.split.digits, run.spec.split.handwriting
            if run.weights_hash and same == (wanted.network, wanted.split.digits, None):
                return Transfer(source=run.weights_hash, frozen=preset.frozen)
        return None

    def describe(self, spec: Spec) -> str:
        """Return the automatic name of a spec, with the number of the run that it starts from."""
        source = self.source(spec)
        if source is None:
            return describe(spec)
        return describe(spec, source.name if source.workspace == EXAMPLES else str(source.number))

    def start_shapes(self, spec: Spec) -> dict[str, Shape]:
        """Return the shapes of the weights that a spec starts from, by name; none for random ones.

        Raises StoreError if these weights are not here, SpecError if no layer can take them over.
        """
        with self.database.read() as connection:
            data, _ = self._start(connection, spec)
        return {name: array.shape for name, array in unpack(data).items()} if data else {}

    def _start(self, connection: sa.Connection, spec: Spec) -> tuple[bytes | None, Marks]:
        """Return the weights that a spec starts from, None for random ones; errors as above.

        And the marks of the handwriting that their run has learned from.
        """
        if spec.transfer is None:
            return None, Marks()
        source = spec.transfer.source
        kept = (ARTIFACTS.c.name == WEIGHTS) & (RUNS.c.weights_hash == source)
        started = (ARTIFACTS.c.name == START) & RUNS.c.spec.contains(f'"source":"{source}"')
        query = (
            sa.select(RUNS.c.id, ARTIFACTS.c.data)
            .join(RUNS, RUNS.c.id == ARTIFACTS.c.run_id)
            .where(RUNS.c.workspace.in_((self.workspace, EXAMPLES)), kept | started)
            .limit(1)
        )
        found = connection.execute(query).one_or_none()
        if found is None:
            raise StoreError(
                f"the starting weights ({source}) are not in this workspace; a link or settings "
                "file names them but does not contain them: choose another run, or start from "
                "random weights"
            )
        run_id, data = found
        check_transfer(spec, {name: array.shape for name, array in unpack(data).items()})
        marks = sa.select(ARTIFACTS.c.data).where(
            ARTIFACTS.c.run_id == run_id, ARTIFACTS.c.name == LEARNED
        )
        return data, learned.unpack_marks(connection.scalar(marks))

    def _marks(self, connection: sa.Connection, spec: Spec) -> Marks:
        """Return the marks of the handwriting of a spec. Raises CollectionError."""
        chosen = spec.split.handwriting
        if chosen is None:
            return Marks()
        digits = learned.learned_digits(connection, self.workspace, chosen)
        return learned.marks_of(chosen, digits)

    def _select(self, *where: sa.ColumnElement[bool]) -> list[Run]:
        query = sa.select(*_COLUMNS).where(*where).order_by(RUNS.c.id.desc())
        with self.database.read() as connection:
            return [_run(row) for row in connection.execute(query).mappings()]

    def _mine(self, run_id: int) -> tuple[sa.ColumnElement[bool], ...]:
        return RUNS.c.id == run_id, RUNS.c.workspace == self.workspace

    def _readable(self, run_id: int) -> tuple[sa.ColumnElement[bool], ...]:
        return RUNS.c.id == run_id, RUNS.c.workspace.in_((self.workspace, EXAMPLES))

    def _of_run(self, run_id: int, table: sa.Table) -> tuple[sa.ColumnElement[bool], ...]:
        return RUNS.c.id == table.c.run_id, *self._readable(run_id)

    def _update(self, connection: sa.Connection, run_id: int, **columns: Any) -> None:
        self._check_changes(connection, columns)
        update = sa.update(RUNS).where(*self._mine(run_id)).values(columns or {"id": run_id})
        if not connection.execute(update).rowcount:
            raise _unknown()

    def _check_changes(self, connection: sa.Connection, columns: Mapping[str, Any]) -> None:
        """Raise StoreError if a run would leave its workspace or join a group of another one."""
        if "workspace" in columns:
            raise StoreError("a run stays in its workspace: create another run in the other one")
        group_id = columns.get("group_id")
        mine = (GROUPS.c.id == group_id) & (GROUPS.c.workspace == self.workspace)
        if group_id is not None and connection.scalar(sa.select(GROUPS.c.id).where(mine)) is None:
            raise StoreError(f"there is no group {group_id} here: create one first")


_COLUMNS = [RUNS.c[field.name] for field in fields(Run)]
_UNKNOWN = {"test_accuracy": None, "test_loss": None, "test_ece": None}


parse_spec = lru_cache(maxsize=2000)(Spec.from_json)  # specs are frozen, and pages list many runs


def called(run: Run) -> str:
    """Return what a run is called within a sentence: "run 12", or "the example note-5"."""
    return f"the example {run.name}".strip() if run.workspace == EXAMPLES else f"run {run.number}"


def _run(row: sa.RowMapping) -> Run:
    values = dict(row)
    values["spec"] = parse_spec(values["spec"])
    return Run(**values)


def _unknown() -> StoreError:
    return StoreError(
        "there is no such run here; it may have been deleted: choose one from the list of runs"
    )


def _bytes(parts: list[NDArray[np.float32]]) -> bytes:
    return np.concatenate(parts).astype(np.float32).tobytes()


def _put(connection: sa.Connection, run_id: int, name: str, data: bytes) -> None:
    here = (ARTIFACTS.c.run_id == run_id) & (ARTIFACTS.c.name == name)
    connection.execute(sa.delete(ARTIFACTS).where(here))
    connection.execute(sa.insert(ARTIFACTS).values(run_id=run_id, name=name, data=data))
