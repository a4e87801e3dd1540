"""Quotas of workspaces on a hosted server; without `hosted` there are none.

A request over a limit raises QuotaError before anything is stored. If only space is missing, the
oldest runs are deleted instead, pinned ones last. `check_*` only check; `admit*` check inside the
transaction that writes, and delete runs to make space.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from mnist_core.evaluation.run import INACTIVE_STATES
from mnist_core.network.spec import Network, Spec
from mnist_core.network.summary import (
    DEFAULT_LIMITS,
    Limits,
    Summary,
    activation_bytes,
    check_limits,
)
from mnist_core.storage.database import Database
from mnist_core.storage.schema import ARTIFACTS, BATCHES, GROUPS, HANDWRITING, RUNS
from mnist_core.storage.workspaces import EXAMPLES
from mnist_core.utils.errors import MnistError
from mnist_core.utils.server_settings import server_settings
from mnist_core.utils.text import plural

FEWEST = 32  # images whose activations must fit into memory: this many are inspected together
AT_ONCE = 50  # runs deleted per transaction, during which nobody else can write
_LOCK_NUMBER = 271  # of the advisory lock in PostgreSQL


class QuotaError(MnistError):
    """A request for more than this server allows."""


@dataclass(frozen=True)
class Usage:
    """The usage of a workspace: waiting runs (a running study counts as one), and stored runs."""

    waiting: int
    runs: int


def usage(database: Database, workspace: str) -> Usage:
    """Return how many runs of a workspace wait and are stored."""
    with database.read() as connection:
        return _use(connection, workspace)


def runs_to_displace(database: Database, workspace: str, new: int) -> list[int]:
    """Return the ids of the runs that `new` runs would displace: the oldest that may be deleted.

    Empty if there is space. Raises QuotaError if too few runs may be deleted.
    """
    if not server_settings().hosted:
        return []
    with database.read() as connection:
        return _next_to_go(connection, workspace, new)


def check_epochs(epochs: int) -> None:
    """Raise QuotaError if a run has more epochs than the server allows."""
    most = server_settings().max_epochs
    if server_settings().hosted and epochs > most:
        raise QuotaError(
            f"on this server a run may have at most {plural(most, 'epoch')}; this one would have "
            f"{epochs}: plan fewer"
        )


def check_time(seconds: float) -> None:
    """Raise QuotaError if a run has used up its time. seconds: of training so far."""
    most = server_settings().max_seconds
    if server_settings().out_of_time(seconds):
        raise QuotaError(
            f"on this server a run may train for at most {most:g} s; this one has trained for "
            f"{seconds:.0f} s: its weights are kept; train a smaller network, or fewer epochs"
        )


def network_limits() -> Limits:
    """Return the limits of a network here; those of a hosted server may be narrower."""
    server = server_settings()
    return (
        Limits(server.max_parameters, server.max_multiply_adds) if server.hosted else DEFAULT_LIMITS
    )


def check_network(network: Network) -> Summary:
    """Return the summary of a network. Raises SpecError over the limits of this server."""
    return check_limits(network, network_limits())


def check_spec(spec: Spec, trains: bool = True) -> Summary:
    """Return the summary of the network of a spec that may become a run on this server.

    trains: False if it is only inspected. Raises SpecError over the limits of a network, QuotaError
    if a batch takes too much memory.
    """
    summary = check_network(spec.network)
    check_batch(spec, trains)
    return summary


def check_batch(spec: Spec, trains: bool = True) -> None:
    """Raise QuotaError if a batch would take too much memory of a hosted server.

    trains: False if the network is only inspected.
    """
    if not server_settings().hosted:
        return
    most = server_settings().max_activation_mb
    images = max(spec.training.batch_size if trains else 1, FEWEST)
    has = 1e-6 * images * activation_bytes(spec.network)
    if has > most:
        least = " (smaller batches count the same)" if images == FEWEST else ""
        raise QuotaError(
            f"on this server the outputs of all layers may take at most {most:g} MB per batch; "
            f"with {images:,} images{least} these would take {has:,.0f} MB: choose a smaller "
            "batch_size or fewer filters, or pool earlier"
        )


def check_new(database: Database, workspace: str, specs: list[Spec]) -> None:
    """Raise SpecError or QuotaError unless all specs can be queued as runs of a workspace."""
    for spec in specs:
        check_spec(spec)
    if not server_settings().hosted:
        return
    for spec in specs:
        check_epochs(spec.training.epochs)
    with database.read() as connection:
        _check_queue(connection, workspace, len(specs))
        _next_to_go(connection, workspace, len(specs))


def check_study(database: Database, workspace: str, trials: int) -> None:
    """Raise QuotaError unless a study with this many trials can start in a workspace."""
    most = server_settings().max_runs
    if not server_settings().hosted:
        return
    if trials > most:
        raise QuotaError(
            f"on this server a workspace keeps at most {plural(most, 'run')}; this study would "
            f"make {trials}: plan fewer trials"
        )
    with database.read() as connection:
        _check_queue(connection, workspace, 1)


def admit(connection: sa.Connection, workspace: str, epochs: int, queued: bool) -> None:
    """Check a new run in the transaction that creates it, and delete the runs that it displaces.

    epochs: planned; queued: whether it counts as waiting. Raises QuotaError over a limit.
    """
    if not server_settings().hosted:
        return
    check_epochs(epochs)
    one_at_a_time(connection)
    if queued:
        _check_queue(connection, workspace, 1)
    if gone := _next_to_go(connection, workspace, 1):
        connection.execute(sa.delete(RUNS).where(RUNS.c.id.in_(gone)))


def admit_requeued(connection: sa.Connection, workspace: str, seconds: float) -> None:
    """Check a run in the transaction that queues it again. Raises QuotaError over a limit.

    seconds: of training so far.
    """
    if server_settings().hosted:
        check_time(seconds)
        one_at_a_time(connection)
        _check_queue(connection, workspace, 1)


def admit_group(connection: sa.Connection, workspace: str, waits: bool) -> None:
    """Check a new group. waits: whether it is a running study. Raises QuotaError over a limit."""
    most = server_settings().max_runs
    if not server_settings().hosted:
        return
    one_at_a_time(connection)
    if waits:
        _check_queue(connection, workspace, 1)
    count = sa.select(sa.func.count()).select_from(GROUPS)
    has = connection.scalar(count.where(GROUPS.c.workspace == workspace)) or 0
    if has >= most:
        raise QuotaError(
            f"on this server a workspace keeps at most {plural(most, 'experiment')}; this one has "
            f"{has}: delete one on the Tune page"
        )


def make_room(database: Database) -> int:
    """Delete runs of all workspaces until they store less than allowed; return how many.

    The oldest go first, pinned ones last; never examples, or runs that wait, train or belong to a
    running study.
    """
    deleted = 0
    while server_settings().hosted:
        with (
            database.read() as connection
        ):  # outside the write below: it takes long in a large database
            over = kept_bytes(connection) - 1e6 * server_settings().max_database_mb
            oldest = _oldest(connection, over)[:AT_ONCE] if over > 0 else []
        if not oldest:
            break
        with database.write() as connection:
            still = RUNS.c.id.in_(oldest), *_may_go()
            deleted += connection.execute(sa.delete(RUNS).where(*still)).rowcount
    return deleted


def kept_bytes(connection: sa.Connection) -> int:
    """Return the bytes of all artifacts and batch curves; rows and indexes come on top."""
    artifacts = sa.select(sa.func.sum(sa.func.length(ARTIFACTS.c.data)))
    batches = sa.select(2 * sa.func.sum(sa.func.length(BATCHES.c.loss)))
    return sum(int(connection.scalar(query) or 0) for query in (artifacts, batches))


def admit_digit(connection: sa.Connection, workspace: str, made_by: str) -> None:
    """Check a person's new digit in the transaction that adds it. Raises QuotaError."""
    if not server_settings().hosted:
        return
    mine = HANDWRITING.c.workspace == workspace
    count = sa.select(sa.func.count()).select_from(HANDWRITING)
    own = connection.scalar(count.where(mine, HANDWRITING.c.made_by == made_by)) or 0
    most = server_settings().max_digits_per_writer
    if own >= most:
        raise QuotaError(
            f"this server saves at most {plural(most, 'digit')} per person, and you have saved "
            f"{own}: delete one to write another"
        )
    most = server_settings().max_digits
    if (connection.scalar(count.where(mine, HANDWRITING.c.collection == "")) or 0) >= most:
        raise QuotaError(
            f"this server saves at most {plural(most, 'digit')} per class, and this class has "
            "reached the limit: ask your teacher to delete some"
        )
    _check_handwriting(connection, 0)


