"""Strokes on the real sheet, by mouse and by touch, wherever they begin."""

import io
import itertools
import re
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.driver import DESKTOP, LONG_MS, PHONE, SEVEN, Server, draw, settle

STARTS = list(itertools.product((0.03, 0.25, 0.5, 0.75, 0.97), (0.02, 0.08, 0.2, 0.5, 0.8, 0.98)))
"""Thirty places all over the sheet, its corners and edges among them."""


SHEET = "canvas.upper-canvas"
ANSWER = "[data-testid=stPlotlyChart]"
UNCOVERED = """([x, y]) => {
    const there = document.elementFromPoint(x, y);
    return there && !there.closest("[data-testid=stSidebar]");
}"""
"""Whether the sidebar, which closes where the window gets narrow, has left a place."""


@pytest.fixture(
    params=[DESKTOP | {"color_scheme": "light"}, PHONE | {"color_scheme": "dark"}],
    ids=["mouse", "touch"],
)
def sheet(request, browser: Browser, server: Server) -> Iterator[Page]:
    """The page Draw with an empty sheet, on a light computer and on a dark phone."""
    page = browser.new_page(**request.param)
    open_draw(page, server)
    yield page
    page.close()


@pytest.fixture
def desktop(browser: Browser, server: Server) -> Iterator[Page]:
    """The page Draw with an empty sheet and the engine ready."""
    page = browser.new_page(**DESKTOP)
    open_draw(page, server)
    expect(page.get_by_text("The worker is ready")).to_be_visible(timeout=LONG_MS)
    yield page
    page.close()


def open_draw(page: Page, server: Server) -> None:
    page.goto(f"{server.address}/draw")
    expect(page.locator(SHEET).first).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_text("One moment: the worker")).to_have_count(0, timeout=LONG_MS)
    settle(page)


def wait_for_strokes(page: Page, count: int) -> None:
    """Wait until the sheet has sent all strokes."""
    page.wait_for_function(
        "n => JSON.parse(sessionStorage.getItem('mnist-drawing'))?.raw.objects.length === n",
        arg=count,
    )


def is_dark(page: Page) -> bool:
    return page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")


def inked(page: Page, places: list[tuple[float, float]]) -> list[bool]:
    """Whether there is ink at places of the sheet, as one sees it: bright on a dark page alone."""
    seen = Image.open(io.BytesIO(page.locator(SHEET).first.screenshot()))
    grey = np.asarray(seen.convert("L"))
    height, width = grey.shape
    bright = [bool(grey[int(y * height), int(x * width)] > 128) for x, y in places]
    return bright if is_dark(page) else [not one for one in bright]


def is_inked(page: Page, x: float, y: float) -> bool:
    return inked(page, [(x, y)])[0]


def wait_for_ink(page: Page, x: float, y: float, there: bool) -> None:
    """Wait until there is ink at a place of the sheet, or none."""
    for _ in range(100):
        if is_inked(page, x, y) is there:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{x}, {y} stayed {'blank' if there else 'inked'}")


def touch(page: Page, x: float, y: float, to_x: float, to_y: float) -> None:
    """Draw a stroke with a finger, as the browser's own input does."""
    box = page.locator(SHEET).first.bounding_box()
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
    sheet.locator(SHEET).first.scroll_into_view_if_needed()
    top = sheet.evaluate("window.scrollY")
    for x, y in STARTS:
        middle = x + 0.3 * (0.5 - x), y + 0.3 * (0.5 - y)  # a short stroke towards the middle
        if is_phone:
            touch(sheet, x, y, *middle)
        else:
            draw(sheet, [(x, y), middle])
    swallowed = [at for at, there in zip(STARTS, inked(sheet, STARTS), strict=True) if not there]
    assert swallowed == []
    assert sheet.evaluate("window.scrollY") == top  # a stroke never scrolls the page


@pytest.mark.slow
def test_undo_redo_and_clear_by_key_and_button(sheet):
    draw(sheet, [(0.5, 0.1), (0.5, 0.9)])
    undo = sheet.get_by_role("button", name="Undo")
    expect(undo).to_be_enabled(timeout=LONG_MS)
    draw(sheet, [(0.8, 0.1), (0.8, 0.9)])
    wait_for_strokes(sheet, 2)
    expect(sheet.get_by_text("Show the steps for digit")).to_be_visible()
    settle(sheet)
    redo = sheet.get_by_role("button", name="Redo")
    if is_dark(sheet):  # the phone, which has no keys
        undo.click()
    else:
        sheet.keyboard.press("Control+z")
    expect(redo).to_be_enabled()
    settle(sheet)
    wait_for_ink(sheet, 0.8, 0.5, there=False)
    assert is_inked(sheet, 0.5, 0.5)
    if is_dark(sheet):
        redo.click()
    else:
        sheet.keyboard.press("Control+y")
    expect(redo).to_be_disabled()
    wait_for_ink(sheet, 0.8, 0.5, there=True)
    sheet.get_by_role("button", name="Clear", exact=True).click()
    wait_for_ink(sheet, 0.5, 0.5, there=False)
    expect(undo).to_be_disabled()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pen", "box"),
    [
        ("Thick", (0.1, 0.05, 0.9, 0.95)),
        ("Fine", (0.44, 0.42, 0.56, 0.58)),
        ("Thick", (0, 0, 1, 1)),
    ],
    ids=["thick", "tiny", "to the edges"],
)
def test_a_digit_of_any_size_and_pen_is_read(sheet, pen, box):
    sheet.get_by_role("radio", name=pen).click()
    settle(sheet)
    left, top, right, bottom = box
    corners = [(left, top), (right, top), (left, bottom)]  # a 7
    for begin, end in itertools.pairwise(corners):
        if is_dark(sheet):
            touch(sheet, *begin, *end)
        else:
            draw(sheet, [begin, end])
    expect(sheet.get_by_text("Input:")).to_be_visible(timeout=LONG_MS)
    expect(sheet.locator(ANSWER).first).to_be_visible(timeout=LONG_MS)


