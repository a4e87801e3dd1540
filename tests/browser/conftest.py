"""A server and a browser for all tests of this folder; without Chromium they are skipped."""

import os

import pytest

from tests.browser import driver


@pytest.fixture(scope="package")
def browser():
    if driver.CHROMIUM is None:
        missing = "Chromium is not installed: `apt install chromium`"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with driver.browser() as opened:
        yield opened


@pytest.fixture(scope="package")
def server(tmp_path_factory):
    with driver.serve(tmp_path_factory.mktemp("server")) as running:
        yield running
