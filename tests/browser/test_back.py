"""The browser's history: one move is one press of Back, and each page is as it was left."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.driver import DESKTOP, go, open_page, settle

MOVES = ["1 Data", "2 Build", "3 Train", "4 Results", "9 Learn"]


def heading(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text().strip()


@pytest.fixture
def page(browser):
    context = browser.new_context(**DESKTOP)
    yield context.new_page()
    context.close()


def test_as_many_presses_as_moves_lead_home(page, server):
    open_page(page, server.address)
    seen = [heading(page)]
    for title in MOVES:
        go(page, title)
        page.get_by_role("heading", level=1).filter(has_not_text=seen[-1]).wait_for()
        settle(page)
        seen.append(heading(page))
    for title in reversed(seen[:-1]):
        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        settle(page)
    page.go_forward()
    expect(page.get_by_role("heading", level=1)).to_have_text(seen[1])


@pytest.mark.parametrize(
    "link", ["build?network=C4+F", "results?results_tab=Mistakes", "learn", "tune"]
)
def test_one_press_leads_away_from_a_deep_link(page, server, link):
    page.goto("about:blank")
    open_page(page, f"{server.address}/{link}")
    page.go_back()
    expect(page).to_have_url("about:blank")


def test_a_page_keeps_its_address_when_it_is_left(page, server):
    open_page(page, f"{server.address}/tune")
    page.get_by_role("tab", name="Repeat").click()
    expect(page).to_have_url(re.compile("tune_tab=Repeat"))
    settle(page)
    address = page.url
    for title in ("9 Learn", "3 Train"):
        go(page, title)
        expect(page.get_by_role("heading", level=1)).to_have_text(title[2:])
        settle(page)
    page.go_back()
    expect(page).to_have_url(re.compile("/learn.idea=[a-z]+$"))
    settle(page)
    page.go_back()
    expect(page.get_by_role("tab", name="Repeat")).to_have_attribute("aria-selected", "true")
    expect(page).to_have_url(address)


def has_filters(page: Page, value: str) -> None:
    """Wait until the first layer has so many filters, and the boxes of another network are gone."""
    filters = page.get_by_label("filters of layer 1")
    expect(filters.first).to_have_value(value)
    expect(filters).to_have_count(1)


def test_back_undoes_an_edit_of_the_network_also_after_a_visit_to_train(page, server):
    open_page(page, f"{server.address}/build?network=C4+F")
    filters = page.get_by_label("filters of layer 1")
    for number in ("6", "8"):
        filters.fill(number)
        filters.press("Enter")
        expect(page).to_have_url(re.compile(f"network=C{number}"))
        settle(page)
    go(page, "3 Train")
    expect(page.get_by_role("heading", level=1)).to_have_text("Train")
    settle(page)
    page.go_back()
    expect(filters).to_have_count(1)
    expect(filters).to_have_value("8")
    settle(page)
    page.go_back()
    expect(filters.first).to_have_value("6")
    expect(filters).to_have_count(1)  # the box of the other network is gone
    settle(page)
    page.go_forward()
    expect(filters.first).to_have_value("8")
    page.reload()
    expect(filters).to_have_value("8")


def test_back_undoes_an_edit_that_broke_the_network(page, server):
    open_page(page, f"{server.address}/build?network=C4+F&epochs=3")
    page.get_by_role("button", name="2 Flatten").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("needs a vector")).to_be_visible()
    expect(page).to_have_url(re.compile("network=C4&"))
    settle(page)
    page.get_by_label("filters of layer 1").fill("6")
    page.get_by_label("filters of layer 1").press("Enter")
    expect(page).to_have_url(re.compile("network=C6&"))
    settle(page)
    page.go_back()
    has_filters(page, "4")
    expect(page.get_by_text("needs a vector")).to_be_visible()
    settle(page)
    page.go_back()
    expect(page.get_by_role("button", name="2 Flatten")).to_be_visible()
    expect(page.get_by_text("needs a vector")).to_have_count(0)
    settle(page)
    page.go_forward()
    expect(page.get_by_text("needs a vector")).to_be_visible()
    settle(page)
    expect(page.get_by_label("epochs", exact=True)).to_have_value("3")


def test_two_tabs_have_a_history_and_a_network_each(browser, server):
    context = browser.new_context(**DESKTOP)
    one, two = context.new_page(), context.new_page()
    for page, filters in ((one, "4"), (two, "5")):
        open_page(page, f"{server.address}/build?network=C{filters}+F")
    for page, title in ((one, "3 Train"), (two, "3 Train"), (one, "9 Learn")):
        go(page, title)
        expect(page.get_by_role("heading", level=1)).to_have_text(title[2:])
        settle(page)
    two.go_back()
    expect(two.get_by_label("filters of layer 1")).to_have_value("5")
    for title in ("Train", "Build a network"):
        one.go_back()
        expect(one.get_by_role("heading", level=1)).to_have_text(title)
        settle(one)
    expect(one.get_by_label("filters of layer 1")).to_have_value("4")
    context.close()


@pytest.mark.parametrize(
    "query", ["network=C4+F&epochs=10&seed=0", "network=c4,f", "network=Bogus"]
)
def test_a_link_that_the_app_corrects_is_one_entry(page, server, query):
    page.goto("about:blank")
    open_page(page, f"{server.address}/build?{query}")
    page.go_back()
    expect(page).to_have_url("about:blank")


def test_an_edit_of_many_settings_is_one_entry(page, server):
    link = "network=C4+F&epochs=3&optimizer=sgd&learning_rate=0.05"
    open_page(page, f"{server.address}/build?{link}")
    page.get_by_label("Start from a preset").first.click()
    page.get_by_role("option", name="note-5").first.click()
    expect(page).to_have_url(re.compile("network=C8"))
    settle(page)
    page.go_back()
    has_filters(page, "4")
    expect(page.get_by_label("epochs", exact=True)).to_have_value("3")
    expect(page).to_have_url(re.compile("optimizer=sgd"))


def test_back_does_not_open_a_lesson_again_that_was_closed(page, server):
    open_page(page, f"{server.address}/build?lesson=first-network")
    go(page, "1 Data")
    expect(page.get_by_role("heading", level=1)).to_have_text("The data")
    settle(page)
    close = page.get_by_role("button", name="Close", exact=True)
    close.click()
    expect(close).to_have_count(0)
    settle(page)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Build"))
    settle(page)
    expect(close).to_have_count(0)
    assert "lesson" not in page.url
