"""Response times in a browser: `python -m benchmarks.feel`, about five minutes.

Measures the first page, moves between pages, a redraw of Build, the time from a stroke to its
probabilities while another session trains, and the slowdown of a training by the live page (the
same run with and without it, in turn).
"""

import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from mnist_core.network.presets import find
from mnist_core.network.settings import change_settings
from mnist_core.storage.runs import Store
from mnist_core.utils.hardware import describe_processor
from tests.browser.driver import (
    DESKTOP,
    LONG_MS,
    SEVEN,
    Server,
    browser,
    draw,
    go,
    look,
    open_page,
    serve,
    settle,
)

PAGES = {
    "1 Data": "The data",
    "2 Build": "Build a network",
    "3 Train": "Train",
    "4 Results": "Results",
    "5 Look inside": "Look inside",
    "6 Draw": "Draw",
    "7 Compare": "Compare",
    "8 Tune": "Tune",
    "9 Learn": "Learn",
    "Home": "MNIST, understood",
}
VIEWS = {  # of Look inside, with the text that each of them draws last
    "Feature maps": "TensorFlow put out",
    "Filters": "Replay shows how",
    "Top patches": "Follow the first image",
    "Saliency": "Class to enlarge",
    "Adversarial examples": "Why this works",
    "Embedding": "nearest",
    "Replay": "Twenty test digits",
    "Weights": "Each histogram",
    "Robustness": "interval",
    "Suspect labels": "The label is right",
}
ANSWERED = "() => document.querySelector('[data-testid=stPlotlyChart] .bars path')"
"""Whether the page shows the bars of a digit that a network reads."""
WATCH_BARS = """() => {
    let before = "";
    const look = () => {
        const bars = [...document.querySelectorAll("[data-testid=stPlotlyChart] .bars path")];
        const now = bars.map((bar) => bar.getAttribute("d")).join();
        if (now && now !== before) {
            window.barsChanged = performance.now();
        }
        before = now;
        requestAnimationFrame(look);
    };
    look();
}"""
"""Makes the page note when its bars change."""
ROUNDS = 5
TRAINING_ROUNDS = 3


def since(begin: float) -> float:
    """Return the milliseconds since a time of `perf_counter`."""
    return 1000 * (time.perf_counter() - begin)


def tell(what: str, figures: list[float], goal: str) -> None:
    middle, worst = statistics.median(figures), max(figures)
    print(f"| {what} | {middle:,.0f} | {worst:,.0f} | {goal} |", flush=True)


def until(page: Page, condition: str, *given: str) -> None:
    """Wait for a condition, checked in each frame; Playwright's intervals are up to 0.5 s."""
    page.wait_for_function(condition, arg=list(given), polling="raf", timeout=LONG_MS)


def heading(page: Page, words: str) -> None:
    """Wait until the page with this title is shown and no script runs."""
    until(
        page,
        """([words]) => document.querySelector("h1")?.innerText.trim() === words &&
        document.querySelector("[data-testid=stApp]").dataset.testScriptState === "notRunning" """,
        words,
    )


def first_page(opened: Browser) -> None:
    """Measure from the start command to the first page, and to the answer to a stroke on it."""
    painted, answered = [], []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            begin = time.perf_counter()
            with serve(Path(folder)) as server:
                page = opened.new_page(**DESKTOP)
                page.goto(server.address)
                until(page, "() => document.body.innerText.includes('Begin with the images')")
                painted.append(since(begin))
                page.locator("canvas.upper-canvas").first.wait_for()
                draw(page, SEVEN)
                until(page, ANSWERED)
                answered.append(since(begin))
                page.close()
    tell("first page from `streamlit run`", painted, "2,500")
    tell("a stroke on it answered, from `streamlit run`", answered, "5,000")


