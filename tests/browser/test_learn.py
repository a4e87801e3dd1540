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


def bar(page: Page):
    """The open lesson at the foot of the page."""
    return page.locator(".st-key-lesson")


UNREADABLE = ".katex-error"
"""A formula that KaTeX could not read."""


def test_every_idea_fits_on_a_phone(phone, server):
    for idea in IDEAS:
        open_page(phone, f"{server.address}/learn?idea={idea.name}")
        heading = phone.get_by_role("heading", level=2).first
        expect(heading).to_have_text(idea.title, timeout=LONG_MS)
        expect(phone.get_by_test_id("stPlotlyChart").or_(phone.get_by_test_id("stTable")).or_(
            phone.get_by_test_id("stNumberInput")
        ).first).to_be_visible()  # fmt: skip
        assert fits(phone), idea.name
        assert not phone.locator(UNREADABLE).count(), idea.name


CONTROLS_AND_FIGURE = """figure => {
    const box = element => element.getBoundingClientRect();
    let columns = figure;  // the outermost ones around the figure
    for (let at = figure; at; at = at.parentElement)
        if (at.dataset.testid === 'stHorizontalBlock') columns = at;
    const controls = [...columns.firstElementChild.querySelectorAll('input, button')]
        .filter(each => !each.closest('[data-testid=stExpander]'));
    return {
        controls: controls.length,
        right: box(columns.firstElementChild).right,
        bottom: Math.max(...controls.map(each => box(each).bottom), box(figure).bottom),
        left: box(figure).left,
    };
}"""
"""Where the controls beside a figure end, and where the figure begins and ends, in pixels."""
BESIDE = "[data-testid=stColumn]:nth-child(2)"
"""The column beside the controls."""


def test_every_idea_has_its_controls_and_its_figure_in_sight_together(desktop, server):
    """Counting has no figure but a form; that of A short history is as wide as the page.

    A small curve may stand among the controls.
    """
    open_page(desktop, f"{server.address}/learn")
    ideas = desktop.get_by_role("combobox", name="Idea")
    for idea in IDEAS:
        if idea.name in {"counting", "history"}:
            continue
        ideas.fill(idea.title)
        ideas.press("Enter")
        heading = desktop.get_by_role("heading", level=2).first
        expect(heading).to_have_text(idea.title, timeout=LONG_MS)
        settle(desktop)
        figure = desktop.locator(f"{BESIDE} [data-testid=stPlotlyChart]").first
        expect(figure.locator(".main-svg").first).to_be_visible()
        found = figure.evaluate(CONTROLS_AND_FIGURE)
        assert found["controls"], idea.name
        assert found["right"] <= found["left"], idea.name
        assert found["bottom"] <= DESKTOP["viewport"]["height"], idea.name


def test_a_network_takes_one_step_after_another(desktop, server):
    open_page(desktop, f"{server.address}/learn?idea=training-step")
    more = desktop.get_by_role("button", name="Next step")
    more.click(timeout=LONG_MS)
    expect(desktop.get_by_text("Step 2:")).to_be_visible()
    desktop.get_by_text("As trained", exact=True).click()
    expect(desktop.get_by_text("Step 1:")).to_be_visible()
    more.click()
    expect(desktop.get_by_text("Step 2:")).to_be_visible()
    expect(desktop.locator(UNREADABLE)).to_have_count(0)


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
    desktop.get_by_role("link", name="Start", exact=True).first.click()
    expect(desktop.get_by_role("heading", level=1)).to_have_text("The data", timeout=LONG_MS)
    expect(bar(desktop)).to_contain_text("Step 1 of 5")
    expect(desktop).to_have_url(re.compile("lesson=first-network(&|$)"))
    bar(desktop).get_by_role("link", name="Next").click()
    expect(desktop.get_by_role("heading", level=1)).to_have_text("Build a network")
    expect(bar(desktop)).to_contain_text("Step 2 of 5")
    settle(desktop)
    go(desktop, "4 Results")
    expect(desktop.get_by_role("heading", level=1)).to_have_text("Results")
    expect(desktop).to_have_url(re.compile("lesson=first-network(&|$)"))
    desktop.reload()
    expect(bar(desktop)).to_contain_text("Step 2 of 5", timeout=LONG_MS)
    settle(desktop)  # a click in the middle of a page may go to an element that is replaced
    bar(desktop).get_by_role("button", name="Close", exact=True).click()
    expect(bar(desktop)).to_have_count(0)
    expect(desktop).not_to_have_url(re.compile("lesson="))


def test_the_links_of_a_step_stay_in_their_place_and_the_page_too(desktop, server):
    """In the bar's top right, whatever the step, its part and its page; nothing is pushed down."""
    open_page(desktop, f"{server.address}/data")
    heading = desktop.get_by_role("heading", level=1)
    alone = heading.bounding_box()
    places = set()
    for step in range(1, 6):
        open_page(desktop, f"{server.address}/data?lesson=first-network.{step}")
        expect(bar(desktop)).to_contain_text(f"Step {step} of 5")
        for part in ("Do", "See", "Task"):
            bar(desktop).get_by_role("radio", name=part).click()
            expect(bar(desktop).get_by_role("radio", name=part)).to_be_checked()
            box = bar(desktop).get_by_role("radio", name="Read").bounding_box()
            assert box
            places.add((round(box["x"]), round(box["y"])))
        assert heading.bounding_box() == alone
    assert len(places) == 1


def test_a_step_leads_to_another_network_on_the_page_that_is_open(desktop, server):
    """The browser's address follows, so that neither a click nor a refresh brings the old one."""
    query = "lesson=shapes-and-parameters.2&network=C4+M+F&epochs=3"
    open_page(desktop, f"{server.address}/build?{query}")
    bar(desktop).get_by_role("link", name="Next").click()
    expect(bar(desktop)).to_contain_text("Step 3 of 5", timeout=LONG_MS)
    expect(desktop).to_have_url(re.compile(r"network=C32\+M\+C64\+M\+C64\+F\+D64&"))
    settle(desktop)
    desktop.reload()
    expect(desktop.get_by_test_id("stMain")).to_contain_text("93,322", timeout=LONG_MS)


def test_a_step_leads_to_a_tab_of_the_page_that_is_open(desktop, server):
    """Also where a widget of the page is bound to the tab in the address."""
    open_page(desktop, f"{server.address}/tune?tune_tab=k-fold&lesson=cross-validation.4")
    expect(bar(desktop)).to_contain_text("Step 4 of 5")
    bar(desktop).get_by_role("link", name="Next").click()
    expect(bar(desktop)).to_contain_text("Step 5 of 5", timeout=LONG_MS)
    expect(desktop.get_by_role("tab", name="Repeat")).to_have_attribute("aria-selected", "true")
    expect(bar(desktop).get_by_role("link", name="Open Tune")).to_have_count(0)


def test_a_step_opens_an_idea_from_the_list_of_lessons(desktop, server):
    address = f"{server.address}/learn?learn_tab=Lessons&lesson=reading-a-report"
    open_page(desktop, address)
    bar(desktop).get_by_role("link", name="Open the idea").click()
    heading = desktop.get_by_role("heading", level=2, name="Labels: one-hot or sparse")
    expect(heading).to_be_visible(timeout=LONG_MS)
    expect(desktop).to_have_url(re.compile("idea=labels"))
    expect(bar(desktop).get_by_role("link", name="Open the idea")).to_have_count(0)
    box = bar(desktop).bounding_box()
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
