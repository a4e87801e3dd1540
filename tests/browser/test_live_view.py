"""The live view of a training, frame by frame."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.driver import DESKTOP, LONG_MS, open_page, watch

# Per frame: how many pixels of the training's color each chart has, and what the view says.
RECORD = """() => {
    window.frames_seen = [];
    const look = () => {
        const host = [...document.querySelectorAll("*")].find(
            (element) => element.shadowRoot?.querySelector(".live"));
        const view = host?.shadowRoot;
        const drawn = [...(view?.querySelectorAll(".plot canvas") ?? [])].map((canvas) => {
            const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            let blue = 0;
            for (let at = 0; at < data.length; at += 4)
                blue += data[at + 3] > 30 && data[at + 2] > data[at] + 60;
            return blue;
        });
        window.frames_seen.push({
            drawn,
            status: view?.querySelector(".status")?.textContent,
            read: [...(view?.querySelectorAll(".digits figcaption") ?? [])]
                .map((caption) => caption.textContent).join(),
        });
        requestAnimationFrame(look);
    };
    look();
}"""


@pytest.mark.slow
def test_no_frame_of_a_training_is_without_its_curves(browser, server):
    """From the first point through a pause to the end; the digits change within an epoch."""
    context = browser.new_context(**DESKTOP)
    seen = watch(context, server)
    page = context.new_page()
    open_page(page, f"{server.address}/train?network=note-1&epochs=2&limit=25000")
    page.get_by_role("button", name="Start training").click()
    page.evaluate(RECORD)
    expect(page.get_by_text("Epoch 1 of 2").first).to_be_visible(timeout=LONG_MS)
    main = page.get_by_test_id("stMain")
    expect(page.get_by_text("Epoch 2 of 2").first).to_be_visible(timeout=LONG_MS)
    main.get_by_role("button", name="Pause", exact=True).click()
    main.get_by_role("button", name="Resume", exact=True).click(timeout=LONG_MS)
    expect(page.get_by_text("Finished after 2 of 2").first).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_text("wrong of 10,000").first).to_be_visible(timeout=LONG_MS)
    frames = page.evaluate("window.frames_seen")
    first = next(at for at, frame in enumerate(frames) if frame["drawn"] and all(frame["drawn"]))
    bare = [
        frame for frame in frames[first:] if len(frame["drawn"]) != 2 or not all(frame["drawn"])
    ]
    assert not bare
    in_first_epoch = {f["read"] for f in frames if (f["status"] or "").startswith("Epoch 1")}
    assert len(in_first_epoch) > 2
    of_ours = [told for told in seen.complaints if "getImageData" not in told]  # the test's own
    assert not of_ours
    assert not seen.elsewhere
    context.close()


@pytest.mark.slow
def test_who_comes_later_gets_the_whole_curve(browser, server):
    page = browser.new_context(**DESKTOP).new_page()
    open_page(page, f"{server.address}/train?network=C4+M+F+D16&epochs=1000&limit=11000")
    page.get_by_role("button", name="Start training").click()
    third = re.compile(r"Epoch ([3-9]|\d\d+) of 1000")  # the epochs are short
    expect(page.get_by_text(third).first).to_be_visible(timeout=LONG_MS)
    late = browser.new_context(**DESKTOP).new_page()
    open_page(late, page.url)
    rows = late.locator(".for-screen-readers tr")
    expect(rows.nth(3)).to_be_attached(timeout=LONG_MS)
    assert rows.nth(1).locator("td").first.inner_text() == "1"
    main = late.get_by_test_id("stMain")
    main.get_by_role("button", name="Stop", exact=True).click()
    for each in (page, late):
        expect(each.get_by_text("Stopped after").first).to_be_visible(timeout=LONG_MS)
        each.context.close()
