"""What stands before Streamlit, asked without a server; tests/browser/test_server.py has one."""

import anyio
import pytest
import streamlit as st
from starlette.types import Message, Receive, Scope, Send

from mnist_core.utils.server_settings import server_settings
from ui.app import middleware

HOST = "mnist.example:8501"


class Behind:
    """An app that notes whether it was reached, and answers with a page."""

    def __init__(self) -> None:
        self.reached = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.reached = True
        if scope["type"] == "http":
            headers = [(b"content-type", b"text/html; charset=utf-8")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b""})


def ask(kind: str, **headers: str) -> tuple[bool, list[Message]]:
    """Whether the app behind was reached, and what was sent back. kind: "http" or "websocket"."""
    behind, sent = Behind(), []
    app = behind
    for layer in reversed(middleware.ALL):
        app = layer(app)
    named = [(name.lower().replace("_", "-"), value) for name, value in headers.items()]
    scope = {
        "type": kind,
        "method": "GET",
        "path": "/_stcore/stream",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in named],
        "server": ("127.0.0.1", 8501),
        "scheme": "http",
    }

    async def receive() -> Message:
        return {"type": f"{kind}.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    anyio.run(app, scope, receive, send)
    return behind.reached, sent


@pytest.mark.parametrize(
    "origin",
    [
        "https://elsewhere.example",
        "null",
        "http://mnist.example:9999",
        "http://[",
        "",
        "http://",
        "http://localhost:3000",
    ],
)
def test_a_page_of_another_site_is_refused_before_streamlit_looks(origin):
    """Streamlit would ask a server elsewhere for its own address, and stand still meanwhile."""
    reached, sent = ask("websocket", Host=HOST, Origin=origin)
    assert not reached
    assert [message["type"] for message in sent] == ["websocket.close"]


@pytest.mark.parametrize("origin", [f"http://{HOST}", f"https://{HOST}", "http://localhost:8501"])
def test_a_page_of_its_own_comes_through(origin):
    assert ask("websocket", Host=HOST, Origin=origin) == (True, [])


def test_what_is_no_browser_names_no_site():
    assert ask("websocket", Host=HOST) == (True, [])


def test_a_site_that_the_settings_name_comes_through(monkeypatch):
    names = ["http://x:port", "https://proxy.example", "bare.example"]
    allowed = {"server.corsAllowedOrigins": names, "server.enableCORS": True}
    real = st.get_option
    monkeypatch.setattr(st, "get_option", lambda name: allowed.get(name, real(name)))
    assert ask("websocket", Host=HOST, Origin="https://proxy.example")[0]
    assert ask("websocket", Host=HOST, Origin="https://bare.example")[0]
    allowed["server.enableCORS"] = False
    assert ask("websocket", Host=HOST, Origin="https://anywhere.example")[0]


@pytest.mark.parametrize("hosted", [False, True])
def test_a_hosted_app_may_be_framed_and_gives_cookies(monkeypatch, hosted):
    monkeypatch.setenv("MNIST_HOSTED", str(int(hosted)))
    server_settings.cache_clear()
    try:
        _, (start, _) = ask("http", Host=HOST)
    finally:
        monkeypatch.undo()
        server_settings.cache_clear()
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    assert ("frame-ancestors" in headers["content-security-policy"]) != hosted
    assert ("set-cookie" in headers) == hosted
