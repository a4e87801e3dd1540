"""Learn in a real browser: every idea, a lesson over several pages, a teacher's link."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.driver import DESKTOP, LONG_MS, PHONE, fits, go, open_page, settle, watch
from ui.views.learn.ideas.catalog import IDEAS


def opened(browser, server, kind):
    """A page of a context of its own, which has nothing to complain of at the end."""
    context = browser.new_context(**kind)
    seen = watch(context, server)
    yield context.new_page()
    context.close()
    assert seen.elsewhere == [], "the app works without a network"
    assert seen.complaints == []


@pytest.fixture
def desktop(browser, server):
    yield from opened(browser, server, DESKTOP)


@pytest.fixture
def phone(browser, server):
    yield from opened(browser, server, PHONE)


def strip(page: Page):
    """The lesson at the top of the page."""
    return page.get_by_test_id("stExpander").filter(has_text="Your first network").first


def test_every_idea_fits_on_a_phone(phone, server):
    for idea in IDEAS:
        open_page(phone, f"{server.address}/learn?idea={idea.name}")
        heading = phone.get_by_role("heading", level=2).first
        expect(heading).to_have_text(idea.title, timeout=LONG_MS)
        expect(phone.get_by_test_id("stPlotlyChart").or_(phone.get_by_test_id("stTable")).or_(
            phone.get_by_test_id("stNumberInput")
        ).first).to_be_visible()  # fmt: skip
        assert fits(phone), idea.name


def test_a_slider_moves_the_picture(desktop, server):
    open_page(desktop, f"{server.address}/learn?idea=convolution")
    chart = desktop.get_by_test_id("stMain").get_by_text(re.compile("products|Pixel times weight"))
    expect(chart.first).to_be_visible(timeout=LONG_MS)
    before = desktop.locator(".katex").first.inner_text()
    desktop.get_by_role("slider").first.press("ArrowRight")
    settle(desktop)
    expect(desktop.locator(".katex").first).not_to_have_text(before)


def test_a_lesson_goes_along_and_survives_a_refresh(desktop, server):
    open_page(desktop, f"{server.address}/learn?learn_tab=Lessons")
    desktop.get_by_role("button", name="Start", exact=True).first.click()
    expect(strip(desktop)).to_contain_text("Step 1 of 5", timeout=LONG_MS)
    expect(desktop).to_have_url(re.compile("lesson=first-network"))
    strip(desktop).get_by_role("button", name="Next").click()
    expect(strip(desktop)).to_contain_text("Step 2 of 5")
    strip(desktop).get_by_role("link", name=re.compile("Open Build")).click()
    expect(desktop.get_by_role("heading", level=1)).to_have_text("Build a network")
    expect(strip(desktop)).to_contain_text("Step 2 of 5")
    go(desktop, "4 Results")
    expect(desktop).to_have_url(re.compile("lesson=first-network"))
    desktop.reload()
    expect(strip(desktop)).to_contain_text("Step 2 of 5", timeout=LONG_MS)
    strip(desktop).get_by_role("button", name="Close", exact=True).click()
    expect(strip(desktop)).to_have_count(0)
    expect(desktop).not_to_have_url(re.compile("lesson="))


def test_a_step_leads_to_another_network_on_the_page_that_is_open(desktop, server):
    """The browser's address follows, so that neither a click nor a refresh brings the old one."""
    query = "lesson=shapes-and-parameters&network=C4+M+F&epochs=3"
    open_page(desktop, f"{server.address}/build?{query}")
    lesson = desktop.get_by_test_id("stExpander").first
    for number in (2, 3):
        lesson.get_by_role("button", name="Next").click()
        expect(lesson).to_contain_text(f"Step {number} of 5", timeout=LONG_MS)
    lesson.get_by_role("link", name="Open Build").click()
    expect(desktop).to_have_url(re.compile(r"network=C32\+M\+C64\+M\+C64\+F\+D64&"))
    settle(desktop)
    desktop.reload()
    expect(desktop.get_by_test_id("stMain")).to_contain_text("93,322", timeout=LONG_MS)


def test_a_step_opens_an_idea_from_the_list_of_lessons(desktop, server):
    address = f"{server.address}/learn?learn_tab=Lessons&lesson=reading-a-report"
    open_page(desktop, address)
    strip = desktop.get_by_test_id("stExpander").first
    strip.get_by_role("link", name="Open the idea").click()
    heading = desktop.get_by_role("heading", level=2, name="Labels: one-hot or sparse")
    expect(heading).to_be_visible(timeout=LONG_MS)
    expect(desktop).to_have_url(re.compile("idea=labels"))
    expect(strip).to_contain_text("Choose another Digit")
    box = strip.bounding_box()
    assert box
    assert box["height"] <= 260


def test_a_teachers_link_hides_until_all_is_shown(phone, server):
    query = "network=C8+M+F+D32&epochs=3&hide=build.presets,page.tune"
    open_page(phone, f"{server.address}/build?{query}")
    expect(phone.get_by_label("epochs", exact=True)).to_have_value("3", timeout=LONG_MS)
    expect(phone.get_by_label("Start from a preset", exact=True)).to_have_count(0)
    go(phone, "1 Data")
    expect(phone).to_have_url(re.compile("hide="))
    phone.reload()
    settle(phone)
    phone.get_by_test_id("stExpandSidebarButton").click()
    expect(phone.get_by_test_id("stSidebarNavLink").filter(has_text="8 Tune")).to_have_count(0)
    phone.get_by_role("button", name="Show everything").click()
    expect(phone.get_by_test_id("stSidebarNavLink").filter(has_text="8 Tune")).to_have_count(1)
    expect(phone).not_to_have_url(re.compile("hide="))
