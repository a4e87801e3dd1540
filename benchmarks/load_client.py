"""Students without browsers, for `benchmarks.load`, who browse, edit, draw and train.

`python -m benchmarks.load_client ADDRESS FIRST COUNT SECONDS FILE` writes the results to a file.
"""

import asyncio
import base64
import io
import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageDraw
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.Common_pb2 import DoubleArray, StringArray
from websockets.exceptions import ConnectionClosed

from benchmarks.load_marks import mark, students_in
from benchmarks.load_page import Node, Shown
from benchmarks.load_protocol import Tab
from ui.widgets.canvas import PENS, SIDE

ARRIVE_S = 0.3  # between two students
THINK_S = (2.0, 8.0)
OFTEN = (4, 3, 3, 2, 1)  # browse, edit, draw, learn, train
NETWORK = "C4 M F D16"  # two cores must keep up with a class


class Over(Exception):
    """The lesson is over."""


@dataclass
class Met:
    """Results of all students of a process: seconds by action, errors, and marks they saw."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    messages: int = 0
    bytes: int = 0
    own_marks: int = 0
    foreign_marks: int = 0
    trainings: int = 0
    cpu_s: float = 0.0


class Student:
    """One session, from its arrival to the end of the lesson."""

    def __init__(self, number: int, address: str, until: float, met: Met) -> None:
        self.number, self.until, self.met = number, until, met
        self.random = random.Random(number)
        looked = met.seconds["Look again (a timer)"].append
        self.tab = Tab(address, self.search, Shown(self.check), looked)
        self.strokes: list[list[tuple[int, int]]] = []

    def search(self, data: bytes) -> None:
        """Search a message for marks of students."""
        self.met.messages += 1
        self.met.bytes += len(data)
        whose = students_in(data)
        self.met.own_marks += self.number in whose
        if whose - {self.number}:
            self.met.foreign_marks += 1

    def check(self, node: Node) -> None:
        """Record an element that reports an error."""
        if node.kind == "exception" or (node.kind == "alert" and node.proto.format == Alert.ERROR):
            words = " ".join(str(node.proto).split())[:200]
            self.met.errors.append(f"student {self.number}: {words}")

    async def live(self) -> None:
        """Arrive, set up a network, then act at random until the lesson is over."""
        await asyncio.sleep(ARRIVE_S * (self.number % 50))
        try:
            begin = time.perf_counter()
            await self.tab.arrive()
            self.met.seconds["Get the page"].append(time.perf_counter() - begin)
            await self.timed("First page", self.tab.open())
            await self.set_up()
            doings = (self.browse, self.edit, self.draw, self.learn, self.train)
            while True:
                await self.random.choices(doings, OFTEN)[0]()
        except Over:
            pass
        except (ConnectionError, ConnectionClosed, OSError) as error:
            self.met.errors.append(f"student {self.number}: connection lost: {error!r}")
        finally:
            await self.tab.close()

    async def timed(self, kind: str, doing: Awaitable[float]) -> None:
        """Run an action, record its seconds, and pause."""
        try:
            self.met.seconds[kind].append(await doing)
        except TimeoutError:
            self.met.errors.append(f"student {self.number}: no answer to: {kind}")
        if time.time() > self.until:
            raise Over
        await asyncio.sleep(self.random.uniform(*THINK_S))

    async def use(self, what: str, kind: str, key: str, label: str = "", **value: object) -> None:
        """Set the first widget of the page that matches key and label."""
        node = next(self.tab.shown.find(kind, key, label), None)
        if node is None:
            self.met.errors.append(f"student {self.number}: {what}: no {kind} {key}{label}")
        else:
            await self.timed(what, self.tab.send(node, **value))

    async def go(self, page: str) -> None:
        await self.timed(f"Move to {page or 'home'}", self.tab.go(page))

    async def set_up(self) -> None:
        """Set up a small network with this student's seed."""
        await self.go("build")
        what = "Edit on Build"
        await self.use(what, "text_input", "build_notation", string_value=NETWORK)
        for name, value in (("epochs", 1), ("limit", 1000), ("batch_size", 128)):
            await self.use(what, "number_input", f"_{name}", double_value=float(value))
        await self.use(what, "number_input", "_seed", double_value=float(mark(self.number)))

    async def browse(self) -> None:
        """Open a page to read, and one of its parts."""
        page = self.random.choice(["", "data", "results", "look", "compare", "tune"])
        await self.go(page)
        if page == "look":
            number = float(self.random.randrange(10_000))
            what = "Another image on Look inside"
            await self.use(what, "number_input", "look_image", double_value=number)
        if page in ("data", "results", "compare"):
            tabs = [node.proto.label for node in self.tab.shown.all("tab")] or [""]
            name, what = self.random.choice(tabs), f"Another tab of {page}"
            await self.use(what, "tab_container", f"{page}_tab", string_value=name)

    async def choose(self, what: str, key: str) -> None:
        """Choose another option of a widget."""
        node = next(self.tab.shown.find("button_group", key), None)
        names = [option.content for option in node.proto.options] if node else [""]
        value = StringArray(data=[self.random.choice(names)])
        await self.use(what, "button_group", key, string_array_value=value)

    async def edit(self) -> None:
        """Edit some numbers of the network, and one training setting."""
        await self.go("build")
        for _ in range(2):
            filters = float(self.random.randint(2, 8))
            await self.use("Edit on Build", "number_input", "_filters", double_value=filters)
        rate = self.random.choice([0.001, 0.002, 0.003])
        await self.use("Edit on Build", "number_input", "_learning_rate", double_value=rate)

    async def draw(self) -> None:
        """Draw some strokes, each of which the network reads, and clear the canvas."""
        await self.go("draw")
        for _ in range(self.random.randint(1, 3)):
            chance = self.random.randrange
            points = [(chance(40, SIDE - 40), chance(40, SIDE - 40)) for _ in range(4)]
            self.strokes.append(points)
            value = drawing(self.strokes)
            await self.use("A stroke on Draw", "bidi_component", "draw_canvas", json_value=value)
        await self.use("Clear the sheet", "button", "draw_clear", trigger_value=True)
        self.strokes = []

    async def learn(self) -> None:
        """Open an idea, and move its first slider."""
        await self.go("learn")
        if next(self.tab.shown.find("button_group", "learn_idea"), None):
            await self.choose("Another idea on Learn", "learn_idea")
        slider = next(self.tab.shown.find("slider", "idea"), None)
        if slider:
            value = DoubleArray(data=[slider.proto.min + slider.proto.step])
            what = "A slider on Learn"
            await self.timed(what, self.tab.send(slider, double_array_value=value))

    async def train(self) -> None:
        """Start a training, watch it for a while, and sometimes stop it."""
        await self.go("train")
        await self.use("Start a training", "button", "", "Start training", trigger_value=True)
        self.met.trainings += 1
        await asyncio.sleep(self.random.uniform(*THINK_S))
        stop = next(self.tab.shown.find("button", label="Stop"), None)
        if stop and not stop.proto.disabled and self.random.random() < 0.4:
            await self.timed("Stop a training", self.tab.send(stop, trigger_value=True))


