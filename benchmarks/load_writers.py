"""Writers without browsers, for `benchmarks.load_wall`, on the page Our handwriting.

`python -m benchmarks.load_writers ADDRESS CLASS COUNT FILE` writes the results to a file. Each
writes three of each digit; if the server is gone, all wait for it and continue.
"""

import asyncio
import json
import random
import re
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.Common_pb2 import StringArray
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from benchmarks.load_client import ARRIVE_S, drawing
from benchmarks.load_page import Node, Shown
from benchmarks.load_protocol import ANSWER_S, Tab
from ui.widgets.canvas import SIDE

STROKE_S, PAUSE_S = (0.5, 1.5), (2.0, 5.0)  # before each stroke and click; after each digit
RETRY_S, GONE_S = 1.0, 120.0
ROUNDS = 3
DIGITS = 10 * ROUNDS
PROMPT = re.compile(r"Write an? (\d)")
OWN = re.compile(r"Your (\d+) digits? \(writer (\d+)\)")
LOST = (ConnectionError, ConnectionClosed, InvalidHandshake, OSError)


class Refused(Exception):
    """The page does not show what a writer needs."""


@dataclass
class Save:
    """A digit that was saved. clicked, answered: seconds of `time.time`; answered None if lost."""

    label: int
    clicked: float
    answered: float | None = None


@dataclass
class Record:
    """What a writer has done: the number on the server, saved digits in their order, troubles."""

    writer: int = 0
    saves: list[Save] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    reconnected: list[float] = field(default_factory=list)
    strokes: list[float] = field(default_factory=list)


class Writer:
    """One session, until all digits are written."""

    def __init__(self, number: int, address: str, class_token: str) -> None:
        self.number, self.random, self.met = number, random.Random(number), Record()
        self.tab = Tab(address, lambda data: None, Shown(self.check), self.met.strokes.append)
        self.query = f"workspace={class_token}"

    def check(self, node: Node) -> None:
        """Record an element that reports an error."""
        if node.kind == "exception" or (node.kind == "alert" and node.proto.format == Alert.ERROR):
            self.met.errors.append(f"writer {self.number}: {' '.join(str(node.proto).split())}")

    async def live(self) -> Record:
        """Arrive, and write until nothing is left to write."""
        await asyncio.sleep(ARRIVE_S * self.number)
        await self.tab.arrive()
        self.tab.query = self.query
        await self.tab.open()
        await self.tab.go("handwriting")
        await self.agree()
        while self.written() < DIGITS:
            try:
                await self.write()
            except LOST:
                await self.come_back()
            except (Refused, TimeoutError) as error:
                self.met.errors.append(f"writer {self.number}: {error!r}")
                if len(self.met.errors) > DIGITS:
                    break
                await self.pause(PAUSE_S)
        await self.tab.close()
        return self.met

    async def agree(self) -> None:
        await self.tab.send(await self.find("button", label="I agree"), trigger_value=True)
        rounds = StringArray(data=[str(ROUNDS)])
        await self.tab.send(await self.find("button_group", "_rounds"), string_array_value=rounds)

    async def write(self) -> None:
        """Draw what the page asks for in two strokes, and save it."""
        await self.until(self.asked)
        label, chance = int(self.asked()), self.random.randrange
        points = [(chance(60, SIDE - 60), chance(60, SIDE - 60)) for _ in range(5)]
        for strokes in ([points[:3]], [points[:3], points[2:]]):
            await self.pause(STROKE_S)
            self.met.strokes.append(await self.sheet(drawing(strokes)))
        await self.pause(STROKE_S)
        written, button = self.written(), await self.find("button", "handwriting_save")
        self.met.saves.append(save := Save(label, time.time()))
        await self.tab.send(button, trigger_value=True)
        await self.until(lambda: self.written() == written + 1)
        save.answered = time.time()
        if self.written() < DIGITS:  # the browser sends the sheet that the server has cleared
            await self.sheet(drawing([]))
        await self.pause(PAUSE_S)

    async def pause(self, seconds: tuple[float, float]) -> None:
        await asyncio.sleep(self.random.uniform(*seconds))

    async def sheet(self, value: str) -> float:
        return await self.tab.send(
            await self.find("bidi_component", "draw_canvas_handwriting"), json_value=value
        )

    async def come_back(self) -> None:
        """Connect again, as a browser does; a save without an answer counts if it was kept."""
        await self.tab.close()
        self.tab.query, begin = self.query, time.time()  # as in the address of a browser
        while time.time() < begin + GONE_S:
            with suppress(*LOST, TimeoutError, Refused):
                self.tab.lost = ""
                await self.tab.open()
                await self.agree()
                await self.until(lambda: self.written() or len(self.met.saves) < 2)
                break
            await asyncio.sleep(RETRY_S)
        self.met.reconnected.append(time.time())
        if self.written() < len(self.met.saves):
            self.met.saves.pop()

    async def find(self, kind: str, key: str = "", label: str = "") -> Node:
        """Return a widget, once the page shows it."""
        await self.until(lambda: next(self.tab.shown.find(kind, key, label), None))
        return next(self.tab.shown.find(kind, key, label))

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for the page: what a click has changed may be drawn by one more run."""
        deadline = time.time() + ANSWER_S
        while not condition():
            if self.tab.lost:
                raise ConnectionError(self.tab.lost)
            if time.time() > deadline:
                raise Refused("the page does not show what a writer needs")
            await asyncio.sleep(0.02)

    def asked(self) -> str:
        """Return the digit that the page asks for, empty before it asks."""
        bodies = (node.proto.body for node in self.tab.shown.all("heading"))
        return next((found[1] for body in bodies if (found := PROMPT.search(body))), "")

    def written(self) -> int:
        """Return how many digits the page counts, and keep the number of this writer."""
        for node in self.tab.shown.all("expandable"):
            if found := OWN.match(node.proto.label):
                self.met.writer = int(found[2])
                return int(found[1])
        return 0


async def write_all(address: str, class_token: str, count: int) -> list[Record]:
    """Run all writers at once; return their records."""
    writers = [Writer(number, address, class_token) for number in range(count)]
    return await asyncio.gather(*(writer.live() for writer in writers))


if __name__ == "__main__":
    found = asyncio.run(write_all(sys.argv[1], sys.argv[2], int(sys.argv[3])))
    Path(sys.argv[4]).write_text(json.dumps([asdict(record) for record in found]))