def admit_set(connection: sa.Connection, workspace: str, new: int, size: int) -> None:
    """Check a set of digits to import, in the transaction that adds it. Raises QuotaError.

    new: its digits; size: their bytes.
    """
    if not server_settings().hosted:
        return
    mine = HANDWRITING.c.workspace == workspace, HANDWRITING.c.collection != ""
    query = sa.select(sa.func.count()).select_from(HANDWRITING).where(*mine)
    most, kept = server_settings().max_digits, connection.scalar(query) or 0
    if kept + new > most:
        raise QuotaError(
            f"this server saves at most {plural(most, 'imported digit')} per class; received "
            f"{new:,}, with {kept:,} already here: import fewer digits, or delete a set"
        )
    _check_handwriting(connection, size)


def _check_handwriting(connection: sa.Connection, new: int) -> None:
    """Raise QuotaError where the handwriting of all workspaces is too large. new: bytes to come."""
    size = sa.func.length(HANDWRITING.c.image) + sa.func.length(HANDWRITING.c.drawing)
    most_mb = server_settings().max_handwriting_mb
    if (connection.scalar(sa.select(sa.func.sum(size))) or 0) + new > 1e6 * most_mb:
        raise QuotaError(
            f"this server saves at most {most_mb:g} MB of handwriting, and it is full: ask your "
            "teacher to export and delete digits that nobody needs"
        )


