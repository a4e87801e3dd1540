"""Every page by the rules of axe-core: contrast, names, headings, keyboard. In light and dark."""

from collections import Counter
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.driver import DESKTOP, PHONE, open_page, settle
from ui.session.navigation import STEPS

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
            for broken in Axe().run(page).response["violations"]:
                ours = [node for node in broken["nodes"] if not _is_streamlits(broken["id"], node)]
                found.update(f"{step.name}, {scheme}: {broken['id']} {n['target']}" for n in ours)
        page.emulate_media(color_scheme="light")
    assert not found
    context.close()


def _is_streamlits(rule: str, node: dict[str, Any]) -> bool:
    return rule in STREAMLITS_OWN and STREAMLITS_OWN[rule](node)
