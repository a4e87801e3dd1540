"""The server: `streamlit run app.py`. Starts the engine, serves `ui/shell.py`, stops the engine."""

import importlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import streamlit as st
from starlette.middleware import Middleware

from ui import middleware

SHELL = Path(__file__).parent / "ui" / "shell.py"


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """The engine lives as long as the server; pages do not wait for its workers."""
    from mnist_core import examples
    from mnist_core.database import StoreError
    from mnist_core.hosting import hosting
    from ui import cache  # only now has Streamlit the caches that it decorates

    hosting()  # Streamlit has put its secrets into the environment; a wrong one ends the start
    try:
        await anyio.to_thread.run_sync(examples.install)
    except StoreError as error:
        logging.getLogger(__name__).error("%s", error)  # and every page will say so
    engine = cache.engine()
    engine.start(before=import_pages)
    yield
    await anyio.to_thread.run_sync(engine.stop)


def import_pages() -> None:
    """What pages need, while the first browser loads: its first page need not wait for it."""
    from mnist_core import dataset

    for path in SHELL.parent.rglob("[a-z]*.py"):
        if path != SHELL:
            name = path.relative_to(SHELL.parents[1]).with_suffix("")
            importlib.import_module(".".join(name.parts))
    dataset.showcase()


def explain(error: Exception) -> bool:
    """A sentence for people, where a page or a part of it fails; the traceback is for the log."""
    from mnist_core.errors import MnistError
    from ui import frame

    if isinstance(error, MnistError):
        frame.refuse(error)
        return True
    logging.getLogger(__name__).error("A page failed", exc_info=error)
    st.error(
        "This page has failed, which it should not. Nothing of your runs is lost: reload it, or "
        "take another page.",
        icon=":material/error:",
    )
    return True


app = st.App(
    SHELL,
    lifespan=lifespan,
    middleware=[Middleware(kind) for kind in middleware.ALL],
    on_script_error=explain,
)
