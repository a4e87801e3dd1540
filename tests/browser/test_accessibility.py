"""Every page by the rules of axe-core: contrast, names, headings, keyboard. In light and dark."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

from mnist_core.storage.runs import Store
from tests.browser.driver import DESKTOP, PHONE, Server, open_page
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


@pytest.mark.parametrize(
    ("device", "scheme"),
    [(DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light")],
    ids=["desktop, light", "desktop, dark", "phone"],
)
def test_nothing_of_ours_breaks_a_rule(browser, server, device, scheme):
    names = ("" if step.name == "home" else step.name for step in STEPS)
    assert not _broken(browser.new_context(**device, color_scheme=scheme), server, names)


TABS = {
    "data": ("Many images", "Gray levels", "Typical images", "Labels"),
    "results": ("Confusion", "Mistakes", "Calibration", "One image", "Settings", "Export"),
    "look": tuple(LOOK_INSIDE),
    "compare": ("Curves", "Settings", "Trade-off", "Two runs", "Ensemble"),
    "tune": ("Learning rate", "Repeat", "k-fold", "Hidden layers"),
    "learn": ("Lessons", "Challenges", "For teachers"),
}
"""Views that a page does not open with."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_tab_breaks_a_rule(browser, server, scheme):
    examples = Store(url=f"sqlite:///{server.log.parent / 'runs.db'}").examples()
    runs = ",".join(str(run.id) for run in examples)
    views = [f"{page}?{page}_tab={tab}&runs={runs}" for page, tabs in TABS.items() for tab in tabs]
    every_other = views[scheme == "dark" :: 2]
    assert not _broken(browser.new_context(**DESKTOP, color_scheme=scheme), server, every_other)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_idea_breaks_a_rule(browser, server, scheme):
    views = [f"learn?idea={idea.name}" for idea in IDEAS[scheme == "dark" :: 2]]
    assert not _broken(browser.new_context(**DESKTOP, color_scheme=scheme), server, views)


def _broken(context: BrowserContext, server: Server, views: Iterable[str]) -> Counter[str]:
    """Return what breaks a rule in these views; the context is closed."""
    page = context.new_page()
    found: Counter[str] = Counter()
    for view in views:
        open_page(page, f"{server.address}/{view}")
        if "_tab=" in view:
            name = view.partition("_tab=")[2].partition("&")[0]
            tab = LOOK_INSIDE.get(name, name)  # views of Look inside are in groups
            page.get_by_role("tab", name=tab, exact=True, selected=True).wait_for()
        found.update(f"{view}: {broken}" for broken in _ours(page))
    context.close()
    return found


def _ours(page: Page) -> Iterator[str]:
    """Yield each rule and element of a page that breaks it and is not Streamlit's own."""
    for broken in Axe().run(page).response["violations"]:
        for node in broken["nodes"]:
            if not _is_streamlits(broken["id"], node):
                yield f"{broken['id']} {node['target']}"


def _is_streamlits(rule: str, node: dict[str, Any]) -> bool:
    return rule in STREAMLITS_OWN and STREAMLITS_OWN[rule](node)