def moves(page: Page, more: str = "") -> None:
    for title, words in PAGES.items():  # warm
        go(page, title)
        heading(page, words)
    for title, words in PAGES.items():
        figures = []
        for _ in range(ROUNDS):
            go(page, "Home" if title != "Home" else "1 Data")
            page.wait_for_timeout(500)
            link = page.get_by_test_id("stSidebarNavLink").filter(has_text=title)
            begin = time.perf_counter()
            link.click()
            heading(page, words)
            figures.append(since(begin))
        tell(f"move to {title}{more}", figures, "300")


def tabs(page: Page) -> None:
    """Measure moves between the views of Look inside, with all results cached."""
    go(page, "5 Look inside")
    seen = """([words]) => {
        const panel = document.querySelector("[role=tabpanel]:not([hidden])");
        return panel?.innerText.includes(words) && panel.querySelector("img, .main-svg") !== null
        && document.querySelector("[data-testid=stApp]").dataset.testScriptState === "notRunning"
    }"""

    def open_tab(name: str) -> None:
        look(page, name)
        until(page, seen, VIEWS[name])

    look(page, "Suspect labels")
    page.get_by_role("button", name="Look for suspect labels").click()
    for name in VIEWS:  # warm
        open_tab(name)
    for name in VIEWS:
        figures = []
        for _ in range(ROUNDS):
            open_tab("Filters" if name != "Filters" else "Replay")
            page.wait_for_timeout(500)
            begin = time.perf_counter()
            open_tab(name)
            figures.append(since(begin))
        tell(f"Look inside: to {name}", figures, "300")


def ideas(page: Page) -> None:
    """Measure a change of idea on the page Learn, and a step of a slider."""
    go(page, "9 Learn")
    shown = """([name]) =>
        document.querySelector("[role=tabpanel]:not([hidden]) h2")?.innerText.trim() === name"""
    figures, slid = [], []
    for _ in range(ROUNDS):
        for name in ("Softmax", "Convolution"):
            begin = time.perf_counter()
            page.get_by_role("radio", name=name, exact=True).click()
            until(page, shown, name)
            settle(page)
            figures.append(since(begin))
            page.wait_for_timeout(500)
        formula = page.locator(".katex").first
        before = formula.inner_text()
        begin = time.perf_counter()
        page.get_by_role("slider").first.press("ArrowRight")
        until(page, "([old]) => document.querySelector('.katex').innerText !== old", before)
        slid.append(since(begin))
        page.get_by_role("slider").first.press("ArrowLeft")
        settle(page)
    tell("Learn: to another idea", figures, "300")
    tell("Learn: a step of the kernel to its sum", slid, "")


def maps(page: Page) -> None:
    """Measure from Enter in the box of the test image to its new feature maps."""
    look(page, "Feature maps")
    box = page.get_by_label("Number, 0 to 9,999")
    figures = []
    for number in range(100, 100 + 2 * ROUNDS):
        box.fill(str(number))
        picture = page.get_by_alt_text("Output of conv2d_2").first
        before = picture.get_attribute("src") or ""
        begin = time.perf_counter()
        box.press("Enter")
        until(
            page,
            """([before]) => {
                const made = document.querySelector("img[alt^='Output of conv2d_2']");
                return made && made.complete && made.src !== before
            }""",
            before,
        )
        figures.append(since(begin))
        settle(page)
        page.wait_for_timeout(500)
    tell("Look inside: a test image to its feature maps", figures, "150")


def redraw(page: Page) -> None:
    """Measure from Enter in a field to the new parameter count."""
    go(page, "2 Build")
    heading(page, "Build a network")
    filters = page.get_by_label("filters of layer 1")
    shown = page.get_by_test_id("stMetricValue").first
    figures = []
    for number in range(9, 9 + 2 * ROUNDS):
        before = shown.inner_text()
        filters.fill(str(number))
        begin = time.perf_counter()
        filters.press("Enter")
        until(
            page,
            """([before]) => document.querySelector("[data-testid=stMetricValue]")?.innerText
            !== before""",
            before,
        )
        figures.append(since(begin))
        settle(page)
        page.wait_for_timeout(300)
    tell("redraw of Build after an edit", figures, "200")


