"""Memory and processor time of the app and of its students, for `benchmarks.load`."""

import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress

import psutil

WARM_UP_S, LOOK_S = 60, 5
ROLES = {  # of the server's processes, by words of their command line
    "streamlit": "server",
    "scheduler": "scheduler",
    "--no-nanny": "worker",
    "resource_tracker": "tracker",
}


def role(process: psutil.Process) -> str:
    """Return the role of a process of the server."""
    command = " ".join(process.cmdline())
    return next((name for words, name in ROLES.items() if words in command), command[-40:])


def tree(process: psutil.Process) -> Iterator[psutil.Process]:
    yield process
    yield from process.children(recursive=True)


class Watch:
    """Samples memory and processor seconds every few seconds."""

    def __init__(self, server: int, students: list[int]) -> None:
        self.roots = {"the app": psutil.Process(server)}
        self.roots |= {f"students {at}": psutil.Process(pid) for at, pid in enumerate(students)}
        self.begin = time.monotonic()
        self.memory: dict[str, list[tuple[float, int, int]]] = defaultdict(list)
        self.cpu: dict[int, tuple[str, float, float]] = {}

    def look(self) -> None:
        """Take a sample."""
        now = time.monotonic() - self.begin
        for name, root in self.roots.items():
            try:
                processes = list(tree(root))
            except psutil.NoSuchProcess:
                continue
            for process in processes:
                with suppress(psutil.NoSuchProcess):
                    self._look(now, name, process)

    def _look(self, now: float, name: str, process: psutil.Process) -> None:
        times = process.cpu_times()
        used = times.user + times.system
        what = f"{name}: {role(process)}" if name == "the app" else name.split()[0]
        first = self.cpu.get(process.pid, (what, used if now < LOOK_S else 0.0, 0.0))[1]
        self.cpu[process.pid] = (what, first, used)
        if name == "the app":
            full = process.memory_full_info()
            self.memory[role(process)].append((now, full.rss, full.uss))

    def shares(self, seconds: float) -> dict[str, float]:
        """Return the processor time as a share of one core, by role."""
        shares: dict[str, float] = defaultdict(float)
        for what, first, last in self.cpu.values():
            shares[what] += (last - first) / seconds
        return shares

    def growth(self, seconds: float) -> dict[str, dict[str, float]]:
        """Return MB after the warm-up and at the end by process, each a median of samples."""
        warm = min(WARM_UP_S, seconds / 3)
        told = {}
        for name, looks in self.memory.items():
            ends = [
                [look for look in looks if warm <= look[0] <= warm + 30],
                [look for look in looks if seconds - 30 <= look[0] <= seconds],
            ]
            if all(ends):
                (rss, uss), (rss_end, uss_end) = (
                    [statistics.median(look[of] for look in end) / 1e6 for of in (1, 2)]
                    for end in ends
                )
                told[name] = {"rss": rss, "rss_end": rss_end, "uss": uss, "uss_end": uss_end}
        return told
