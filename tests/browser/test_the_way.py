"""From the first image to a network that reads the digit one draws, in a real browser."""

import re

import psutil
import pytest
from playwright.sync_api import Page, expect

from tests.browser.driver import DESKTOP, LONG_MS, PHONE, SEVEN, draw, go, open_page, settle, watch


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def context(browser, server, request):
    made = browser.new_context(**request.param)
    seen = watch(made, server)
    yield made
    made.close()
    assert seen.elsewhere == [], "the app works without a network"
    assert seen.complaints == []


def choose(page: Page, label: str, option: str) -> None:
    """Pick an option of a select box."""
    page.get_by_label(label).first.click()
    page.get_by_role("option", name=option).first.click()
    settle(page)


def test_the_whole_way(context, server):
    page = context.new_page()
    open_page(page, server.address)
    page.get_by_role("button", name="Begin with the images").or_(
        page.get_by_role("button", name="Draw a digit for your network")
    ).wait_for()
    settle(page)

    go(page, "1 Data")
    expect(page.get_by_role("heading", name="The data")).to_be_visible()

    go(page, "2 Build")
    for preset, parameters in (("note-1", "225,034"), ("note-5", "27,562")):
        choose(page, "Start from a preset", preset)
        expect(page.get_by_text(parameters).first).to_be_visible()
    epochs = page.get_by_label("epochs", exact=True)
    expect(epochs).to_have_count(1)  # the boxes of the preset before are gone
    expect(epochs).to_have_value("10")
    limit = page.get_by_label("limit", exact=True)
    for box, value, shown in ((epochs, "6", "× 6 epochs"), (limit, "48000", "1,800 steps")):
        box.fill(value)
        box.press("Enter")
        expect(page.get_by_text(shown)).to_be_visible()
    page.get_by_role("button", name="Train this network").click()

    expect(page.get_by_role("heading", name="Train", exact=True)).to_be_visible()
    expect(page.get_by_text("of 300").first).to_be_visible(timeout=LONG_MS)  # in a batch
    open_page(page, page.url)  # anew, in the middle of training
    page.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop").click(
        timeout=LONG_MS
    )
    go_on = page.get_by_role("button", name="Resume")
    go_on.wait_for(timeout=LONG_MS)
    expect(page.get_by_text("Stopped after").first).to_be_visible()

    go_on.click()
    other = context.new_page()  # a second tab sees the same
    other.goto(f"{server.address}/train")
    for tab in (page, other):
        expect(tab.get_by_text("wrong of 10,000").first).to_be_visible(timeout=LONG_MS)
        expect(tab.get_by_text("Finished after 6 of 6 epochs").first).to_be_visible(timeout=LONG_MS)
    other.close()

    page.get_by_role("link", name="See results").click()
    expect(page.get_by_role("heading", name="Results")).to_be_visible()
    expect(page.get_by_text("Test accuracy").first).to_be_visible()

    go(page, "6 Draw")
    draw(page, SEVEN)
    expect(page.get_by_text("From your picture to the network's input")).to_be_visible()
    answer = page.get_by_label(re.compile("This is a 7|Probably a 7"))  # of the figure
    expect(answer.first).to_be_visible()


def test_the_server_never_loads_tensorflow_and_its_worker_does(browser, server):
    page = browser.new_page()
    for name in ("", "data", "build", "train", "results", "draw"):
        page.goto(f"{server.address}/{name}")
        settle(page)
    page.close()
    process = psutil.Process(server.process.pid)
    assert not holds_tensorflow(process)
    assert any(holds_tensorflow(child) for child in process.children(recursive=True))


def holds_tensorflow(process: psutil.Process) -> bool:
    return any("tensorflow" in part.path for part in process.memory_maps())


def test_a_layer_is_added_and_a_link_brings_it_to_another_browser(browser, server):
    page = browser.new_page(**DESKTOP)
    page.goto(f"{server.address}/build?network=C4+F")
    settle(page)
    choose(page, "Add a layer", "MaxPooling2D")
    expect(page.get_by_role("button", name="2 MaxPooling2D")).to_be_visible()
    settle(page)
    page.get_by_role("button", name="1 Conv2D").click()
    choose(page, "padding", "same")
    expect(page.get_by_text("28 × 28 × 4").first).to_be_visible()
    page.get_by_role("button", name="1 Conv2D").click()
    settle(page)
    expect(page).to_have_url(re.compile("network=C4same"))  # closed, it keeps what was chosen
    link = page.url
    page.close()
    stranger = browser.new_context().new_page()
    stranger.goto(link)
    expect(stranger.get_by_role("button", name="2 MaxPooling2D")).to_be_visible()
    stranger.close()


def test_what_is_tried_is_shown_at_once(browser, server):
    """A button within the part of the page that looks again by itself begins a new run."""
    page = browser.new_page(**DESKTOP)
    open_page(page, f"{server.address}/train?network=F+D8&learning_rate=1e-6&epochs=1&limit=11000")
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_text("wrong of 10,000").first).to_be_visible(timeout=LONG_MS)
    tried = page.get_by_role("button", name="Try it: learning_rate = 1e-05")
    tried.click()
    expect(tried).to_have_count(0)
    expect(page.get_by_text("From Build").locator("..")).to_contain_text("1 epoch")
    expect(page.get_by_text("wrong of 10,000").first).to_be_visible(timeout=LONG_MS)
    page.close()


def test_a_click_on_the_confusion_matrix_shows_those_images(browser, server):
    page = browser.new_page(**DESKTOP)
    page.goto(f"{server.address}/results")
    settle(page)
    page.get_by_role("tab", name="Confusion").click()
    plot = page.locator(".js-plotly-plot .nsewdrag").first
    plot.wait_for()
    settle(page)
    box = plot.bounding_box()
    assert box
    width, height = box["width"], box["height"]
    plot.click(position={"x": 0.35 * width, "y": 0.75 * height}, force=True)  # 7 read as 3
    expect(page.get_by_label("True digit").first).to_have_value(re.compile("7"))
    expect(page.get_by_label("Read as").first).to_have_value(re.compile("3"))
    page.close()


def test_the_server_has_nothing_to_complain_of(server):
    """Last in this file: what all of the above left in the server's log but its greeting."""
    greeting = re.compile(r"^\s*(|You can now view.*|URL: .*|Local URL: .*|Network URL: .*)$")
    said = [line for line in server.log.read_text().splitlines() if not greeting.match(line)]
    assert said == []
