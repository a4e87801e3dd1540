"""Students with real browsers, for `benchmarks.load`, who use mouse and keyboard.

Only what causes a rerun is timed: not a page or tab already open, nor a value already set.

`python -m benchmarks.load_browser ADDRESS FIRST COUNT SECONDS FILE` writes the results to a file.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Awaitable
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Browser, ConsoleMessage, WebSocket, async_playwright
from playwright.async_api import TimeoutError as TooLong

from benchmarks.load_client import NETWORK, OFTEN, THINK_S, Met, Over
from benchmarks.load_marks import mark, students_in
from tests.browser.driver import CHROMIUM, DESKTOP, FLAGS, PROBE

LONG_MS = 60_000

# When the student acted last, when a script began and when the last one ended, in ms of the page.
WATCH = """
window.seen = {acted: 0, began: 0, ended: 0};
for (const kind of ["pointerdown", "pointerup", "keydown"])
    addEventListener(kind, () => { seen.acted = performance.now(); }, true);
new MutationObserver(changes => {
    for (const {target} of changes)
        if (target.dataset?.testScriptState === "running") seen.began = performance.now();
        else if (target.dataset?.testScriptState === "notRunning") seen.ended = performance.now();
}).observe(document, {subtree: true, attributeFilter: ["data-test-script-state"]});
"""
OVER = """() => seen.began > seen.acted && seen.ended > seen.began
    ? seen.ended - seen.acted : null"""
PAGES = ("Home", "1 Data", "4 Results", "5 Look inside", "7 Compare", "8 Tune")


class Visitor:
    """A browser context with its own cookies."""

    def __init__(self, number: int, address: str, until: float, met: Met) -> None:
        self.number, self.address, self.until, self.met = number, address, until, met
        self.random = random.Random(number)

    async def live(self, opened: Browser) -> None:
        """Arrive, set up a network, then act at random until the lesson is over."""
        context = await opened.new_context(**DESKTOP)
        await context.add_init_script(WATCH)
        context.set_default_timeout(LONG_MS)
        context.on("console", self.console)
        context.on("weberror", lambda error: self.complain(str(error.error)))
        self.page = await context.new_page()
        self.page.on("websocket", self.listen)
        try:
            await self.arrive()
            await self.set_up()
            doings = (self.browse, self.edit, self.draw, self.learn, self.train)
            while True:
                await self.random.choices(doings, OFTEN)[0]()
                if await self.page.get_by_text("This page has failed").count():
                    self.complain("This page has failed")
        except Over:
            pass
        except TooLong as error:
            self.complain(str(error)[:300])
        await context.close()

    def complain(self, words: str) -> None:
        self.met.errors.append(f"browser {self.number}: {words}")

    def console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not PROBE.search(message.location.get("url", "")):
            self.complain(message.text)

    def listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self.search)

    def search(self, data: bytes | str) -> None:
        """Search a message for marks of students."""
        data = data.encode() if isinstance(data, str) else data
        self.met.messages += 1
        self.met.bytes += len(data)
        whose = students_in(data)
        self.met.own_marks += self.number in whose
        self.met.foreign_marks += bool(whose - {self.number})

    async def arrive(self) -> None:
        begin = time.perf_counter()
        await self.page.goto(self.address)
        await self.page.get_by_text("Begin with the images").wait_for()
        await self.page.wait_for_function("() => seen.ended > 0", polling="raf")
        self.met.seconds["First page"].append(time.perf_counter() - begin)
        await self.think()

    async def think(self) -> None:
        if time.time() > self.until:
            raise Over
        await asyncio.sleep(self.random.uniform(*THINK_S))

    async def timed(self, what: str, doing: Awaitable[object]) -> None:
        """Record the seconds from an input to the moment when no script runs."""
        try:
            await doing
            over = await self.page.wait_for_function(OVER, polling="raf")
            self.met.seconds[what].append(await over.json_value() / 1000)
        except TooLong as error:
            self.complain(f"{what}: {str(error)[:200]}")
        await self.think()

    async def go(self, title: str) -> None:
        link = self.page.get_by_test_id("stSidebarNavLink").filter(has_text=title)
        there = urlsplit(await link.get_attribute("href") or "").path
        if there.rstrip("/") == urlsplit(self.page.url).path.rstrip("/"):
            return
        await self.timed(f"Move to {title.split()[-1].lower()}", link.click())

    async def fill(self, label: str, value: str) -> None:
        box = self.page.get_by_label(label, exact=True).first
        if await box.input_value() == value:
            return
        await box.fill(value)
        await self.timed("Edit on Build", box.press("Enter"))

    async def set_up(self) -> None:
        await self.go("2 Build")
        await self.fill("Or from the short notation", NETWORK)
        for label, value in (("epochs", 1), ("batch_size", 128), ("seed", mark(self.number))):
            await self.fill(label, str(value))
        await self.fill("limit", "1000")

    async def browse(self) -> None:
        await self.go(self.random.choice(PAGES))
        tabs = await self.page.get_by_role("tab", selected=False).all()
        if tabs:
            await self.timed("Another tab", self.random.choice(tabs).click())

    async def edit(self) -> None:
        await self.go("2 Build")
        for _ in range(2):
            await self.fill("filters of layer 1", str(self.random.randint(2, 8)))

    async def draw(self) -> None:
        await self.go("6 Draw")
        for _ in range(self.random.randint(1, 3)):
            await self.timed("A stroke on Draw", self.stroke())
        clear = self.page.get_by_role("button", name="Clear", exact=True)
        await self.timed("Clear the sheet", clear.click())

    async def stroke(self) -> None:
        box = await self.page.locator("canvas.upper-canvas").first.bounding_box()
        assert box
        mouse = self.page.mouse
        for at in range(4):
            x, y = (self.random.uniform(0.15, 0.85) for _ in range(2))
            await mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=6)
            if not at:
                await mouse.down()
        await mouse.up()

    async def learn(self) -> None:
        await self.go("9 Learn")
        slider = self.page.get_by_role("slider").first
        if await slider.count():
            now, most = [await slider.get_attribute(f"aria-value{end}") for end in ("now", "max")]
            key = "ArrowLeft" if now == most else "ArrowRight"
            await self.timed("A slider on Learn", slider.press(key))

    async def train(self) -> None:
        await self.go("3 Train")
        start = self.page.get_by_role("button", name="Start training")
        await self.timed("Start a training", start.click())
        self.met.trainings += 1
        await self.think()


async def lesson(address: str, first: int, count: int, seconds: float) -> Met:
    """Run `count` browsers at once for some seconds; return their results."""
    met, until = Met(), time.time() + seconds
    visitors = [Visitor(number, address, until, met) for number in range(first, first + count)]
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        await asyncio.gather(*(visitor.live(opened) for visitor in visitors))
        await opened.close()
    return met


if __name__ == "__main__":
    where, file = sys.argv[1], Path(sys.argv[5])
    met = asyncio.run(lesson(where, int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
    file.write_text(json.dumps(vars(met)))
