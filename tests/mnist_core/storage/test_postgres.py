"""What is promised of a PostgreSQL database alone; see also the tests marked `both_databases`."""

import pytest
import sqlalchemy as sa

from mnist_core.storage.database import Database, StoreError
from mnist_core.storage.runs import Store
from tests.mnist_core.storage.records import SPEC

pytestmark = pytest.mark.slow


@pytest.fixture
def database_kind() -> str:
    return "postgresql"


def test_a_database_of_another_version_is_refused(url):
    Store(url=url)
    with sa.create_engine(url, poolclass=sa.NullPool).begin() as connection:
        connection.execute(sa.text("update schema_version set version = 99"))
    with pytest.raises(StoreError, match=r"must have version \d; it has version 99"):
        Database(url)


def test_a_server_that_is_away_is_named_without_its_password(url):
    away = sa.make_url(url).set(port=1, password="secret")
    with pytest.raises(StoreError, match="cannot be used") as caught:
        Database(away.render_as_string(hide_password=False))
    assert "secret" not in str(caught.value)


def test_a_pinned_run_with_a_note_and_large_artifacts_comes_back(url):
    kept = Store(url=url)
    made = kept.create_run(SPEC, pinned=True, note="ein Gruß ✓", trial=0)
    kept.put(made.id, "weights", bytes(range(256)) * 20_000)
    again = Store(url=url).run(made.id)
    assert (again.pinned, again.note, again.trial) == (True, "ein Gruß ✓", 0)
    assert kept.get(made.id, "weights") == bytes(range(256)) * 20_000
