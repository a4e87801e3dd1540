"""One engine for the tests of this folder that do not start or stop theirs."""

import pytest

from mnist_core.engine.engine import Engine
from mnist_core.storage.runs import Store
from tests.helpers import wait_until


@pytest.fixture(scope="package")
def engine_url(tmp_path_factory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('engine') / 'runs.db'}"


@pytest.fixture(scope="package")
def started_engine(engine_url):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MNIST_DATABASE_URL", engine_url)
        made = Engine()
        made.start()
        yield made
        made.stop()


@pytest.fixture
def engine(started_engine, engine_url, monkeypatch) -> Engine:
    """The engine, ready, on a database that its tests share."""
    monkeypatch.setenv("MNIST_DATABASE_URL", engine_url)
    wait_until(lambda: started_engine.status().ready)
    return started_engine


@pytest.fixture
def store(engine) -> Store:
    return Store()
