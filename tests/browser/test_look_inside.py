"""Looking inside the shipped example in a real browser, with the real worker behind it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.driver import DESKTOP, LONG_MS, PHONE, SEVEN, draw, look, settle, watch


@pytest.fixture
def page(browser, server):
    context = browser.new_context(**DESKTOP)
    seen = watch(context, server)
    opened = context.new_page()
    opened.goto(f"{server.address}/look")
    expect(opened.get_by_text("The worker is ready")).to_be_visible(timeout=LONG_MS)
    settle(opened)
    yield opened
    context.close()
    assert seen.elsewhere == [], "the app works without a network"
    assert seen.complaints == []


def number(page: Page, label: str, value: int) -> None:
    box = page.get_by_label(label, exact=True).first
    box.fill(str(value))
    box.press("Enter")
    settle(page)


def click_on_chart(page: Page, at: int, x: float, y: float) -> None:
    """x, y: shares of the chart's plot area."""
    page.wait_for_timeout(500)  # figures are drawn after the script has ended
    plot = page.locator(".js-plotly-plot .nsewdrag").nth(at)
    plot.evaluate("element => element.scrollIntoView({block: 'center'})")
    box = plot.bounding_box()
    assert box
    plot.click(position={"x": x * box["width"], "y": y * box["height"]}, force=True)
    settle(page)


INK = """() => {
    const sheet = document.querySelector("canvas.lower-canvas");
    if (!sheet) return 0;
    const data = sheet.getContext("2d").getImageData(0, 0, sheet.width, sheet.height).data;
    return data.filter((value, at) => at % 4 === 0 && value > 128).length;
}"""


def ink(page: Page) -> int:
    """Bright pixels of the sheet."""
    return page.evaluate(INK)


def test_an_image_is_followed_down_to_one_multiplication(page):
    expect(page.get_by_text("Its label says 7.")).to_be_visible(timeout=LONG_MS)
    number(page, "Number, 0 to 9,999", 4)
    expect(page.get_by_text("Its label says 4.")).to_be_visible()
    chosen, row = page.get_by_label("Map, 0 to 7"), page.get_by_label("Row, 0 to 25")
    strongest = chosen.input_value()
    click_on_chart(page, 0, 0.6, 0.25)  # another map of the wall
    expect(chosen).not_to_have_value(strongest)
    before = row.input_value()
    click_on_chart(page, 2, 0.5, 0.4)  # a place of the large map
    expect(row).not_to_have_value(before)
    expect(page.get_by_text(re.compile("TensorFlow put out.*the same"))).to_be_visible()


def test_a_group_opens_at_the_view_that_was_open_in_it_last(page):
    look(page, "Replay")
    expect(page).to_have_url(re.compile("look_tab=Replay"))
    page.get_by_role("tab", name="Where it fails").click()
    expect(page.get_by_role("radio", name="Adversarial examples")).to_be_checked()
    page.get_by_role("tab", name="What it learned").click()
    expect(page.get_by_role("radio", name="Replay")).to_be_checked()
    expect(page).to_have_url(re.compile("look_tab=Replay"))


def test_a_change_too_small_to_see_is_tried_with_the_keyboard(page):
    look(page, "Adversarial examples")
    told = page.get_by_text(re.compile(r"With a change of \d+ it reads")).first
    expect(told).to_be_visible(timeout=LONG_MS)
    before = told.inner_text()
    page.get_by_role("slider").first.press("ArrowRight")
    expect(told).not_to_have_text(before)


def test_a_refresh_keeps_the_tab_and_each_choice_of_a_tab_is_taken(page):
    for tab, words in (
        ("Replay", "Twenty test digits"),
        ("Filters", "Replay shows how the first layer's filters developed"),
        ("Replay", "Twenty test digits"),
    ):
        look(page, tab)
        expect(page.get_by_text(words).first).to_be_visible()
    page.reload()
    expect(page.get_by_text("Twenty test digits").first).to_be_visible(timeout=LONG_MS)


def test_the_map_of_all_images_comes_by_itself_and_tsne_can_be_cancelled(page):
    look(page, "Embedding")
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=LONG_MS)
    page.get_by_text("t-SNE in 2-D", exact=True).first.click(timeout=LONG_MS)
    begin = page.get_by_role("button", name="Compute this map")
    begin.click()
    page.get_by_role("button", name="Cancel").click(timeout=LONG_MS)
    expect(begin).to_be_visible()


def test_a_drawing_is_looked_into_on_a_phone(browser, server):
    context = browser.new_context(**PHONE)
    seen = watch(context, server)
    page = context.new_page()
    page.goto(f"{server.address}/look")
    expect(page.get_by_text("TensorFlow put out")).to_be_visible(timeout=LONG_MS)
    settle(page)
    chosen = page.get_by_label("Map, 0 to 7")
    expect(chosen).to_have_value("7")  # the strongest of the shipped network
    for x in (0.2, 0.6):  # Plotly would choose the map that was tapped before
        page.locator(".js-plotly-plot .nsewdrag").first.tap(position={"x": 200 * x, "y": 20})
        settle(page)
    expect(chosen).to_have_value("7")
    number(page, "Map, 0 to 7", 2)
    expect(page.get_by_text("Map 2 of").first).to_be_visible()
    look(page, "Saliency")
    source = page.get_by_role("radio", name="Draw")
    expect(source).to_have_count(1)  # that of the tab before is gone
    source.click()
    draw(page, SEVEN)
    expect(page.get_by_text("Class to enlarge").first).to_be_visible(timeout=LONG_MS)
    settle(page)
    before = ink(page)
    look(page, "Adversarial examples")
    expect(page.get_by_text(re.compile("With a change of")).first).to_be_visible(timeout=LONG_MS)
    page.wait_for_function(f"({INK})() === {before}")  # the drawing goes along
    context.close()
    assert seen.elsewhere == []
    assert seen.complaints == []
