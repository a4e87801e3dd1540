"""Takes pictures of the real app: `python -m docs.screenshots`, three minutes.

Light ones go beside this file, for the README; `python -m docs.screenshots all FOLDER` takes every
page in light, dark and on a phone, to look at.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect

from mnist_core.dataset import mnist
from mnist_core.experiments import studies
from mnist_core.experiments.search_space import Range, Space, Study
from mnist_core.network.naming import describe
from mnist_core.network.presets import find
from mnist_core.network.settings import change_settings
from mnist_core.network.spec import Split
from mnist_core.storage import handwriting
from mnist_core.storage.runs import Store
from tests.browser.driver import DESKTOP, LONG_MS, PHONE, SEVEN, browser, draw, serve, settle

HERE = Path(__file__).parent
KINDS = {"light": DESKTOP, "dark": DESKTOP | {"color_scheme": "dark"}, "phone": PHONE}
PAGES = {
    name: "" if name == "home" else name
    for name in ("home", "data", "build", "train", "results", "look", "draw", "compare", "tune")
} | {
    "learn": "learn?idea=convolution",
    "lesson": "build?lesson=first-network",
    "handwriting": "handwriting?handwriting_tab=Wall",
}
"""Addresses by the names of the pictures."""
NOTE_5 = "network=C8+M+C16+M+F+D64+Drop0.2&split=fraction&fraction=0.2&epochs=3"
TALLEST = 1500  # pixels


def train(page: Page, address: str, folder: Path) -> None:
    """A real training, taken in its second epoch."""
    page.goto(f"{address}/train?{NOTE_5}")
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_text("Epoch 2 of 3").first).to_be_visible(timeout=LONG_MS)
    page.screenshot(path=folder / "train-live.png")
    expect(page.get_by_text("wrong of 10,000").first).to_be_visible(timeout=LONG_MS)
    page.close()


def search(address: str, page: Page, url: str) -> None:
    """A real study of twelve small trials, and a few runs to compare it with."""
    store = Store(url=url)
    base = find("note-5").model_copy(update={"split": Split(limit=12_000, count=2_000)})
    space = Space(
        learning_rate=Range(low=1e-4, high=3e-2),
        batch_size=(32, 64, 128),
        filters=(4, 8, 16),
        dropout=Range(low=0, high=0.5),
    )
    studies.start(store, Study(base=base, space=space, trials=12, trial_epochs=2), "note-5, better")
    for name in ("note-1", "note-3"):
        spec = change_settings(find(name), {"epochs": 2, "limit": 20_000})
        store.create_run(spec, describe(spec))
    page.goto(f"{address}/tune")
    expect(page.get_by_text("12 of 12 trials").first).to_be_visible(timeout=4 * LONG_MS)
    page.goto(f"{address}/train")
    expect(page.get_by_text("The worker is ready").first).to_be_visible(timeout=4 * LONG_MS)
    page.close()


def write(url: str) -> None:
    """Images of the test set, as if twelve people had written them."""
    data, store = mnist.load(), Store(url=url)
    for row in range(160):
        person, image = f"person {row % 12}", data.x_test[row]
        handwriting.add(store, person, int(data.y_test[row]), image, b"")


def take(page: Page, address: str, name: str, file: Path) -> None:
    """One page, down to its end or to TALLEST, after it has come to rest."""
    page.goto(f"{address}/{PAGES[name]}")
    settle(page)
    if name == "draw":
        draw(page, SEVEN)
        expect(page.get_by_test_id("stMain")).to_contain_text("a 7", timeout=LONG_MS)
    if name == "handwriting":
        page.get_by_role("combobox", name="Network").click()
        page.get_by_role("option").last.click()
        expect(page.get_by_text("correctly")).to_be_visible(timeout=LONG_MS)
    if name == "look":
        page.get_by_text("TensorFlow put out").wait_for(timeout=LONG_MS)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    width, height = page.get_by_test_id("stMain").evaluate(
        "main => [window.innerWidth, main.scrollHeight]"
    )
    page.set_viewport_size({"width": width, "height": min(height, TALLEST)})
    page.wait_for_timeout(1500)  # charts fade in
    page.screenshot(path=file)
    page.close()


def main(kinds: list[str], folder: Path) -> None:
    with tempfile.TemporaryDirectory() as data, serve(Path(data)) as server, browser() as opened:
        train(opened.new_page(**DESKTOP), server.address, folder)
        search(server.address, opened.new_page(**DESKTOP), f"sqlite:///{data}/runs.db")
        write(f"sqlite:///{data}/runs.db")
        for kind in kinds:
            context = opened.new_context(**KINDS[kind])
            for name in PAGES:
                if name == "train" and folder == HERE:
                    continue  # the README shows a training instead
                take(context.new_page(), server.address, name, folder / f"{name}-{kind}.png")
            context.close()


if __name__ == "__main__":
    if sys.argv[1:2] == ["all"]:
        main(list(KINDS), Path(sys.argv[2]))
    else:
        main(["light"], HERE)