def drawing(strokes: list[list[tuple[int, int]]]) -> str:
    """Return the canvas's message: its strokes, and a picture of them."""
    picture = Image.new("RGBA", (SIDE, SIDE), "black")
    pen = ImageDraw.Draw(picture)
    for points in strokes:
        pen.line(points, "white", PENS["Medium"], "curve")
    file = io.BytesIO()
    picture.save(file, "PNG")
    address = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    paths = [
        {
            "type": "Path",
            "stroke": "#ffffff",
            "strokeWidth": PENS["Medium"],
            "path": [["M", *points[0]]] + [["L", *point] for point in points[1:]],
        }
        for points in strokes
    ]
    raw = {"version": "6.7.1", "objects": paths, "background": "#000000"}
    return json.dumps({"drawing": {"raw": raw, "data": address}, "backgroundFit": None})


async def lesson(address: str, first: int, count: int, seconds: float) -> Met:
    """Run `count` students at once for some seconds; return their results."""
    met, until = Met(), time.time() + seconds
    students = [Student(number, address, until, met) for number in range(first, first + count)]
    await asyncio.gather(*(student.live() for student in students))
    met.cpu_s = time.process_time()
    return met


if __name__ == "__main__":
    where, file = sys.argv[1], Path(sys.argv[5])
    met = asyncio.run(lesson(where, int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
    file.write_text(json.dumps(vars(met)))
