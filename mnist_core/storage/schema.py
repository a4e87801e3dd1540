"""The tables of the database, and the upgrade of older databases."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from mnist_core.utils.npz import fingerprint, unpack


class UtcDateTime(sa.TypeDecorator[datetime]):
    """A column of aware datetimes in UTC; SQLite itself stores no time zone."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return value and value.replace(tzinfo=UTC)


VERSION = 8
UPGRADABLE = (2, 3, 4, 5, 6, 7)  # versions that are brought up to date when they are opened
METADATA = sa.MetaData()
WEIGHTS, START, LEARNED = "weights", "start", "learned"
"""The names of artifacts: the weights of a run, those that it starts from, and what `learned` keeps
of the handwriting that it has learned from.
"""


def _run_id() -> sa.Column[int]:
    """Return the column that ties a row to a run, and deletes it with the run."""
    return sa.Column("run_id", sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)


SCHEMA = sa.Table("schema_version", METADATA, sa.Column("version", sa.Integer, primary_key=True))

GROUPS = sa.Table(
    "groups",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("workspace", sa.String, nullable=False, index=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("settings", sa.Text, nullable=False, server_default=""),
    sa.Column("made_by", sa.String, nullable=False, server_default=""),
    sa.Column("state", sa.String, nullable=False, server_default=""),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.Column("worker", sa.String),
    sa.Column("heartbeat_at", UtcDateTime),
    sa.Column("created_at", UtcDateTime, nullable=False),
)

RUNS = sa.Table(
    "runs",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("workspace", sa.String, nullable=False, index=True),
    sa.Column("number", sa.Integer, nullable=False, server_default="0"),
    sa.Column("group_id", sa.Integer, sa.ForeignKey("groups.id", ondelete="CASCADE"), index=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("spec", sa.Text, nullable=False),
    sa.Column("state", sa.String, nullable=False, default="queued", index=True),
    sa.Column("reason", sa.Text, nullable=False, default=""),
    sa.Column("request", sa.String),
    sa.Column("worker", sa.String),
    sa.Column("heartbeat_at", UtcDateTime),
    sa.Column("lost", sa.Integer, nullable=False, default=0),
    sa.Column("learning_rate", sa.Float),
    sa.Column("planned", sa.Integer, nullable=False),
    sa.Column("epochs", sa.Integer, nullable=False, default=0),
    sa.Column("step", sa.Integer, nullable=False, default=0),
    sa.Column("steps", sa.Integer, nullable=False, default=0),
    sa.Column("images_per_s", sa.Float),
    sa.Column("eta_s", sa.Float),
    sa.Column("parameters", sa.Integer, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False, default=0.0),
    sa.Column("weights_hash", sa.String),
    sa.Column("test_accuracy", sa.Float),
    sa.Column("test_loss", sa.Float),
    sa.Column("test_ece", sa.Float),
    sa.Column("trial", sa.Integer),
    sa.Column("origin", sa.Text, nullable=False, server_default=""),
    sa.Column("made_by", sa.String, nullable=False, server_default=""),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("pinned", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("queued_at", UtcDateTime),
    sa.Column("started_at", UtcDateTime),
    sa.Column("finished_at", UtcDateTime),
    sa.Index("ix_runs_served", "workspace", "started_at"),  # for the order of the queue
    sa.Index("ix_runs_number", "workspace", "number", unique=True),
    sqlite_autoincrement=True,
)

RUN_NUMBERS = sa.Table(
    "run_numbers",
    METADATA,
    sa.Column("workspace", sa.String, primary_key=True),
    sa.Column("last", sa.Integer, nullable=False),
)
"""The number given last in each workspace; it stays when that run is deleted."""

EPOCHS = sa.Table(
    "epochs",
    METADATA,
    _run_id(),
    sa.Column("epoch", sa.Integer, primary_key=True),
    sa.Column("loss", sa.Float, nullable=False),
    sa.Column("accuracy", sa.Float, nullable=False),
    sa.Column("val_loss", sa.Float),
    sa.Column("val_accuracy", sa.Float),
    sa.Column("learning_rate", sa.Float, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
)

BATCHES = sa.Table(
    "batches",
    METADATA,
    _run_id(),
    sa.Column("first_step", sa.Integer, primary_key=True),
    sa.Column("loss", sa.LargeBinary, nullable=False),
    sa.Column("accuracy", sa.LargeBinary, nullable=False),
)

ARTIFACTS = sa.Table(
    "artifacts",
    METADATA,
    _run_id(),
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("data", sa.LargeBinary, nullable=False),
)

JOBS = sa.Table(
    "jobs",
    METADATA,
    _run_id(),
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("done", sa.Float, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("worker", sa.String),
    sa.Column("heartbeat_at", UtcDateTime),
    sa.Column("asked_at", UtcDateTime, nullable=False),
    sa.Column("asked_by", sa.String, nullable=False, server_default=""),
)

LESSONS = sa.Table(
    "lessons",
    METADATA,
    sa.Column("workspace", sa.String, primary_key=True),
    sa.Column("lesson", sa.String, primary_key=True),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("answer", sa.String, nullable=False, server_default=""),
    sa.Column("passed_at", UtcDateTime),
    sa.Column("passed_run", sa.Integer),
)

HANDWRITING = sa.Table(
    "handwriting",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("workspace", sa.String, nullable=False, index=True),
    sa.Column("writer", sa.Integer, nullable=False),
    sa.Column("made_by", sa.String, nullable=False),
    sa.Column("collection", sa.String, nullable=False, server_default=""),
    sa.Column("label", sa.Integer, nullable=False),
    sa.Column("image", sa.LargeBinary, nullable=False),
    sa.Column("drawing", sa.LargeBinary, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Index("ix_handwriting_made_by", "workspace", "made_by"),
    sqlite_autoincrement=True,
)

WRITERS = sa.Table(
    "writers",
    METADATA,
    sa.Column("workspace", sa.String, primary_key=True),
    sa.Column("made_by", sa.String, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
)
"""The numbers of the people who have written digits, which stay when all their digits are gone."""

COLLECTIONS = sa.Table(
    "collections",
    METADATA,
    sa.Column("workspace", sa.String, primary_key=True),
    sa.Column("is_open", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("last_writer", sa.Integer, nullable=False, server_default="0"),
)
"""Whether a workspace takes digits, and the number given last to a writer; that stays."""

CLASSES = sa.Table(
    "classes",
    METADATA,
    sa.Column("workspace", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False, server_default=""),
    sa.Column("code", sa.String),
    sa.Column("last_maker", sa.Integer, nullable=False, server_default="0"),
    sa.Index("ix_classes_code", "code", unique=True),
)
"""What a teacher has chosen for the workspace of a class, and the short code that opens it.

last_maker: the number given last to a person who made a run.
"""

MAKERS = sa.Table(
    "makers",
    METADATA,
    sa.Column("workspace", sa.String, primary_key=True),
    sa.Column("made_by", sa.String, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
)
"""The numbers of the people who have made runs in a workspace that is not their own.

A writer's number is another one.
"""

STUDENTS = sa.Table(
    "students",
    METADATA,
    sa.Column("workspace", sa.String, primary_key=True),
    sa.Column("made_by", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
)
"""The people of a class who want their teacher to see which lessons they have passed."""


def upgrade(connection: sa.Connection) -> None:
    """Add the tables, columns and indexes that a database of an older version lacks.

    Up to version 5 a deleted run stayed in the database, hidden, with the time in `deleted_at`.
    Such runs are deleted for good. Up to version 6 runs had no numbers of their workspace: they
    get them in the order in which they were made. Up to version 7 weights had no hash.
    """
    METADATA.create_all(connection)
    if "deleted_at" in _column_names(connection, RUNS):
        connection.execute(sa.text("DELETE FROM runs WHERE deleted_at IS NOT NULL"))
        connection.execute(sa.text("ALTER TABLE runs DROP COLUMN deleted_at"))
    for table in METADATA.sorted_tables:
        present = _column_names(connection, table)
        for column in table.columns:
            if column.name not in present:
                ddl = sa.schema.CreateColumn(column).compile(dialect=connection.dialect)
                connection.execute(sa.DDL(f"ALTER TABLE {table.name} ADD COLUMN {ddl}"))
        if table is RUNS and "number" not in present:
            _number_runs(connection)
        if table is RUNS and "weights_hash" not in present:
            _hash_weights(connection)
        for index in table.indexes:
            index.create(connection, checkfirst=True)
    connection.execute(sa.update(SCHEMA).values(version=VERSION))


def next_number(connection: sa.Connection, workspace: str) -> int:
    """Return the number of the next run of a workspace, from 1, in the transaction that adds it.

    No number is given twice: another transaction that asks at the same time waits for this one.
    """
    return _count(connection, RUN_NUMBERS, "last", workspace)


def next_writer(connection: sa.Connection, workspace: str) -> int:
    """Return the number of the next writer of a workspace, from 1, as `next_number` does."""
    return _count(connection, COLLECTIONS, "last_writer", workspace)


def add_maker(connection: sa.Connection, workspace: str, made_by: str) -> None:
    """Give a person who makes a run in another's workspace a number from 1, if there is none."""
    which = MAKERS.c.workspace == workspace, MAKERS.c.made_by == made_by
    if connection.scalar(sa.select(MAKERS.c.number).where(*which)) is None:
        number = _count(connection, CLASSES, "last_maker", workspace)
        row = {"workspace": workspace, "made_by": made_by, "number": number}
        connection.execute(insert_into(connection, MAKERS, row).on_conflict_do_nothing())


def _count(connection: sa.Connection, table: sa.Table, name: str, workspace: str) -> int:
    """Add 1 to a workspace's number in a column, which is 0 at first, and return it."""
    last = table.c[name]
    first = insert_into(connection, table, {"workspace": workspace, name: 1})
    more = first.on_conflict_do_update(index_elements=["workspace"], set_={name: last + 1})
    return connection.execute(more.returning(last)).scalar_one()


def insert_into(
    connection: sa.Connection, table: sa.Table, row: Mapping[str, object]
) -> sqlite.Insert | postgresql.Insert:
    """Return the statement that inserts a row, in the database's dialect, which knows conflicts."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table).values(row)


def _number_runs(connection: sa.Connection) -> None:
    """Number the runs of each workspace in the order of their ids."""
    last: Counter[str] = Counter()
    rows = connection.execute(sa.select(RUNS.c.id, RUNS.c.workspace).order_by(RUNS.c.id)).all()
    for run_id, workspace in rows:
        last[workspace] += 1
        update = sa.update(RUNS).where(RUNS.c.id == run_id).values(number=last[workspace])
        connection.execute(update)
    for workspace, number in last.items():
        connection.execute(sa.insert(RUN_NUMBERS).values(workspace=workspace, last=number))


def _hash_weights(connection: sa.Connection) -> None:
    """Give the runs that have weights the hash of these, one after the other."""
    mine = ARTIFACTS.c.name == WEIGHTS
    for run_id in connection.scalars(sa.select(ARTIFACTS.c.run_id).where(mine)).all():
        here = sa.select(ARTIFACTS.c.data).where(mine, ARTIFACTS.c.run_id == run_id)
        found = fingerprint(unpack(connection.scalars(here).one()))
        update = sa.update(RUNS).where(RUNS.c.id == run_id).values(weights_hash=found)
        connection.execute(update)


def _column_names(connection: sa.Connection, table: sa.Table) -> set[str]:
    return {column["name"] for column in sa.inspect(connection).get_columns(table.name)}
