"""Bytes, frames and elements of the pages in a browser: `python -m benchmarks.weight`, 3 minutes.

A first visit to each page with an empty cache, in the order of the sidebar, then a second visit.
Reports per page the files and kilobytes (of 1,000 bytes) that came over HTTP as they were
transferred, the frames and kilobytes of the websocket as the browser unpacked them, and the number
of elements of the page. Then what the server spends on a file that it has compressed before.
"""

import gzip
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

from playwright.sync_api import CDPSession, Page

from benchmarks.feel import PAGES, heading
from tests.browser.driver import DESKTOP, browser, go, open_page, serve

QUIET_MS = 1500  # after the last script, for what figures fetch


@dataclass
class Traffic:
    """What a page received since it was last asked."""

    files: int = 0
    file_bytes: int = 0
    frames: int = 0
    frame_bytes: int = 0


class Counter:
    """Counts what a page receives, through the Chrome DevTools Protocol."""

    def __init__(self, page: Page) -> None:
        self._seen = Traffic()
        session: CDPSession = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.loadingFinished", self._file)
        session.on("Network.webSocketFrameReceived", self._frame)

    def _file(self, event: dict) -> None:
        self._seen.files += 1
        self._seen.file_bytes += int(event["encodedDataLength"])

    def _frame(self, event: dict) -> None:
        data, binary = event["response"]["payloadData"], event["response"]["opcode"] == 2
        self._seen.frames += 1
        self._seen.frame_bytes += len(data) * 3 // 4 if binary else len(data)  # base64

    def take(self) -> Traffic:
        seen, self._seen = self._seen, Traffic()
        return seen


def tell(name: str, seen: Traffic, elements: int | str = "") -> None:
    print(
        f"| {name} | {seen.files} | {seen.file_bytes / 1e3:,.0f} | {seen.frames} "
        f"| {seen.frame_bytes / 1e3:,.0f} | {elements} |",
        flush=True,
    )


def visit(page: Page, counter: Counter, which: str) -> Traffic:
    """Visit each page once; return the sum."""
    total = Traffic()
    for title, words in PAGES.items():
        go(page, title)
        heading(page, words)
        page.wait_for_timeout(QUIET_MS)
        seen = counter.take()
        tell(f"{title}, {which}", seen, page.evaluate("document.querySelectorAll('*').length"))
        for part in vars(total):
            setattr(total, part, getattr(total, part) + getattr(seen, part))
    return total


def server_seconds(address: str) -> None:
    """Report the seconds of a large file, plain and compressed, and of one compression."""
    with urlopen(address) as answer:
        page = answer.read().decode()
    largest = "static/js/" + page.partition("static/js/")[2].partition('"')[0]
    figures: dict[str, list[float]] = {"identity": [], "gzip": []}
    size = {}
    for _ in range(12):
        for coding, seconds in figures.items():
            asked = Request(f"{address}/{largest}", headers={"Accept-Encoding": coding})
            begin = time.perf_counter()
            with urlopen(asked) as answer:
                size[coding] = len(answer.read())
            seconds.append(time.perf_counter() - begin)
    for coding, seconds in figures.items():
        milliseconds = 1000 * statistics.median(seconds)
        print(f"{largest}, {coding}: {size[coding] / 1e3:,.0f} kB, {milliseconds:.1f} ms")
    with urlopen(f"{address}/{largest}") as answer:
        data = answer.read()
    begin = time.perf_counter()
    gzip.compress(data)
    print(f"one compression of it: {1000 * (time.perf_counter() - begin):.0f} ms")


def main() -> None:
    print("| page | files | kB | frames | kB in frames | elements |")
    print("| --- | --- | --- | --- | --- | --- |")
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(Path(folder)) as server,
        browser() as opened,
    ):
        page = opened.new_page(**DESKTOP)
        counter = Counter(page)
        open_page(page, server.address)
        page.wait_for_timeout(QUIET_MS)
        first = counter.take()
        tell("first page", first, page.evaluate("document.querySelectorAll('*').length"))
        every = visit(page, counter, "first visit")
        for part in vars(every):
            setattr(every, part, getattr(every, part) + getattr(first, part))
        tell("all pages", every)
        visit(page, counter, "second visit")
        server_seconds(server.address)


if __name__ == "__main__":
    main()
