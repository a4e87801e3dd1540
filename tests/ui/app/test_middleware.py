"""What stands before Streamlit, asked without a server; tests/browser/test_server.py has one."""

import gzip
from collections.abc import Callable, Iterator

import anyio
import pytest
import streamlit as st
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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


@pytest.fixture
def headers_with(monkeypatch) -> Iterator[Callable[..., dict[str, str]]]:
    """headers_with(MNIST_HOSTED="1"): the headers of a page of a server with these settings."""

    def answer(**settings: str) -> dict[str, str]:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        server_settings.cache_clear()
        _, (start, _) = ask("http", Host=HOST)
        return {name.decode(): value.decode() for name, value in start["headers"]}

    yield answer
    monkeypatch.undo()
    server_settings.cache_clear()


@pytest.mark.parametrize("https", ["0", "1"])
def test_a_host_can_say_that_browsers_use_https(headers_with, https):
    cookie = headers_with(MNIST_HOSTED="1", MNIST_HTTPS=https)["set-cookie"]
    assert cookie.endswith("; Secure") == (https == "1")


def test_the_policy_can_be_reported_only_or_left_out(headers_with):
    policy = headers_with(MNIST_HOSTED="1")["content-security-policy"]
    reported = headers_with(MNIST_CSP="report")
    assert reported["content-security-policy-report-only"] == policy
    assert "content-security-policy" not in reported
    without = headers_with(MNIST_CSP="off")
    assert not [name for name in without if name.startswith("content-security-policy")]


@pytest.mark.parametrize("csp", ["on", "report", "off"])
def test_no_site_frames_a_server_whose_visitors_share_a_workspace(headers_with, csp):
    policy = headers_with(MNIST_CSP=csp)["content-security-policy"]
    assert policy.split("; ")[-1].startswith("frame-ancestors 'self'")


@pytest.mark.parametrize("hosted", [False, True])
def test_a_hosted_app_may_be_framed_and_gives_cookies(headers_with, hosted):
    headers = headers_with(MNIST_HOSTED=str(int(hosted)))
    assert ("frame-ancestors" in headers["content-security-policy"]) != hosted
    assert ("set-cookie" in headers) == hosted


class Files:
    """Files of a frontend: as long as a real one, in two parts; each request is noted."""

    def __init__(self, kind: str = "text/javascript", kept: str = "public, immutable") -> None:
        self.headers = {"content-type": kind, "cache-control": kept, "content-length": "20000"}
        self.asked: list[str] = []
        self.whole = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append(scope["path"])
        headers = [(name.encode(), value.encode()) for name, value in self.headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"digit " * 2000, "more_body": True})
        if self.whole:
            await send({"type": "http.response.body", "body": b"8" * 8000})


def fetch(layer: ASGIApp, path: str, **headers: str) -> tuple[Headers, bytes]:
    """Return the headers and the body that a browser gets."""
    sent: list[Message] = []
    named = [(name.lower().replace("_", "-").encode(), v.encode()) for name, v in headers.items()]

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    anyio.run(
        layer, {"type": "http", "method": "GET", "path": path, "headers": named}, receive, send
    )
    body = b"".join(message["body"] for message in sent[1:])
    return Headers(raw=sent[0]["headers"]), body


def test_a_file_of_the_frontend_is_compressed_once_for_all_browsers():
    files = Files()
    layer = middleware.SecurityHeaders(middleware.CompressedFiles(files))
    for _ in range(2):
        headers, body = fetch(layer, "/static/js/index.a1.js", Accept_Encoding="gzip, br")
        assert (headers["Content-Encoding"], headers["Vary"]) == ("gzip", "Accept-Encoding")
        assert int(headers["Content-Length"]) == len(body) < 500
        assert gzip.decompress(body) == b"digit " * 2000 + b"8" * 8000
        assert len(headers.getlist("X-Content-Type-Options")) == 1
    assert files.asked == ["/static/js/index.a1.js"]


@pytest.mark.parametrize(
    ("path", "headers", "files"),
    [
        ("/static/js/index.a1.js", {}, Files()),
        ("/static/js/index.a1.js", {"Accept_Encoding": "gzip", "Range": "bytes=0-9"}, Files()),
        ("/static/js/index.a1.js", {"Accept_Encoding": "gzip", "If_None_Match": '"a"'}, Files()),
        ("/static//js/index.a1.js", {"Accept_Encoding": "gzip"}, Files()),
        ("/static/./js/index.a1.js", {"Accept_Encoding": "gzip"}, Files()),
        ("/data", {"Accept_Encoding": "gzip"}, Files()),
        ("/static/nothing", {"Accept_Encoding": "gzip"}, Files("text/html", "no-cache")),
        ("/static/media/a.woff2", {"Accept_Encoding": "gzip"}, Files("font/woff2")),
    ],
)
def test_other_answers_pass_as_they_are_and_fill_no_memory(path, headers, files):
    layer = middleware.CompressedFiles(files)
    for _ in range(2):
        got, body = fetch(layer, path, **headers)
        assert "Content-Encoding" not in got
        assert len(body) == 20_000
    assert files.asked == [path, path]
    assert not layer._kept


def test_a_file_whose_browser_has_left_half_way_is_not_kept():
    files = Files()
    layer = middleware.CompressedFiles(files)
    files.whole = False
    fetch(layer, "/static/js/index.a1.js", Accept_Encoding="gzip")
    files.whole = True
    for _ in range(2):
        _, body = fetch(layer, "/static/js/index.a1.js", Accept_Encoding="gzip")
        assert len(gzip.decompress(body)) == 20_000
    assert len(files.asked) == 2
