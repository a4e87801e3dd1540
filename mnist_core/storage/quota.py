"""What a workspace may have on a hosted server; alone on a laptop nothing is counted.

What is over a limit is refused with a sentence, before anything is kept of it. Where only room is
wanting, the oldest runs make it, those last that somebody pinned.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from mnist_core.network.spec import Network, Spec
from mnist_core.network.summary import NO_SERVER, Limits, Summary, activation_bytes, check_limits
from mnist_core.storage.database import Database
from mnist_core.storage.schema import ARTIFACTS, BATCHES, GROUPS, RUNS
from mnist_core.storage.workspaces import EXAMPLES
from mnist_core.utils.errors import MnistError
from mnist_core.utils.server_settings import server_settings
from mnist_core.utils.text import plural

FEWEST = 32  # images that every network must have room for: so many are looked into at once
AT_ONCE = 50  # runs that are deleted while nobody else can write
_AT_WORK = ("queued", "running")
_LOCK_NUMBER = 271  # of PostgreSQL's advisory locks


class QuotaError(MnistError):
    """More than this server allows."""


@dataclass(frozen=True)
class Use:
    """What a workspace has: runs that wait (a study that goes on counts as one), and runs kept."""

    waiting: int
    runs: int


def use(database: Database, workspace: str) -> Use:
    """How much of its limits a workspace uses."""
    with database.read() as connection:
        return _use(connection, workspace)


def next_to_go(database: Database, workspace: str, new: int) -> list[int]:
    """The runs that make room for so many new ones: the oldest that rest and are not pinned.

    Empty where nothing has to go. Raises QuotaError where there cannot be room for so many.
    """
    if not server_settings().hosted:
        return []
    with database.read() as connection:
        return _next_to_go(connection, workspace, new)


def check_epochs(epochs: int) -> None:
    """Raises QuotaError on a run with more epochs than the server allows."""
    most = server_settings().max_epochs
    if server_settings().hosted and epochs > most:
        raise QuotaError(
            f"on this server a run may have at most {plural(most, 'epoch')}, and this one "
            f"would have {epochs}: plan fewer"
        )


def check_time(seconds: float) -> None:
    """Raises QuotaError on a run that has had its time, in seconds of training."""
    most = server_settings().max_seconds
    if server_settings().out_of_time(seconds):
        raise QuotaError(
            f"on this server a run may train for {most:g} s at most, and this one has had "
            f"{seconds:.0f} s: what it learned is kept; train a smaller network, or fewer epochs"
        )


def network_limits() -> Limits:
    """What a network may cost here: a hosted server may set narrower limits than the core."""
    server = server_settings()
    return Limits(server.max_parameters, server.max_multiply_adds) if server.hosted else NO_SERVER


def check_network(network: Network) -> Summary:
    """The summary of a network that this server takes. Raises SpecError over its limits."""
    return check_limits(network, network_limits())


def check_spec(spec: Spec, trains: bool = True) -> Summary:
    """The summary of a spec that may become a run here; trains: or it is only looked into.

    Raises SpecError over the limits of a network, QuotaError where a batch takes too much memory.
    """
    summary = check_network(spec.network)
    check_batch(spec, trains)
    return summary


def check_batch(spec: Spec, trains: bool = True) -> None:
    """Raises QuotaError on a run whose batches would take too much memory of a hosted server.

    trains: or it is only looked into.
    """
    if not server_settings().hosted:
        return
    most = server_settings().max_activation_mb
    images = max(spec.training.batch_size if trains else 1, FEWEST)
    has = 1e-6 * images * activation_bytes(spec.network)
    if has > most:
        least = " (fewer count as many)" if images == FEWEST else ""
        raise QuotaError(
            f"on this server all layers together may put out at most {most:g} MB for a batch, and "
            f"for {images:,} images{least} these would put out {has:,.0f} MB: choose a smaller "
            "batch_size or fewer filters, or pool earlier"
        )


def check_new(database: Database, workspace: str, specs: list[Spec]) -> None:
    """Raises SpecError or QuotaError unless all of these can be queued as runs of a workspace."""
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
    """Raises QuotaError unless a study of so many trials can be begun in a workspace."""
    most = server_settings().max_runs
    if not server_settings().hosted:
        return
    if trials > most:
        raise QuotaError(
            f"on this server a workspace keeps at most {plural(most, 'run')}, and this study "
            f"would make {trials}: plan fewer trials"
        )
    with database.read() as connection:
        _check_queue(connection, workspace, 1)


def admit(connection: sa.Connection, workspace: str, epochs: int, queued: bool) -> None:
    """Let a new run in, in the transaction that makes it; runs that must go for it go now.

    epochs: planned; queued: whether it counts among those that wait. Raises QuotaError over a
    limit.
    """
    if not server_settings().hosted:
        return
    check_epochs(epochs)
    _one_at_a_time(connection)
    if queued:
        _check_queue(connection, workspace, 1)
    _make_place(connection, workspace, 1)


def admit_back(connection: sa.Connection, workspace: str, runs: int) -> None:
    """Let deleted runs back in, in the transaction that brings them; others may go for them.

    Raises QuotaError where these cannot.
    """
    if server_settings().hosted:
        _one_at_a_time(connection)
        _make_place(connection, workspace, runs)


def check_again(database: Database, workspace: str, seconds: float) -> None:
    """Raises QuotaError unless a run that rests may wait again. seconds: that it has trained."""
    with database.read() as connection:
        admit_again(connection, workspace, seconds)


def admit_again(connection: sa.Connection, workspace: str, seconds: float) -> None:
    """The same in the transaction that puts it into the queue."""
    if server_settings().hosted:
        check_time(seconds)
        _one_at_a_time(connection)
        _check_queue(connection, workspace, 1)


def admit_group(connection: sa.Connection, workspace: str, waits: bool) -> None:
    """Let a new group in. waits: it is a study that goes on. Raises QuotaError over a limit."""
    most = server_settings().max_runs
    if not server_settings().hosted:
        return
    _one_at_a_time(connection)
    if waits:
        _check_queue(connection, workspace, 1)
    count = sa.select(sa.func.count()).select_from(GROUPS)
    has = connection.scalar(count.where(GROUPS.c.workspace == workspace)) or 0
    if has >= most:
        raise QuotaError(
            f"on this server a workspace keeps at most {plural(most, 'experiment')}, and "
            f"this one has {has}: delete one on the page Tune"
        )


def make_room(database: Database) -> int:
    """Delete runs until all of them together keep less than the server allows; returns how many.

    First those that were deleted and could come back, then the oldest, those last that somebody
    pinned; never one that waits or trains, nor an example.
    """
    gone = 0
    while server_settings().hosted:
        with database.read() as connection:  # which takes long in a large database
            over = kept_bytes(connection) - server_settings().database_bytes
            oldest = _oldest(connection, over)[:AT_ONCE] if over > 0 else []
        if not oldest:
            break
        with database.write() as connection:
            still = RUNS.c.id.in_(_resting(RUNS.c.id.in_(oldest), deleted=True))
            gone += connection.execute(sa.delete(RUNS).where(still)).rowcount
    return gone


def kept_bytes(connection: sa.Connection) -> int:
    """What all runs keep, in bytes: weights, predictions, curves; rows and indexes come on top."""
    artifacts = sa.select(sa.func.sum(sa.func.length(ARTIFACTS.c.data)))
    batches = sa.select(2 * sa.func.sum(sa.func.length(BATCHES.c.loss)))
    return sum(int(connection.scalar(query) or 0) for query in (artifacts, batches))


def _use(connection: sa.Connection, workspace: str) -> Use:
    mine = (RUNS.c.workspace == workspace) & RUNS.c.deleted_at.is_(None)
    waits = (RUNS.c.state == "queued") & RUNS.c.trial.is_(None)
    searches = (GROUPS.c.workspace == workspace) & (GROUPS.c.state == "running")
    count = sa.select(sa.func.count())
    waiting, studies, runs = (
        int(connection.scalar(count.select_from(table).where(which)) or 0)
        for table, which in ((RUNS, mine & waits), (GROUPS, searches), (RUNS, mine))
    )
    return Use(waiting + studies, runs)


def _check_queue(connection: sa.Connection, workspace: str, new: int) -> None:
    most, waiting = server_settings().max_queued, _use(connection, workspace).waiting
    if waiting + new > most:
        more = "this one" if new == 1 else f"these {new}"
        wait = "waits" if waiting == 1 else "wait"
        raise QuotaError(
            f"on this server at most {plural(most, 'run')} of a workspace may wait, so that "
            f"everybody has a turn; {waiting} {wait} already, and {more} would come on top: wait "
            "until some are through, or stop them on the page Train"
        )


def _make_place(connection: sa.Connection, workspace: str, new: int) -> None:
    if gone := _next_to_go(connection, workspace, new):
        connection.execute(sa.delete(RUNS).where(RUNS.c.id.in_(gone)))


def _next_to_go(connection: sa.Connection, workspace: str, new: int) -> list[int]:
    most = server_settings().max_runs
    excess = _use(connection, workspace).runs + new - most
    if excess <= 0:
        return []
    mine = (RUNS.c.workspace == workspace) & ~RUNS.c.pinned
    found = list(connection.scalars(_resting(mine).order_by(RUNS.c.id).limit(excess)))
    if len(found) < excess:
        raise QuotaError(
            f"on this server a workspace keeps at most {plural(most, 'run')}; room for {new} more "
            "is wanting, since all others are pinned, wait, train or belong to a study that goes "
            "on: unpin or delete some on the page Compare"
        )
    return found


def _oldest(connection: sa.Connection, over: int) -> list[int]:
    """Some runs of anybody that rest: enough to free `over` bytes, and not many more."""
    back = RUNS.c.deleted_at.is_not(None)
    order = (back.desc(), RUNS.c.pinned, RUNS.c.id)
    sizes = (
        sa.select(ARTIFACTS.c.run_id, sa.func.sum(sa.func.length(ARTIFACTS.c.data)).label("bytes"))
        .group_by(ARTIFACTS.c.run_id)
        .subquery()
    )
    found = _resting(RUNS.c.workspace != EXAMPLES, sizes.c.bytes, deleted=True).outerjoin(
        sizes, sizes.c.run_id == RUNS.c.id
    )
    chosen, freed = [], 0
    for run_id, size in connection.execute(found.order_by(*order)):
        chosen.append(run_id)
        freed += size or 0
        if freed >= over:
            break
    return chosen


def _resting(
    which: sa.ColumnElement[bool], *more: sa.ColumnElement, deleted: bool = False
) -> sa.Select:
    """Runs that neither wait nor train nor belong to a study that goes on."""
    searching = sa.select(GROUPS.c.id).where(GROUPS.c.state == "running")
    kept = sa.true() if deleted else RUNS.c.deleted_at.is_(None)
    free = RUNS.c.group_id.is_(None) | RUNS.c.group_id.not_in(searching)
    return sa.select(RUNS.c.id, *more).where(which, kept, RUNS.c.state.not_in(_AT_WORK), free)


def _one_at_a_time(connection: sa.Connection) -> None:
    """With PostgreSQL two could count at once, and both find room; SQLite has one writer."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK_NUMBER)))
