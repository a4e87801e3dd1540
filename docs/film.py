"""Films the real app for the README: `python -m docs.film`, two minutes.

A digit is drawn and read, a network trains, and a test image goes through its layers.
"""

import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.driver import LONG_MS, browser, open_page, serve, settle

FILE = Path(__file__).parent / "film.gif"
WINDOW: ViewportSize = {"width": 1280, "height": 800}
SIZE = (800, 500)
NOTE_5 = "network=C8+M+C16+M+F+D64+Drop0.2&split=fraction&fraction=0.2&epochs=2"
THREE = [(0.3, 0.2), (0.68, 0.2), (0.5, 0.45), (0.7, 0.6), (0.65, 0.8), (0.3, 0.82)]

Frame = tuple[Image.Image, int]
"""A picture, and how many milliseconds it stays."""


def frame(page: Page, milliseconds: int) -> Frame:
    picture = (
        Image.open(io.BytesIO(page.screenshot()))
        .convert("RGB")
        .resize(SIZE, Image.Resampling.LANCZOS)
    )
    return picture.quantize(128, dither=Image.Dither.NONE), milliseconds


def drawing(page: Page, address: str) -> list[Frame]:
    """A three, stroke by stroke, while the bars move."""
    open_page(page, f"{address}/draw")
    sheet = page.locator("canvas.upper-canvas").first
    sheet.wait_for(timeout=LONG_MS)
    expect(page.get_by_text("The worker is ready").first).to_be_visible(timeout=LONG_MS)
    box, frames = sheet.bounding_box(), [frame(page, 400)]
    assert box
    points = [(box["x"] + a * box["width"], box["y"] + b * box["height"]) for a, b in THREE]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=12)
        page.wait_for_timeout(350)
        frames.append(frame(page, 260))
    page.mouse.up()
    expect(page.get_by_test_id("stMain")).to_contain_text("a 3", timeout=LONG_MS)
    page.wait_for_timeout(600)
    return [*frames, frame(page, 1800)]


def training(page: Page, address: str) -> list[Frame]:
    """Two epochs of note-5, two pictures per second."""
    open_page(page, f"{address}/train?{NOTE_5}")
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_text("Epoch 1 of 2").first).to_be_visible(timeout=LONG_MS)
    frames, over = [], page.get_by_text("wrong of 10,000")
    while over.count() == 0 and len(frames) < 40:
        page.wait_for_timeout(500)
        frames.append(frame(page, 220))
    expect(over.first).to_be_visible(timeout=LONG_MS)
    settle(page)
    return [*frames, frame(page, 1800)]


def looking(page: Page, address: str) -> list[Frame]:
    """The feature maps of a test image, and its saliency."""
    frames = []
    for tab, words in (("Feature maps", "TensorFlow put out"), ("Saliency", "Grad-CAM")):
        open_page(page, f"{address}/look?look_tab={tab.replace(' ', '+')}&image=0")
        page.get_by_text(words).first.wait_for(timeout=LONG_MS)
        page.wait_for_timeout(2500)
        frames.append(frame(page, 2200))
    return frames


def main() -> None:
    with tempfile.TemporaryDirectory() as data, serve(Path(data)) as server, browser() as opened:
        page = opened.new_page(viewport=WINDOW)
        frames = [
            *drawing(page, server.address),
            *training(page, server.address),
            *looking(page, server.address),
        ]
    pictures, durations = zip(*frames, strict=True)
    first, *rest = pictures
    first.save(FILE, save_all=True, append_images=rest, duration=durations, loop=0, optimize=True)
    print(f"{len(frames)} pictures, {FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
