"""Figures on a screen that is touched: a tap chooses nothing, and never what was tapped before."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.driver import DESKTOP, PHONE, open_page, settle

TABLET = {"viewport": {"width": 1024, "height": 768}, "has_touch": True}  # a desktop by its name


def chosen(page: Page) -> list[str]:
    """The cell of the confusion matrix in the two lists beside it."""
    lists = page.locator(".st-key-results_true input, .st-key-results_read input")
    expect(lists).to_have_count(2)
    digits = [one.input_value() for one in lists.all()]
    assert "".join(digits).isdecimal()
    return digits


@pytest.mark.parametrize(
    ("device", "chooses"),
    [(TABLET, False), (PHONE, False), (DESKTOP, True)],
    ids=["tablet", "phone", "desktop"],
)
def test_only_a_click_of_a_mouse_chooses_a_cell(browser, server, device, chooses):
    context = browser.new_context(**device)
    page = context.new_page()
    open_page(page, f"{server.address}/results?results_tab=Confusion")
    cells = page.locator(".st-key-results_matrix")
    cells.locator(".main-svg").first.wait_for()
    cells.scroll_into_view_if_needed()
    before, box = chosen(page), cells.bounding_box()
    assert box
    for share in (0.3, 0.8):
        x, y = box["x"] + share * box["width"], box["y"] + 0.5 * box["height"]
        if chooses:
            page.mouse.move(x, y, steps=5)
            page.locator(".st-key-results_matrix .hoverlayer .hovertext").wait_for()
            page.mouse.click(x, y)
        else:
            page.touchscreen.tap(x, y)
        page.wait_for_timeout(500)  # for what may not come
        settle(page)
    assert (chosen(page) != before) is chooses
    context.close()
