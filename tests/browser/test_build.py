"""The page Build: a click on the drawing leads to the layer."""

import pytest
from playwright.sync_api import expect

from tests.browser.driver import DESKTOP, open_page, settle, watch

DEEP = "C8same C8same M C8same C8same M C8same C8same BN BN F D64 D32 D16"


@pytest.fixture
def page(browser, server):
    context = browser.new_context(**DESKTOP)
    seen = watch(context, server)
    yield context.new_page()
    context.close()
    assert seen.complaints == []


def test_a_click_on_a_layer_opens_its_settings_and_leaves_the_drawing_alone(page, server):
    open_page(page, f"{server.address}/build?network={DEEP.replace(' ', '+')}")
    drawing = page.locator(".js-plotly-plot").first
    drawing.evaluate("one => one.classList.add('the-same')")
    for at, strides, scrolled in ((1, 1, False), (14, 0, True)):  # a convolution, a dense layer
        page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 0)")
        drawing.locator("path.point").nth(at).click(force=True)  # below the layer that Plotly hears
        expect(page.get_by_label("strides", exact=True)).to_have_count(strides)
        expect(page.get_by_label("L2 penalty", exact=True)).to_be_in_viewport()
        settle(page)
        assert (page.get_by_test_id("stMain").evaluate("main => main.scrollTop") > 0) == scrolled
        expect(page.locator(".js-plotly-plot.the-same")).to_have_count(1)
