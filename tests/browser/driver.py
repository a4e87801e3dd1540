"""The real app in a real browser, for tests, screenshots and benchmarks."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)

from mnist_core.utils.paths import PROJECT
from tests.helpers import LOOK_INSIDE

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "user_agent": "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36",
}
"""Settings of a browser's context: `browser.new_context(**PHONE)`."""

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Streamlit looks for its server below the page's own path first, which a deep link makes a 404.
PROBE = re.compile(r"/\w+/_stcore/(health|host-config)$")
LONG_MS = 90_000

expect.set_options(timeout=30_000)


@dataclass
class Server:
    """A running app: its address, its process, and the file that has its log."""

    address: str
    process: subprocess.Popen
    log: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serve(folder: Path, database_url: str | None = None, *options: str) -> Iterator[Server]:
    """`streamlit run app.py` on a free port, with a database of its own in a folder."""
    port, log = free_port(), folder / "server.log"
    url = database_url or f"sqlite:///{folder / 'runs.db'}"
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    command += ["--server.headless", "true", "--server.port", str(port)]
    command += ["--server.address", "127.0.0.1", *options]
    environment = os.environ | {"MNIST_DATABASE_URL": url}
    with log.open("w") as file:
        process = subprocess.Popen(
            command, cwd=PROJECT, env=environment, stdout=file, stderr=subprocess.STDOUT
        )
    server = Server(f"http://127.0.0.1:{port}", process, log)
    try:
        wait_for_health(server)
        yield server
    finally:
        process.terminate()
        process.wait(30)


def wait_for_health(server: Server, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urlopen(f"{server.address}/_stcore/health") as answer:
                if answer.status == 200:
                    return
        except OSError:
            assert server.process.poll() is None, server.log.read_text()
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.02)


@contextmanager
def browser() -> Iterator[Browser]:
    """Chromium as Debian packs it."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@dataclass
class Watched:
    """What the browser complained of, and what it asked of others than the app."""

    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


def watch(context: BrowserContext, server: Server) -> Watched:
    """Note the console's warnings and errors, and every request, of all pages of a context."""
    seen = Watched()
    ours = (server.address, server.address.replace("http", "ws"), "data:", "blob:")

    def console(message: ConsoleMessage) -> None:
        probing = PROBE.search(message.location.get("url", ""))
        if message.type in ("warning", "error") and not probing:
            seen.complaints.append(message.text)

    def requested(request: Request) -> None:
        if not request.url.startswith(ours):
            seen.elsewhere.append(request.url)

    context.on("console", console)
    context.on("weberror", lambda error: seen.complaints.append(str(error.error)))
    context.on("request", requested)
    return seen


def settle(page: Page) -> None:
    """Wait until no script runs."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=LONG_MS)


def open_page(page: Page, address: str) -> None:
    """Go to an address, and wait until its page is drawn and the address follows what it shows."""
    page.goto(address)
    page.get_by_role("heading", level=1).wait_for(timeout=LONG_MS)
    page.wait_for_function("() => window[Symbol.for('mnist.history')]", timeout=LONG_MS)
    settle(page)


def fits(page: Page) -> bool:
    """Nothing is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def go(page: Page, title: str) -> None:
    """Take the navigation to a page, as its title says it: "3 Train"."""
    folded = page.get_by_test_id("stExpandSidebarButton")
    if folded.is_visible():
        folded.click()
    page.get_by_test_id("stSidebarNavLink").filter(has_text=title).click()
    settle(page)


def look(page: Page, view: str) -> None:
    """Open a view of Look inside: its group, and where that has several, the view."""
    group = LOOK_INSIDE[view]
    page.get_by_role("tab", name=group, exact=True).click()
    settle(page)
    if list(LOOK_INSIDE.values()).count(group) > 1:
        page.get_by_role("radio", name=view, exact=True).click()
        settle(page)


def draw(page: Page, *strokes: list[tuple[float, float]]) -> None:
    """Draw on the sheet with the mouse; points are shares of its width and height."""
    sheet = page.locator("canvas.upper-canvas").first
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    assert box
    for stroke in strokes:
        (x, y), *rest = [
            (box["x"] + a * box["width"], box["y"] + b * box["height"]) for a, b in stroke
        ]
        page.mouse.move(x, y)
        page.mouse.down()
        for x, y in rest:
            page.mouse.move(x, y, steps=8)
        page.mouse.up()


SEVEN = [(0.25, 0.2), (0.75, 0.2), (0.45, 0.85)]