@pytest.mark.slow
def test_the_bars_move_while_a_stroke_is_drawn(desktop):
    draw(desktop, [(0.5, 0.1), (0.5, 0.5)])
    expect(desktop.locator(ANSWER)).to_be_visible(timeout=LONG_MS)
    clear(desktop)
    box = desktop.locator(SHEET).first.bounding_box()
    assert box
    places = [(0.25, 0.2), (0.75, 0.2), (0.6, 0.5), (0.45, 0.85), (0.2, 0.6), (0.8, 0.7)]
    seen = []
    for number, (x, y) in enumerate(places):
        desktop.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=5)
        if number == 0:
            desktop.mouse.down()
            continue
        seen.append(other_bars(desktop, seen[-1] if seen else ""))
    assert len({*seen}) == len(places) - 1
    expect(desktop.get_by_role("button", name="Undo")).to_be_disabled()  # no stroke is finished
    desktop.mouse.up()
    expect(desktop.get_by_role("button", name="Undo")).to_be_enabled(timeout=LONG_MS)


@pytest.mark.slow
def test_a_stroke_is_read_together_with_those_before_it(desktop):
    draw(desktop, [(0.2, 0.1), (0.2, 0.9)])
    expect(desktop.get_by_role("button", name="Undo")).to_be_enabled(timeout=LONG_MS)
    box = desktop.locator(SHEET).first.bounding_box()
    assert box
    for number, y in enumerate((0.1, 0.9)):
        desktop.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + y * box["height"], steps=5)
        if number == 0:
            desktop.mouse.down()
    expect(desktop.get_by_text("Your picture has 2 digits")).to_be_visible(timeout=LONG_MS)
    desktop.mouse.up()
    expect(desktop.get_by_text("Your picture has 2 digits")).to_be_visible()


def other_bars(page: Page, before: str) -> str:
    """Wait until there are bars, and other ones than before; return their shapes."""
    return page.wait_for_function(
        """([before, answer]) => {
            const bars = [...document.querySelectorAll(`${answer} .bars path`)];
            const now = bars.map((bar) => bar.getAttribute("d")).join();
            return now !== before && now;
        }""",
        arg=[before, ANSWER],
    ).json_value()


def clear(page: Page) -> None:
    """Take all strokes away, and wait until the page knows."""
    expect(page.get_by_role("button", name="Undo")).to_be_enabled(timeout=LONG_MS)
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(page.locator(ANSWER)).to_have_count(0)
    settle(page)


@pytest.mark.slow
def test_the_sheet_grows_with_the_window_and_takes_strokes_at_each_size(desktop):
    sides = []
    for width, height in ((360, 740), (700, 700), (1280, 900), (1920, 1080)):
        desktop.set_viewport_size({"width": width, "height": height})
        sheet = desktop.locator(SHEET).first
        sheet.scroll_into_view_if_needed()
        box = sheet.bounding_box()
        assert box
        assert box["width"] == pytest.approx(box["height"], abs=1)
        sides.append(box["width"])
        desktop.wait_for_function(UNCOVERED, arg=[box["x"] + 5, box["y"] + 0.9 * box["height"]])
        draw(desktop, [(0.1, 0.9), (0.9, 0.9)])
        wait_for_ink(desktop, 0.5, 0.9, there=True)
        assert not is_inked(desktop, 0.5, 0.8)
        clear(desktop)
        wait_for_ink(desktop, 0.5, 0.9, there=False)
    assert min(sides) >= 280
    assert sides[2] < sides[3] == 560