def strokes(page: Page, trainer: Page, server: Server) -> None:
    """Measure from the end of a stroke to the last change of its bars, beside a training."""
    trainer.goto(f"{server.address}/train?network=note-1")
    trainer.get_by_role("button", name="Start training").click()
    expect(trainer.get_by_text("Epoch 1 of 30").first).to_be_visible(timeout=LONG_MS)
    go(page, "6 Draw")
    heading(page, "Draw")
    figures = []
    page.evaluate(WATCH_BARS)
    for number in range(2 * ROUNDS + 1):
        draw(page, SEVEN)
        ended = page.evaluate("performance.now()")
        until(page, ANSWERED)
        page.wait_for_timeout(1500)  # for all that is sent after the stroke
        if number:  # the first one loads the network
            figures.append(max(0, page.evaluate("window.barsChanged") - ended))
        page.get_by_role("button", name="Clear", exact=True).click()
        until(page, f"() => !({ANSWERED})()")
        settle(page)
    tell("the end of a stroke to its bars, beside a training", figures, "300")
    trainer.get_by_test_id("stMain").get_by_role("button", name="Stop", exact=True).click()
    expect(trainer.get_by_text("Stopped after").first).to_be_visible(timeout=LONG_MS)


def live_cost(opened: Browser, server: Server, store: Store) -> None:
    """Measure the training time of one run without a page, with its live page, and with another.

    Each page is loaded before the training begins, so that only watching counts and not loading.
    """
    spec = change_settings(find("note-1"), {"epochs": 2})
    addresses = {"no page": "", "Train open": "train?network=note-1&epochs=2", "Data open": "data"}
    took: dict[str, list[float]] = {kind: [] for kind in addresses}
    for kind, address in [*addresses.items()] * TRAINING_ROUNDS:
        page = opened.new_page(**DESKTOP)
        if address:
            open_page(page, f"{server.address}/{address}")
        page.wait_for_timeout(5000)
        before = len(store.runs())
        if kind == "Train open":
            page.get_by_role("button", name="Start training").click()
            while len(store.runs()) == before:
                page.wait_for_timeout(50)
            run = store.runs()[0]
        else:
            run = store.create_run(spec)
        while store.run(run.id).state != "finished":
            time.sleep(0.2)
        took[kind].append(sum(epoch.seconds for epoch in store.epochs(run.id)))
        page.close()
    print("\n| a training of two epochs | seconds | median against no page |\n| --- | --- | ---: |")
    for kind, seconds in took.items():
        ratios = [one / plain for one, plain in zip(seconds, took["no page"], strict=True)]
        told = ", ".join(f"{one:.1f}" for one in seconds)
        print(f"| {kind} | {told} | {statistics.median(ratios):.3f} |", flush=True)


def main() -> None:
    print(f"Measured on: {describe_processor()}.\n\n| what | median, ms | worst, ms | goal, ms |")
    print("| --- | ---: | ---: | ---: |")
    with browser() as opened:
        first_page(opened)
        with tempfile.TemporaryDirectory() as folder, serve(Path(folder)) as server:
            page = opened.new_page(**DESKTOP)
            page.goto(server.address)
            expect(page.get_by_text("The worker is ready")).to_be_visible(timeout=LONG_MS)
            page.wait_for_timeout(5000)  # the short trial of the engine is over
            moves(page)
            tabs(page)
            maps(page)
            ideas(page)
            redraw(page)
            strokes(page, opened.new_page(**DESKTOP), server)
            open_page(page, f"{server.address}/?lesson=first-network")
            moves(page, ", a lesson open")
            page.close()
            live_cost(opened, server, Store(url=f"sqlite:///{folder}/runs.db"))


if __name__ == "__main__":
    main()
