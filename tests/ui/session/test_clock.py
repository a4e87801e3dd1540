"""Times as the visitor's own clock shows them, whatever the browser says of its time zone."""

from datetime import UTC, datetime

import pytest
import streamlit as st

from mnist_core.experiments import studies
from mnist_core.experiments.search_space import Space, Study
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec
from mnist_core.storage.runs import Store
from ui.session import clock

EVENING = datetime(2026, 7, 31, 18, 30, tzinfo=UTC)
BAD_ZONES = [
    None,
    "",
    "Mars/Olympus",
    "Asia",
    "../../etc/passwd",
    "/etc/passwd",
    "a\0b",
    "x" * 9999,
]


@pytest.fixture
def browser(monkeypatch):
    """A function that sets the time zone of the browser."""

    def say(zone: str | None) -> None:
        monkeypatch.setattr(type(st.context), "timezone", property(lambda _: zone))

    return say


def test_a_time_is_that_of_the_visitor(browser):
    browser("Asia/Kathmandu")  # 5 h 45 min before UTC, so that the next day has begun
    assert clock.local(EVENING).isoformat() == "2026-08-01T00:15:00+05:45"
    assert clock.local(EVENING) == EVENING
    assert clock.moment(EVENING) == "Aug 1, 00:15"
    assert clock.day(EVENING) == "August 1, 2026"


@pytest.mark.parametrize("zone", BAD_ZONES, ids=lambda zone: repr(zone)[:20])
def test_without_a_zone_that_exists_a_time_is_in_utc_and_says_so(browser, zone):
    browser(zone)
    assert clock.local(EVENING).isoformat() == "2026-07-31T18:30:00+00:00"
    assert clock.moment(EVENING) == "Jul 31, 18:30 UTC"
    assert clock.day(EVENING) == "July 31, 2026"


@pytest.mark.parametrize(("zone", "shown"), [("Asia/Kathmandu", "Aug 1, 00:15"), ("?", "UTC")])
def test_the_list_of_studies_has_the_visitors_time(page, browser, monkeypatch, zone, shown):
    study = Study(base=Spec(network=parse("F")), space=Space(batch_size=(32, 64)), trials=2)
    group = studies.start(Store(), study, "mine")
    studies.stop(Store(), group.id)
    with Store().database.write() as connection:
        connection.exec_driver_sql("update groups set created_at = '2026-07-31 18:30:00.000000'")
    browser(zone)
    at = page("tune", tune_tab="Search")
    assert not at.exception
    assert at.selectbox[0].options[0].endswith(shown)