@pytest.mark.slow
def test_a_drawing_survives_another_source_and_a_reload(desktop, server):
    draw(desktop, [(0.5, 0.1), (0.5, 0.9)])
    expect(desktop.get_by_role("button", name="Undo")).to_be_enabled(timeout=LONG_MS)
    settle(desktop)
    desktop.get_by_role("radio", name="Test image").click()
    expect(desktop.get_by_text("MNIST images need no", exact=False).first).to_be_visible()
    desktop.get_by_role("radio", name="Draw", exact=True).click()
    expect(desktop.locator(SHEET).first).to_be_visible()
    wait_for_ink(desktop, 0.5, 0.5, there=True)
    open_draw(desktop, server)
    wait_for_ink(desktop, 0.5, 0.5, there=True)
    expect(desktop.locator(ANSWER)).to_be_visible(timeout=LONG_MS)
    desktop.get_by_role("button", name="Undo").click()
    wait_for_ink(desktop, 0.5, 0.5, there=False)
    expect(desktop.locator(ANSWER)).to_have_count(0)
    settle(desktop)
    open_draw(desktop, server)
    assert not is_inked(desktop, 0.5, 0.5)  # what was taken away does not come back


@pytest.mark.slow
def test_the_first_page_answers_a_stroke_and_leads_on_with_the_drawing(browser, server):
    page = browser.new_page(**DESKTOP)
    page.goto(server.address)
    expect(page.locator(SHEET).first).to_be_visible(timeout=LONG_MS)
    draw(page, SEVEN)
    answer = page.locator(ANSWER)
    expect(answer.get_by_text("7", exact=True).first).to_be_visible(timeout=LONG_MS)
    last = page.get_by_role("button", name="9 Learn").bounding_box()
    assert last
    assert last["y"] + last["height"] < DESKTOP["viewport"]["height"]  # the whole way in sight
    settle(page)
    page.get_by_role("button", name="6 Draw").click()
    expect(page.get_by_role("heading", name="Draw", exact=True)).to_be_visible()
    wait_for_ink(page, 0.5, 0.2, there=True)
    expect(answer.first).to_be_visible(timeout=LONG_MS)
    page.close()


@pytest.mark.slow
@pytest.mark.parametrize("place", ["", "draw"], ids=["home", "draw"])
@pytest.mark.parametrize(("width", "height"), [(390, 844), (360, 640)])
def test_a_phone_shows_the_answer_beside_the_sheet(browser, server, place, width, height):
    page = browser.new_page(**PHONE | {"viewport": {"width": width, "height": height}})
    page.goto(f"{server.address}/{place}")
    expect(page.get_by_text("Draw a digit").last).to_be_visible(timeout=LONG_MS)
    touch(page, 0.25, 0.2, 0.75, 0.2)
    touch(page, 0.75, 0.2, 0.45, 0.85)
    answer, sheet = page.locator(ANSWER), page.locator(SHEET).first
    expect(answer.get_by_text("7", exact=True).first).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_role("button", name="Clear", exact=True)).to_be_enabled()
    wait_for_strokes(page, 2)
    settle(page)
    expect(answer.locator(".bars")).to_have_count(1, timeout=LONG_MS)  # the one before is gone
    parts = [sheet, answer, answer.locator(".annotation-text").nth(1), answer.locator(".bars")]
    parts += [page.get_by_role("button", name=name, exact=True) for name in ("Undo", "Clear")]
    boxes = [part.bounding_box() for part in parts]
    for box in filter(None, boxes):
        assert 0 <= box["x"] < box["x"] + box["width"] <= width
        assert 0 <= box["y"] < box["y"] + box["height"] <= height
    assert all(boxes)
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]
    assert page.get_by_text("Ctrl").count() == 0
    page.close()


@pytest.mark.slow
def test_what_matters_is_in_sight_at_1280_x_900(desktop):
    draw(desktop, SEVEN)
    expect(desktop.locator(ANSWER)).to_have_count(1, timeout=LONG_MS)  # the one before is gone
    settle(desktop)
    received = desktop.get_by_alt_text("The network's input")
    for part in (desktop.locator(SHEET).first, desktop.locator(ANSWER), received):
        box = part.bounding_box()
        assert box
        assert 0 <= box["y"] < box["y"] + box["height"] < DESKTOP["viewport"]["height"]


def test_a_digit_is_drawn_with_the_keyboard(desktop):
    """A seven: to the left, pen down, right, and down the page; undo takes all of it."""
    sheet = desktop.get_by_role("application", name="Sheet for drawing a digit")
    sheet.focus()
    assert desktop.evaluate("scrollY") == 0
    for key, times in (("ArrowLeft", 5), ("Space", 1), ("ArrowRight", 10), ("ArrowDown", 12)):
        for _ in range(times):
            desktop.keyboard.press(key)
    desktop.keyboard.press("Space")
    wait_for_ink(desktop, 0.4, 0.2, True)
    wait_for_ink(desktop, 0.75, 0.7, True)
    assert not is_inked(desktop, 0.3, 0.7)
    expect(desktop.locator(ANSWER).first).to_be_visible(timeout=LONG_MS)
    expect(desktop.get_by_text(re.compile("^7$")).first).to_be_visible(timeout=LONG_MS)
    desktop.keyboard.press("ArrowLeft")  # lifted: nothing is drawn
    assert not is_inked(desktop, 0.65, 0.8)
    desktop.keyboard.press("Control+z")
    wait_for_ink(desktop, 0.4, 0.2, False)
