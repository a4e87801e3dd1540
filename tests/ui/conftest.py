"""The app in a test: its pages, and for some tests the real engine behind them."""

import functools
import sys
from collections.abc import Callable

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.pages_manager import PagesManager
from streamlit.source_util import PageInfo
from streamlit.testing.v1 import AppTest, app_test

from mnist_core.engine import examples
from mnist_core.engine.engine import Engine
from mnist_core.storage.runs import Store
from tests.helpers import MAIN_SCRIPT, wait_until
from tests.ui.class_digits import ReadingEngine
from ui.session import address, cache, visitor


@pytest.fixture(autouse=True)
def _without_keras(monkeypatch):
    """Where Keras is loaded Streamlit clears its session after every rerun: 0.3 s.

    The server never has it, but the process of the tests has, once those of the core are found.
    """
    if keras := sys.modules.get("keras"):
        monkeypatch.setattr(keras.backend, "clear_session", lambda: None)


@pytest.fixture(scope="session", autouse=True)
def _components_are_found_once():
    """Every AppTest reads the metadata of all installed packages to find components: 0.3 s."""
    with pytest.MonkeyPatch.context() as patch:
        scan = manifest_scanner.scan_component_manifests
        patch.setattr(manifest_scanner, "scan_component_manifests", functools.cache(scan))
        yield


@pytest.fixture(autouse=True)
def _fragments_know_the_pages(monkeypatch):
    """AppTest forgets the pages between runs; a server has them when it runs a fragment alone."""
    known: dict[str, PageInfo] = {}

    class Pages(PagesManager):
        def __init__(self, *args, **options) -> None:
            super().__init__(*args, **options)
            self._pages = dict(known)

        def set_pages_and_resolve(self, pages, fallback_page_hash=""):
            known.update(pages)
            return super().set_pages_and_resolve(pages, fallback_page_hash)

    monkeypatch.setattr(app_test, "PagesManager", Pages)


@pytest.fixture(autouse=True)
def _fresh_caches():
    """What was kept of another test's database has the same numbers of runs."""
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture(autouse=True)
def _no_cookie(monkeypatch):
    """AppTest has no browser that stores anything, and says of every cookie that it is there."""
    monkeypatch.setattr(visitor, "cookie", lambda: None)
    monkeypatch.setattr(visitor, "awaits_browser", lambda: False)


@pytest.fixture(autouse=True)
def _prepared_browser(monkeypatch):
    """No browser answers here: the address is written from the first run on."""
    monkeypatch.setattr(address, "is_written", lambda: True)


@pytest.fixture
def page() -> Callable[..., AppTest]:
    """page("build", epochs="3"): a page, run once, with that in its address."""

    def open_page(name: str, **query: str) -> AppTest:
        at = AppTest.from_file(MAIN_SCRIPT, default_timeout=30)
        at.query_params.update(query)
        at.switch_page(f"../../pages/{name}.py")
        return at.run()

    return open_page


@pytest.fixture(scope="package")
def engine_url(tmp_path_factory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('app') / 'runs.db'}"


@pytest.fixture(scope="package")
def started_engine(engine_url):
    """Gone when the tests of this folder are over: those of the engine count processes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MNIST_DATABASE_URL", engine_url)
        engine = Engine()
        engine.start()
        yield engine
        engine.stop()


@pytest.fixture
def engine(started_engine, engine_url, monkeypatch) -> Engine:
    """The real engine, ready, on a database that the tests with an engine share, without runs."""
    monkeypatch.setenv("MNIST_DATABASE_URL", engine_url)
    for run in Store().runs():
        Store().delete_run(run.id)
    monkeypatch.setattr(cache, "engine", lambda: started_engine)
    wait_until(lambda: started_engine.status().ready)
    return started_engine


@pytest.fixture
def reading(monkeypatch) -> ReadingEngine:
    """An engine that reads the digits of a class at once, and the examples."""
    made = ReadingEngine()
    monkeypatch.setattr(cache, "engine", lambda: made)
    examples.install()
    return made
