"""The live view of a training, frame by frame."""

import re
from itertools import combinations

import pytest
from playwright.sync_api import expect

from tests.browser.driver import DESKTOP, LONG_MS, PHONE, open_page, settle, watch

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


# Keep where each canvas wrote learning rates when it was drawn last.
KEEP_LABELS = """() => {
    window.labels = new Map();
    const {fillText, clearRect} = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.clearRect = function () {
        window.labels.set(this.canvas, []);
        return clearRect.apply(this, arguments);
    };
    CanvasRenderingContext2D.prototype.fillText = function (words, x, y) {
        if (String(words).startsWith("lr ")) {
            const {actualBoundingBoxAscent: height, width} = this.measureText(words);
            window.labels.get(this.canvas).push({words, x, y: y - height, width, height});
        }
        return fillText.apply(this, arguments);
    };
    window.shown = () => [...window.labels].filter(([canvas]) => canvas.isConnected
        && canvas.closest(".plot")).map(([, labels]) => labels);
}"""

# Where the texts of elements are, which may reach out of them.
TEXT_BOXES = """(elements) => elements.map((element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const {x, y, width, height} = range.getBoundingClientRect();
    return {x, y, width, height};
})"""


def apart(boxes: list[dict[str, float]]) -> bool:
    """Whether no box covers another."""
    return all(
        one["x"] + one["width"] <= other["x"]
        or other["x"] + other["width"] <= one["x"]
        or one["y"] + one["height"] <= other["y"]
        or other["y"] + other["height"] <= one["y"]
        for one, other in combinations(boxes, 2)
    )


@pytest.mark.slow
def test_learning_rates_and_captions_do_not_cover_each_other_on_a_phone(browser, server):
    """Three rates within a few epochs, during training and after it; the twenty digits."""
    page = browser.new_context(**PHONE).new_page()
    open_page(page, f"{server.address}/train?network=C4+M+F+D16&epochs=1000&limit=11000")
    page.get_by_role("button", name="Start training").click()
    page.evaluate(KEEP_LABELS)
    rates, main = ("0.01", "0.002", "0.003"), page.get_by_test_id("stMain")
    for rate in rates:
        main.get_by_test_id("stPopover").get_by_role("button").first.click()
        page.get_by_label("learning_rate").fill(rate)
        page.get_by_label("learning_rate").press("Enter")
        page.wait_for_function(
            "rate => window.shown().length === 2 && window.shown().every("
            "(labels) => labels.some(({words}) => words === `lr ${rate}`))",
            arg=rate,
            timeout=LONG_MS,
        )
        page.keyboard.press("Escape")
    digits = page.locator(".digits figcaption")
    expect(digits.last).to_contain_text("%", timeout=LONG_MS)
    captions = digits.evaluate_all(TEXT_BOXES)
    main.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("Stopped after").first).to_be_visible(timeout=LONG_MS)
    for labels in page.evaluate("window.shown()"):
        assert len(labels) >= 2  # an older one may have no room
        assert apart(labels)
    assert len(captions) == 20
    assert apart(captions)
    settle(page)
    open_page(page, page.url.replace("/train", "/results"))
    notes = page.get_by_test_id("stPlotlyChart").locator(".annotation-text")
    expect(notes).to_have_count(8)  # in each figure, with the best epoch
    boxes = [note.bounding_box() for note in notes.all()]
    assert apart([box for box in boxes if box])
    page.context.close()
