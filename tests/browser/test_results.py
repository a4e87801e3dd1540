"""The page Results in a real browser: what is in sight at once, and where its images lead."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.driver import DESKTOP, LONG_MS, fits, open_page, settle, watch


@pytest.fixture
def page(browser, server):
    context = browser.new_context(**DESKTOP)
    seen = watch(context, server)
    yield context.new_page()
    context.close()
    assert seen.elsewhere == [], "the app works without a network"
    assert seen.complaints == []


def test_the_accuracy_and_the_whole_confusion_matrix_are_in_the_first_view(page, server):
    open_page(page, f"{server.address}/results?results_tab=Confusion")
    matrix = page.locator(".js-plotly-plot .nsewdrag").first
    for seen in (
        page.get_by_test_id("stMetricValue"),
        page.get_by_text("wrong of 10,000"),
        page.get_by_role("radio", name="Percent"),
        matrix,
    ):
        expect(seen).to_be_in_viewport(ratio=1, timeout=LONG_MS)
    assert fits(page)


def opened(page: Page, image: str) -> None:
    """Look inside shows this test image."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Look inside")
    expect(page.get_by_label("Number, 0 to 9,999")).to_have_value(image, timeout=LONG_MS)
    settle(page)


def test_a_mistake_leads_to_its_image_in_look_inside_and_back(page, server):
    open_page(page, f"{server.address}/results?results_tab=Mistakes")
    mistake = page.get_by_role("link", name=re.compile(r"Test image \d+: a \d read as")).nth(3)
    row = re.findall(r"Test image (\d+)", mistake.locator("img").get_attribute("alt") or "")[0]
    mistake.click()
    opened(page, row)
    page.get_by_role("link", name="See it in Results").click()
    expect(page.get_by_label("Test image, 0 to 9,999")).to_have_value(row)
    settle(page)
    page.get_by_role("link", name=f"Test image {row}, a").click()
    opened(page, row)
    page.go_back()
    expect(page.get_by_label("Test image, 0 to 9,999")).to_have_value(row)
    settle(page)
    page.go_back()
    opened(page, row)
    page.go_back()  # to the mistakes, as they were left
    expect(mistake).to_be_visible()
    settle(page)
    mistake.press("Enter")
    opened(page, row)
