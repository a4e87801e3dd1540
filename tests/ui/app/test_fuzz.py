"""A little of `python -m benchmarks.fuzz query`: no address breaks a page."""

import pytest
from hypothesis import given, settings

from mnist_core.engine import examples
from tests.mnist_core.fuzz import UNCHECKED
from tests.ui import fuzz
from ui.session import cache

FOUND = [
    ("results", {"run": "9" * 5000}),
    ("data", {"image": "²"}),
    ("data", {"image": "٣"}),
    ("build", {"network": "C8 " * 5000}),
    ("build", {"network": "C64same " * 24 + "F"}),
    ("compare", {"runs": ["1", "[a](http://b.c)"]}),
]
"""Addresses that broke a page once, or made it wait for minutes."""


@pytest.fixture(autouse=True)
def _examples_and_no_engine(monkeypatch):
    monkeypatch.setattr(cache, "engine", lambda: fuzz.Engine())
    examples.install()


@pytest.mark.parametrize(("page", "query"), FOUND)
def test_an_address_that_broke_a_page(page, query):
    assert not fuzz.failure(fuzz.open_page(page, query))


def test_no_address_breaks_a_page():
    @settings(max_examples=20, suppress_health_check=UNCHECKED)
    @given(fuzz.addresses())
    def try_one(address):
        assert not fuzz.failure(fuzz.open_page(*address))

    try_one()


def test_what_a_link_says_is_shown_as_text():
    at = fuzz.open_page("results", {"run": "[a](http://b.c)"})
    assert not any("](http" in message.value for message in at.warning)
    at = fuzz.open_page("build", {"network": "F [a](http://b.c)"})
    assert at.error
    assert not any("](http" in message.value for message in at.error)
