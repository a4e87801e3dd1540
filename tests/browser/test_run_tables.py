"""Tables of runs in a real browser: a click on a name opens Results, a click on a box ticks it."""

import re

import pytest
from playwright.sync_api import Page, expect

from mnist_core.storage.runs import Store
from tests.browser.driver import DESKTOP, open_page, settle

ROW = 35  # pixels


@pytest.fixture
def page(browser):
    context = browser.new_context(**DESKTOP)
    yield context.new_page()
    context.close()


def click(page: Page, row: int, x: int) -> None:
    """Click a cell of the page's table, whose cells are drawn. x: pixels from its left."""
    table = page.get_by_test_id("stDataFrame")
    expect(table.locator("canvas").first).to_be_visible()
    table.scroll_into_view_if_needed()
    table.click(position={"x": x, "y": (row + 1.5) * ROW})


def shows(page: Page, run_id: int) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Results")
    expect(page).to_have_url(re.compile(rf"/results\?run={run_id}$"))
    settle(page)


def test_a_click_on_a_name_of_home_opens_its_results(page, server):
    second = Store(url=f"sqlite:///{server.log.parent / 'runs.db'}").examples()[1]
    open_page(page, server.address)
    click(page, 1, 60)
    shows(page, second.id)


def test_on_compare_a_box_ticks_and_a_name_opens_also_where_rows_are_sorted(page, server):
    first, second = Store(url=f"sqlite:///{server.log.parent / 'runs.db'}").examples()
    open_page(page, f"{server.address}/compare?compare_tab=Runs")
    click(page, 1, 16)
    expect(page).to_have_url(re.compile(rf"runs={second.id}$"))
    settle(page)
    click(page, -1, 370)  # by accuracy, the worst first
    click(page, -1, 370)  # the best first
    assert (second.test_accuracy or 0) > (first.test_accuracy or 0)
    click(page, 0, 185)  # the button is as wide as its name
    shows(page, second.id)
