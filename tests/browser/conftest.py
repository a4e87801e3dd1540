"""A server and a browser for all tests of this folder; without Chromium they are skipped."""

import pytest
import sqlalchemy as sa

from mnist_core.storage.runs import Store
from mnist_core.storage.schema import LESSONS
from tests.browser import driver
from tests.helpers import skip_without


@pytest.fixture(scope="package")
def browser():
    if driver.CHROMIUM is None:
        skip_without("Chromium is not installed: `apt install chromium`")
    with driver.browser() as opened:
        yield opened


@pytest.fixture(scope="package")
def server(tmp_path_factory):
    with driver.serve(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(autouse=True)
def _without_work_of_other_tests(server):
    """Each test begins with the examples alone and no lesson begun: pages show what was last."""
    store = Store(url=f"sqlite:///{server.log.parent / 'runs.db'}")
    for run in store.runs():
        store.delete_run(run.id)
    with store.database.write() as connection:
        connection.execute(sa.delete(LESSONS))
