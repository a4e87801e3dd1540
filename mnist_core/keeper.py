"""One worker of our own: begun anew when it is gone, and replaced when it has grown."""

import time
from collections.abc import Collection

from mnist_core.processes import Processes

GROWTH_BYTES = 350e6  # over the 300 it had when it was ready; the first run leaves 130, others 15,
GROWTH_SHARE = 0.6  # and where memory is short, so much of what is left to its limit
START_S = 180  # a worker is silent for so long before it first reports
SILENT_S = 20  # and so long afterwards, if it hangs


class Keeper:
    """Knows which of our workers takes work.

    roomy: whether two workers may live at once, so that a warm one takes over from another.
    """

    def __init__(self, processes: Processes, roomy: bool) -> None:
        self._processes, self._roomy = processes, roomy
        self.name, self._next, self._old = "", "", ""  # in use, warming up, leaving
        self._number = 0
        self._at_first: dict[str, int] = {}  # bytes that a worker had when it first reported
        self._deadline: dict[str, float] = {}  # when a worker hangs that has not reported again

    def look(
        self, reporting: Collection[str], training: Collection[str], asked: Collection[str]
    ) -> None:
        """Begin and end what is due; all are names: that report, that train, that do the rest."""
        for name in (self.name, self._next):
            self._check(name, name in reporting)
        idle = self.name in reporting and self.name not in training
        if not self._processes.running(self.name):
            self._end(self.name)
            self.name, self._next = self._next or self._begin(), ""
        elif idle and self._next in reporting:
            self._old, self.name, self._next = self.name, self._next, ""
        elif idle and not self._processes.running(self._next) and not self._old:
            self._replace(asked)
        if self._old and self._old not in asked:
            self._end(self._old)
            self._old = ""

    def _check(self, name: str, reports: bool) -> None:
        """End a worker that runs and says nothing."""
        now = time.monotonic()
        if reports:
            self._deadline[name] = now + SILENT_S
            self._at_first.setdefault(name, self._processes.own_bytes(name))
        elif now > self._deadline.get(name, now):
            self._end(name)

    def _replace(self, asked: Collection[str]) -> None:
        """Begin another worker in place of one that has grown: at once, if both have room."""
        first = self._at_first[self.name]
        room = GROWTH_SHARE * (self._processes.memory_bytes - first)
        if self._processes.own_bytes(self.name) - first <= min(GROWTH_BYTES, room):
            return
        if self._roomy:
            self._next = self._begin()
        elif self.name not in asked:
            self._end(self.name)
            self.name = self._begin()

    def _begin(self) -> str:
        self._number += 1
        name = f"worker-{self._number}"
        self._processes.start_worker(name)
        self._deadline[name] = time.monotonic() + START_S
        return name

    def _end(self, name: str) -> None:
        self._processes.end_worker(name)
        self._at_first.pop(name, None)
        self._deadline.pop(name, None)
