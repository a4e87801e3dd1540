"""Two phones and a projector: what the phones write appears on the wall and is judged."""

import re
import time

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Locator, Page, expect

from mnist_core.storage import handwriting
from mnist_core.storage.runs import Store
from mnist_core.storage.schema import COLLECTIONS, HANDWRITING
from tests.browser.driver import DESKTOP, LONG_MS, PHONE, SEVEN, Server, draw, settle

SHEET = "canvas.upper-canvas"


@pytest.fixture
def store(server: Server) -> Store:
    """The store of the server, without digits."""
    made = Store(url=f"sqlite:///{server.log.parent / 'runs.db'}")
    with made.database.write() as connection:
        for table in (HANDWRITING, COLLECTIONS):
            connection.execute(sa.delete(table))
    return made


def phone(browser: Browser, server: Server) -> Page:
    page = browser.new_context(**PHONE).new_page()
    page.goto(f"{server.address}/handwriting")
    page.get_by_role("button", name="I agree").click(timeout=LONG_MS)
    expect(page.locator(SHEET).first).to_be_visible(timeout=LONG_MS)
    settle(page)
    return page


def write(page: Page, store: Store) -> float:
    """Draw a digit and save it; return the time at which it was saved."""
    known = len(handwriting.ids(store))
    draw(page, SEVEN)
    save = page.get_by_role("button", name="Save")
    expect(save).to_be_enabled()
    settle(page)
    save.click()
    clicked = time.monotonic()
    while len(handwriting.ids(store)) == known:
        assert time.monotonic() < clicked + LONG_MS / 1000, "the digit is not saved"
        page.wait_for_timeout(20)
    saved = time.monotonic()
    expect(save).to_be_disabled()
    settle(page)
    return saved


def shown(wall: Locator) -> int:
    return wall.locator("figure").count()


def test_a_class_writes_and_the_wall_follows(browser: Browser, server: Server, store: Store):
    projector = browser.new_context(**DESKTOP).new_page()
    projector.goto(f"{server.address}/handwriting?handwriting_tab=Wall")
    expect(projector.get_by_text("No digits yet")).to_be_visible(timeout=LONG_MS)
    wall = projector.locator(".wall")
    phones = [phone(browser, server) for _ in range(2)]
    waits, first = [], None
    for number, page in enumerate(phones * 2, 1):
        saved = write(page, store)
        expect(wall.locator("figure")).to_have_count(number)
        waits.append(time.monotonic() - saved)
        if number == 1:
            first = wall.locator("figure canvas").element_handle()
    assert min(waits) < 2, waits
    assert max(waits) < 5, waits  # other tests share the processor
    # Nothing was drawn anew: the first digit is the same element, in its place.
    assert first
    assert first.evaluate("element => element.isConnected")
    samples = handwriting.samples(store)
    assert sorted(each.writer for each in samples) == [1, 1, 2, 2]
    assert len({(each.writer, each.label) for each in samples}) == 4
    assert all(each.image.any() for each in samples)

    phones[0].get_by_text(re.compile(r"^Your \d+ digits?")).click()
    phones[0].get_by_text("1. ").click()
    phones[0].get_by_role("button", name="Delete").click()
    expect(wall.locator("figure")).to_have_count(3)

    projector.get_by_text("By writer").click()
    expect(wall.get_by_text("Writer 2 · 2")).to_be_visible()
    expect(projector.get_by_text("The worker is ready")).to_be_visible(timeout=LONG_MS)
    projector.get_by_role("combobox", name="Network").click()
    projector.get_by_role("option").first.click()
    expect(projector.get_by_text("The network reads")).to_be_visible()
    marks = wall.locator("figure.right, figure.wrong")
    expect(marks).to_have_count(3)
    for page in (projector, *phones):
        page.context.close()
