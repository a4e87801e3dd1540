"""The server: `streamlit run app.py`. Starts the engine, serves `ui/shell.py`, stops the engine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import streamlit as st


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """The engine lives as long as the server; pages do not wait for its workers."""
    from mnist_core import examples
    from ui import cache  # only now has Streamlit the caches that it decorates

    await anyio.to_thread.run_sync(examples.install)
    engine = cache.engine()
    engine.start()
    yield
    await anyio.to_thread.run_sync(engine.stop)


app = st.App(Path(__file__).parent / "ui" / "shell.py", lifespan=lifespan)
