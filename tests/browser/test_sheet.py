"""Strokes on the real sheet, by mouse and by touch, wherever they begin."""

import io
import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.driver import DESKTOP, LONG_MS, PHONE, Server, draw, settle

STARTS = list(itertools.product((0.03, 0.25, 0.5, 0.75, 0.97), (0.02, 0.08, 0.2, 0.5, 0.8, 0.98)))
"""Thirty places all over the sheet, its corners and edges among them."""


@pytest.fixture(params=[DESKTOP, PHONE], ids=["mouse", "touch"])
def sheet(request, browser: Browser, server: Server) -> Iterator[Page]:
    """The page Draw with an empty sheet, on a computer and on a phone."""
    page = browser.new_page(**request.param)
    page.goto(f"{server.address}/draw")
    expect(page.locator("canvas.upper-canvas").first).to_be_visible(timeout=LONG_MS)
    settle(page)
    yield page
    page.close()


def bright(page: Page, places: list[tuple[float, float]]) -> list[bool]:
    """Whether there is ink at places of the sheet, as one sees it."""
    seen = Image.open(io.BytesIO(page.locator("canvas.upper-canvas").first.screenshot()))
    grey = np.asarray(seen.convert("L"))
    height, width = grey.shape
    return [bool(grey[int(y * height), int(x * width)] > 128) for x, y in places]


def is_bright(page: Page, x: float, y: float) -> bool:
    return bright(page, [(x, y)])[0]


def wait_for_ink(page: Page, x: float, y: float, there: bool) -> None:
    """Wait until there is ink at a place of the sheet, or none."""
    for _ in range(100):
        if is_bright(page, x, y) is there:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{x}, {y} stayed {'blank' if there else 'inked'}")


def touch(page: Page, x: float, y: float, to_x: float, to_y: float) -> None:
    """Draw a stroke with a finger, as the browser's own input does."""
    box = page.locator("canvas.upper-canvas").first.bounding_box()
    assert box
    session = page.context.new_cdp_session(page)
    for kind, share in (("touchStart", 0.0), *(("touchMove", n / 4) for n in range(1, 5))):
        place = {
            "x": box["x"] + box["width"] * (x + share * (to_x - x)),
            "y": box["y"] + box["height"] * (y + share * (to_y - y)),
        }
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [place]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


@pytest.mark.slow
def test_a_stroke_arrives_wherever_it_begins(sheet):
    is_phone = sheet.viewport_size["width"] < 500
    sheet.locator("canvas.upper-canvas").first.scroll_into_view_if_needed()
    top = sheet.evaluate("window.scrollY")
    for x, y in STARTS:
        middle = x + 0.3 * (0.5 - x), y + 0.3 * (0.5 - y)  # a short stroke towards the middle
        if is_phone:
            touch(sheet, x, y, *middle)
        else:
            draw(sheet, [(x, y), middle])
    swallowed = [at for at, there in zip(STARTS, bright(sheet, STARTS), strict=True) if not there]
    assert swallowed == []
    assert sheet.evaluate("window.scrollY") == top  # a stroke never scrolls the page


@pytest.mark.slow
def test_undo_redo_and_clear_by_key_and_button(sheet):
    draw(sheet, [(0.5, 0.1), (0.5, 0.9)])
    undo = sheet.get_by_role("button", name="Undo")
    expect(undo).to_be_enabled(timeout=LONG_MS)
    draw(sheet, [(0.8, 0.1), (0.8, 0.9)])
    expect(sheet.get_by_text("Show the steps for digit")).to_be_visible()  # two have arrived
    settle(sheet)
    sheet.keyboard.press("Control+z")
    expect(sheet.get_by_role("button", name="Redo")).to_be_enabled()
    settle(sheet)
    wait_for_ink(sheet, 0.8, 0.5, there=False)
    assert is_bright(sheet, 0.5, 0.5)
    sheet.keyboard.press("Control+y")
    expect(sheet.get_by_role("button", name="Redo")).to_be_disabled()
    wait_for_ink(sheet, 0.8, 0.5, there=True)
    sheet.get_by_role("button", name="Clear", exact=True).click()
    wait_for_ink(sheet, 0.5, 0.5, there=False)
    expect(undo).to_be_disabled()