def _use(connection: sa.Connection, workspace: str) -> Usage:
    mine = RUNS.c.workspace == workspace
    waits = (RUNS.c.state == "queued") & RUNS.c.trial.is_(None)
    searches = (GROUPS.c.workspace == workspace) & (GROUPS.c.state == "running")
    count = sa.select(sa.func.count())
    waiting, studies, runs = (
        int(connection.scalar(count.select_from(table).where(which)) or 0)
        for table, which in ((RUNS, mine & waits), (GROUPS, searches), (RUNS, mine))
    )
    return Usage(waiting + studies, runs)


def _check_queue(connection: sa.Connection, workspace: str, new: int) -> None:
    most, waiting = server_settings().max_queued, _use(connection, workspace).waiting
    if waiting + new > most:
        more = "this one" if new == 1 else f"these {new}"
        wait = "waits" if waiting == 1 else "wait"
        raise QuotaError(
            f"on this server at most {plural(most, 'run')} of a workspace may wait, so that "
            f"everybody gets a turn; {waiting} already {wait}, and {more} would be too many: wait "
            "until some have finished, or stop them on the Train page"
        )


def _next_to_go(connection: sa.Connection, workspace: str, new: int) -> list[int]:
    most = server_settings().max_runs
    excess = _use(connection, workspace).runs + new - most
    if excess <= 0:
        return []
    mine = RUNS.c.workspace == workspace, ~RUNS.c.pinned
    query = sa.select(RUNS.c.id).where(*mine, *_may_go()).order_by(RUNS.c.id).limit(excess)
    found = list(connection.scalars(query))
    if len(found) < excess:
        raise QuotaError(
            f"on this server a workspace keeps at most {plural(most, 'run')}; there is no room "
            f"for {new} more, since the others are pinned, wait, train or belong to a running "
            "study: unpin or delete some on the Compare page"
        )
    return found


def _oldest(connection: sa.Connection, over: float) -> list[int]:
    """Return just enough runs, of any workspace, whose deletion frees `over` bytes."""
    sizes = (
        sa.select(ARTIFACTS.c.run_id, sa.func.sum(sa.func.length(ARTIFACTS.c.data)).label("bytes"))
        .group_by(ARTIFACTS.c.run_id)
        .subquery()
    )
    query = (
        sa.select(RUNS.c.id, sizes.c.bytes)
        .outerjoin(sizes, sizes.c.run_id == RUNS.c.id)
        .where(RUNS.c.workspace != EXAMPLES, *_may_go())
        .order_by(RUNS.c.pinned, RUNS.c.id)
    )
    chosen: list[int] = []
    freed = 0
    for run_id, size in connection.execute(query):
        chosen.append(run_id)
        freed += size or 0
        if freed >= over:
            break
    return chosen


def _may_go() -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions of runs that neither wait nor train nor belong to a running study."""
    searching = sa.select(GROUPS.c.id).where(GROUPS.c.state == "running")
    free = RUNS.c.group_id.is_(None) | RUNS.c.group_id.not_in(searching)
    return RUNS.c.state.in_(INACTIVE_STATES), free


def one_at_a_time(connection: sa.Connection) -> None:
    """Wait for other transactions that count: in PostgreSQL two could see the same free space.

    SQLite has one writer at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK_NUMBER)))
