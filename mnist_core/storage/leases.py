"""Leases: which process holds a run, a job or a study, and whether that process is alive.

Their tables have the columns `worker`, the process that holds a row or held it last, and
`heartbeat_at`, when it last said so. Of several processes that claim a row at once one gets it,
since each names the values that it expects in the row.
"""

import os
import socket
from collections.abc import Container, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol, cast

import psutil
import sqlalchemy as sa

LEASE = timedelta(minutes=5)
"""A process on another machine that is silent for longer counts as dead."""


@cache
def this_process() -> str:
    """Return host:pid:start of this process, which no other process will ever have."""
    return f"{socket.gethostname()}:{os.getpid()}:{_start_of(os.getpid())}"


class Held(Protocol):
    """What a process may have claimed: a run, a job or a study."""

    @property
    def worker(self) -> str | None: ...

    @property
    def heartbeat_at(self) -> datetime | None: ...


def is_abandoned(held: Held, gone: Container[str] = ()) -> bool:
    """Whether the process that claimed it is dead, or on another machine silent for a LEASE.

    gone: processes, of other machines too, that are known to be dead.
    """
    if held.worker and held.worker in gone:
        return True
    host, _, rest = (held.worker or "").rpartition(":")[0].partition(":")
    if host == socket.gethostname():
        return _start_of(int(rest)) != (held.worker or "").rpartition(":")[2]
    return held.heartbeat_at is None or datetime.now(UTC) - held.heartbeat_at > LEASE


def _start_of(pid: int) -> str | None:
    """Return the start of a process, which distinguishes it from others with its number.

    None for a dead process. On Linux in ticks since the machine started: the time of day changes
    when the clock is set, and a living process would look like another one.
    """
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        ticks = Path(f"/proc/{pid}/stat")
        if not ticks.exists():
            return f"{process.create_time():.2f}"
        return f"{_boot()}-{ticks.read_text().rpartition(')')[2].split()[19]}"
    except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
        return None


@cache
def _boot() -> str:
    """Return an id of this start of the machine: process numbers and ticks begin again with it."""
    name = Path("/proc/sys/kernel/random/boot_id")
    return name.read_text()[:8] if name.exists() else ""


def lease() -> dict[str, Any]:
    """Return the columns with which this process claims a row, or renews its claim."""
    return {"worker": this_process(), "heartbeat_at": datetime.now(UTC)}


def update_if(
    connection: sa.Connection,
    table: sa.Table,
    where: tuple[sa.ColumnElement[bool], ...],
    expected: Mapping[str, Any],
    columns: Mapping[str, object],
) -> bool:
    """Change columns of a row if others have the expected values; return whether they had them.

    expected: by column, one value or a list of possible ones.
    """
    found = [
        table.c[name].in_(cast("list[str]", value))
        if isinstance(value, list)
        else table.c[name] == value
        for name, value in expected.items()
    ]
    update = sa.update(table).where(*where, *found).values(columns)
    return bool(connection.execute(update).rowcount)
