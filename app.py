"""The server: `streamlit run app.py` starts the engine and serves `ui/app/main.py`."""

import contextlib
import importlib
import logging
import pkgutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import streamlit as st
from starlette.middleware import Middleware

import ui
from ui.app import middleware

MOST_FILES = 65_536
MAIN_SCRIPT = Path(middleware.__file__).with_name("main.py")


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Start the engine with the server and stop it with it; pages do not wait for its workers."""
    from mnist_core.engine import examples
    from mnist_core.storage.database import StoreError
    from mnist_core.utils.server_settings import server_settings
    from ui.session import cache  # only now has Streamlit the caches that it decorates

    raise_file_limit()
    server_settings()  # Streamlit has its secrets in the environment now; a wrong one stops here
    engine = cache.engine()
    engine.start(meanwhile=import_pages)
    try:
        try:
            await anyio.to_thread.run_sync(examples.install)
        except StoreError as error:
            logging.getLogger(__name__).error("%s", error)  # and every page will say so
        yield
    finally:
        await anyio.to_thread.run_sync(engine.stop)


def raise_file_limit() -> None:
    """Let the process open as many files as it may: a session holds four, even after it ends.

    Most systems give a process 1,024 at first, which 250 sessions use up.
    """
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
        for wanted in (most, 10_240):  # macOS allows this, whatever it says
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
                return


def import_pages() -> None:
    """Import what pages need before the first one is opened, so that it need not wait."""
    from mnist_core.dataset import mnist

    for module in pkgutil.walk_packages(ui.__path__, "ui."):
        if module.name != "ui.app.main":
            importlib.import_module(module.name)
    mnist.showcase()


def explain(error: Exception) -> bool:
    """Show a sentence where a page or a part of it fails; the traceback goes to the log."""
    from mnist_core.utils.errors import MnistError
    from ui.widgets import messages

    if isinstance(error, MnistError):
        messages.show_error(error)
        return True
    logging.getLogger(__name__).error("A page failed", exc_info=error)
    st.error(
        "This page has failed, which it should not. Nothing of your runs is lost: reload it, or "
        "take another page.",
        icon=":material/error:",
    )
    return True


app = st.App(
    MAIN_SCRIPT,
    lifespan=lifespan,
    middleware=[Middleware(kind) for kind in middleware.ALL],
    on_script_error=explain,
)
