"""What is promised of a PostgreSQL database alone; see also the tests marked `both_databases`."""

import subprocess
import sys
import textwrap

import pytest
import sqlalchemy as sa

from mnist_core.storage.database import Database, StoreError
from mnist_core.storage.runs import Store
from tests.helpers import PROJECT
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


def test_threads_that_import_the_driver_at_once_leave_the_flags_of_imports_as_they_were():
    code = """
        import sys
        from concurrent.futures import ThreadPoolExecutor
        from threading import Barrier
        from mnist_core.storage.database import import_psycopg
        before, barrier = sys.getdlopenflags(), Barrier(8)
        def both(_):
            barrier.wait()
            import_psycopg()
        list(ThreadPoolExecutor(8).map(both, range(8)))
        print(sys.getdlopenflags() == before, "psycopg" in sys.modules)
    """
    assert output_of(code) == ["True", "True"]


def test_an_encrypted_connection_works_where_tensorflow_was_first(url):
    """In a process of its own, which it would end: see `import_psycopg`."""
    code = f"""
        import sqlalchemy as sa
        from mnist_core.storage.runs import Store
        from mnist_core.utils.tensorflow import start_tensorflow
        start_tensorflow()
        print(len(Store(url={url!r}).runs()))
        query = "select ssl from pg_stat_ssl where pid = pg_backend_pid()"
        print(sa.create_engine({url!r}).connect().scalar(sa.text(query)))
    """
    assert output_of(code) == ["0", "True"]


def output_of(code: str) -> list[str]:
    """The words that a program prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        cwd=PROJECT,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()
