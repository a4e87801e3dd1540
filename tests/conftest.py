"""What all tests share: a database of their own."""

import os

import pytest
from hypothesis import settings

from mnist_core.utils.server_settings import server_settings

settings.register_profile("steady", deadline=None, derandomize=True, database=None)
settings.load_profile("steady")


@pytest.fixture
def url(tmp_path) -> str:
    """A database that nobody else uses."""
    return f"sqlite:///{tmp_path / 'runs' / 'test.db'}"


@pytest.fixture(autouse=True)
def _own_database(tmp_path, monkeypatch):
    """No test reads or writes the runs of the person who starts it."""
    monkeypatch.setitem(os.environ, "MNIST_DATABASE_URL", f"sqlite:///{tmp_path / 'default.db'}")


@pytest.fixture
def hosted(monkeypatch):
    """hosted(max_runs=3): from here on a hosted server, with these limits."""

    def host(**limits: float) -> None:
        monkeypatch.setenv("MNIST_HOSTED", "1")
        for name, value in limits.items():
            monkeypatch.setenv(f"MNIST_{name.upper()}", str(value))
        server_settings.cache_clear()

    yield host
    server_settings.cache_clear()
