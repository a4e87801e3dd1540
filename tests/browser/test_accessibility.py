"""Every page by the rules of axe-core: contrast, names, headings, keyboard. In light and dark."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from mnist_core.storage.runs import Store
from tests.browser.driver import DESKTOP, PHONE, Server, open_page, settle
from tests.helpers import LOOK_INSIDE
from ui.session.navigation import STEPS
from ui.views.learn.ideas.catalog import IDEAS

PRIMARY_IN_DARK = "#2f6fed"
STREAMLITS_OWN = {
    # A chosen button has the color of the theme as its text too: no blue is light enough for a dark
    # page, and dark enough for the white text of other buttons.
    "color-contrast": lambda node: node["any"][0]["data"].get("fgColor") == PRIMARY_IN_DARK,
    # Code and formulas that are wider than their column.
    "scrollable-region-focusable": lambda node: (
        node["html"].startswith("<pre") or "katex-display" in node["html"]
    ),
}
"""What Streamlit draws so and pages cannot change, by the rule."""


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_of_ours_breaks_a_rule(browser, server, device):
    context = browser.new_context(**device, color_scheme="light")
    page = context.new_page()
    found: Counter[str] = Counter()
    for step in STEPS:
        open_page(page, f"{server.address}/{'' if step.name == 'home' else step.name}")
        for scheme in ("light", "dark") if device is DESKTOP else ("light",):
            page.emulate_media(color_scheme=scheme)
            settle(page)
            found.update(f"{step.name}, {scheme}: {broken}" for broken in _ours(page))
        page.emulate_media(color_scheme="light")
    assert not found
    context.close()


AT_REST = """() => {
    const passing = document.getAnimations().filter(
        (one) => one.effect.getComputedTiming().iterations !== Infinity
    );
    return Promise.all(passing.map((one) => one.finished.catch(() => null)));
}"""
"""Waits until colors have changed to those of the other theme."""

TABS = {
    "data": ("Many images", "Gray levels", "Typical images", "Labels"),
    "results": ("Confusion", "Mistakes", "Calibration", "One image", "Settings", "Export"),
    "look": tuple(LOOK_INSIDE),
    "compare": ("Curves", "Settings", "Trade-off", "Two runs", "Ensemble"),
    "tune": ("Learning rate", "Repeat", "k-fold", "Hidden layers"),
    "learn": ("Lessons", "Challenges", "For teachers"),
}
"""Views that a page does not open with."""


def test_no_tab_breaks_a_rule(browser, server):
    examples = Store(url=f"sqlite:///{server.log.parent / 'runs.db'}").examples()
    runs = ",".join(str(run.id) for run in examples)
    views = [f"{page}?{page}_tab={tab}&runs={runs}" for page, tabs in TABS.items() for tab in tabs]
    assert not _broken(browser, server, views)


def test_no_idea_breaks_a_rule(browser, server):
    assert not _broken(browser, server, [f"learn?idea={idea.name}" for idea in IDEAS])


def _broken(browser: Browser, server: Server, views: list[str]) -> Counter[str]:
    """Return what breaks a rule in these views, each seen in light or dark, in turn."""
    context = browser.new_context(**DESKTOP)
    page = context.new_page()
    found: Counter[str] = Counter()
    for number, view in enumerate(views):
        scheme = ("light", "dark")[number % 2]
        page.emulate_media(color_scheme=scheme)
        open_page(page, f"{server.address}/{view}")
        if "_tab=" in view:
            name = view.partition("_tab=")[2].partition("&")[0]
            tab = LOOK_INSIDE.get(name, name)  # views of Look inside are in groups
            page.get_by_role("tab", name=tab, exact=True, selected=True).wait_for()
        found.update(f"{view}, {scheme}: {broken}" for broken in _ours(page))
    context.close()
    return found


def _ours(page: Page) -> Iterator[str]:
    """Yield each rule and element of a page that breaks it and is not Streamlit's own."""
    page.evaluate(AT_REST)
    for broken in Axe().run(page).response["violations"]:
        for node in broken["nodes"]:
            if not _is_streamlits(broken["id"], node):
                yield f"{broken['id']} {node['target']}"


def _is_streamlits(rule: str, node: dict[str, Any]) -> bool:
    return rule in STREAMLITS_OWN and STREAMLITS_OWN[rule](node)
