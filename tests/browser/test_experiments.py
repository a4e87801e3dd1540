"""Compare and Tune in a real browser: rows ticked, tabs opened, a study from start to Build."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.driver import DESKTOP, LONG_MS, PHONE, fits, open_page, settle, watch

SMALL = "network=C4+M+F&limit=2000&count=500&epochs=1"
ROW = 35  # pixels


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def page(browser, server, request):
    context = browser.new_context(**request.param)
    seen = watch(context, server)
    yield context.new_page()
    context.close()
    assert seen.elsewhere == [], "the app works without a network"
    assert seen.complaints == []


def number(page: Page, label: str, value: int) -> None:
    box = page.get_by_label(label, exact=True)
    box.fill(str(value))
    box.press("Enter")
    settle(page)


def test_runs_are_ticked_and_seen_from_every_side(page, server):
    open_page(page, f"{server.address}/compare")
    table = page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    for row, chosen in ((1.5, r"runs=\d+$"), (2.5, r"runs=\d+(,|%2C)\d+")):
        settle(page)
        table.click(position={"x": 16, "y": row * ROW})  # its box
        expect(page).to_have_url(re.compile(chosen))
    for tab, words in (
        ("Curves", "Lower loss"),
        ("Settings", "learning rate"),
        ("Trade-off", "front"),
        ("Two runs", "chance"),
    ):
        page.get_by_role("tab", name=tab, exact=True).click()
        settle(page)
        expect(page.get_by_role("tabpanel").filter(visible=True)).to_contain_text(words)
        assert fits(page)


def test_a_study_is_made_watched_and_opened_in_build(page, server):
    open_page(page, f"{server.address}/tune?{SMALL}")
    watched = page.get_by_text("trials done")  # a study of another test: then the form is folded
    expect(page.get_by_text("No study yet").or_(watched).first).to_be_visible(timeout=LONG_MS)
    if watched.is_visible():
        page.get_by_text("A new study").click()
        settle(page)
    number(page, "Trials", 2)
    number(page, "Epochs per trial", 1)
    page.get_by_role("button", name="Start the study").click()
    expect(page.get_by_text("2 of 2 trials done")).to_be_visible(timeout=LONG_MS)
    settle(page)
    assert fits(page)
    page.reload()
    expect(page.get_by_text("2 of 2 trials done")).to_be_visible(timeout=LONG_MS)
    settle(page)
    page.wait_for_load_state("networkidle")  # what the charts and tables need moves the button
    page.get_by_role("button", name="Open in Build").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Build a network")
    settle(page)
    expect(page).to_have_url(re.compile("learning_rate="))
