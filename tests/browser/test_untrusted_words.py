"""What a person wrote is shown as it is, on every page and tab: no element comes of it."""

from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from mnist_core.evaluation.run import Run
from mnist_core.experiments.definitions import Repeat
from mnist_core.experiments.search_space import Space, Study
from mnist_core.network.naming import NAME_LENGTH
from mnist_core.storage import groups
from mnist_core.storage.runs import Store
from mnist_core.storage.schema import ARTIFACTS
from tests.browser.driver import DESKTOP, LONG_MS, Server, open_page, settle, watch
from ui.session import navigation

HOSTILE = "[evl](//ev.il)![i](//ev.il/i)<i id=m>**evb**$evq$:red[evr]www.ev.il a@ev.il"
MADE = """() => [...document.querySelectorAll("*")].filter(element =>
    element.id === "m" || ["evl", "evb", "evq", "evr"].includes(element.textContent.trim()) ||
    ["href", "src", "xlink:href"].some(name => (element.getAttribute(name) ?? "").includes("ev.il"))
).map(element => element.outerHTML.slice(0, 200))"""
"""Elements that Markdown or HTML would make of HOSTILE."""


def copy_of(store: Store, example: Run, **columns: Any) -> Run:
    """A run of one's own that is as well known as the example, with hostile words."""
    columns |= {"note": HOSTILE, "reason": "trained elsewhere"}
    copy = store.create_run(example.spec, HOSTILE, queued=False, **columns)
    kept = sa.select(ARTIFACTS.c.name, ARTIFACTS.c.data).where(ARTIFACTS.c.run_id == example.id)
    with store.database.read() as connection:
        artifacts = connection.execute(kept).all()
    for name, data in artifacts:
        store.put(copy.id, name, data)
    for epoch in store.epochs(example.id):
        store.record_epoch(copy.id, epoch, store.get(example.id, "checkpoint") or b"")
    store.update(copy.id, state="finished", test_accuracy=example.test_accuracy)
    return copy


@pytest.fixture
def runs(server: Server) -> list[Run]:
    """Runs, a study and an experiment in the database of the server."""
    store = Store(url=f"sqlite:///{server.log.parent / 'runs.db'}")
    example = next(run for run in store.examples() if run.name == "note-5")
    made = [copy_of(store, example), copy_of(store, example, origin=f"{HOSTILE}.h5")]
    study = Study(base=example.spec, space=Space(filters=(2, 4)), trials=2)
    groups.create(store, "study", HOSTILE, study.to_json(), "stopped")
    repeat = Repeat(spec=example.spec, seeds=2)
    group = groups.create(store, "repeat", HOSTILE, repeat.model_dump_json())
    for spec in repeat.specs().values():
        store.create_run(spec, HOSTILE, group.id, queued=False, note=HOSTILE)
    return made


def test_no_element_comes_of_what_a_person_wrote(browser, server, runs):
    assert len(HOSTILE) <= NAME_LENGTH
    context = browser.new_context(**DESKTOP)
    seen = watch(context, server)
    page = context.new_page()
    open_page(page, f"{server.address}/look")
    expect(page.get_by_text("The worker is ready")).to_be_visible(timeout=LONG_MS)
    words = quote(HOSTILE)
    looked: list[str] = []
    for step in navigation.STEPS:
        address = f"{server.address}/{'' if step.name == 'home' else step.name}"
        open_page(page, f"{address}?run={runs[1].id}&runs={runs[0].id},{runs[1].id}")
        looked += check(page, step.name)
        for tab in [tab.inner_text() for tab in page.get_by_role("tab").all()]:
            opened = page.get_by_role("tab", name=tab, exact=True)
            expect(opened).to_be_enabled()
            opened.click()
            expect(opened).to_have_attribute("aria-selected", "true")
            settle(page)
            looked += check(page, f"{step.name}, {tab}")
        if step.name in ("results", "compare", "learn"):
            asked = "&".join(
                f"{name}={words}" for name in ("run", "runs", "lesson", "idea", "hide")
            )
            open_page(page, f"{address}?{asked}")
            check(page, f"{step.name}, its address")
    assert len(looked) >= 12, looked
    context.close()
    assert seen.elsewhere == []
    assert "Traceback" not in server.log.read_text()


def check(page: Page, where: str) -> list[str]:
    """No element was made; returns the place if the words are to be seen there."""
    assert page.evaluate(MADE) == [], where
    return [where] if page.get_by_text("evl").count() else []  # short names end after it
