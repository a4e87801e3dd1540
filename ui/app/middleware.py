"""ASGI middleware around Streamlit: compression, headers, origins, uploads, a visitor's cookie."""

import gzip
import posixpath
from urllib.parse import urlsplit

import anyio
import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mnist_core.storage import workspaces
from mnist_core.utils.server_settings import server_settings
from ui.session.visitor import COOKIE

YEAR_S = 365 * 24 * 3600
FORM_BYTES = 2**16  # room for the form around an uploaded file

SOURCES = {
    "default-src": "'self'",
    # Streamlit's page has one inline script, allowed by its digest.
    "script-src": "'self' 'sha256-THxz9J9+wf7rhwR2YkXJoSZ13UCmYyC+3lNDv2+8ugA='",
    "style-src": "'self' 'unsafe-inline'",  # Streamlit and Plotly set styles from scripts
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # an address may hold the token of a workspace
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Where everyone shares one workspace, no other site may frame the app (clickjacking). A hosted app
# may be framed by a course's page: there the visitor has another workspace, only for that site.
FRAMES_ALONE = "'self' https://*.streamlit.app"


def policy() -> dict[str, str]:
    """Return the headers with the Content-Security-Policy; the app needs nothing from other sites.

    MNIST_CSP=report lets browsers report in their console what they would forbid, off leaves it
    out. Where no other site may frame the app, none may in either case.
    """
    settings = server_settings()
    frames = {} if settings.hosted else {"frame-ancestors": FRAMES_ALONE}
    if settings.csp == "on":
        return {"Content-Security-Policy": _rules(SOURCES | frames)}
    headers = {"Content-Security-Policy": _rules(frames)} if frames else {}
    if settings.csp == "report":
        headers["Content-Security-Policy-Report-Only"] = _rules(SOURCES)
    return headers


def _rules(sources: dict[str, str]) -> str:
    return "; ".join(f"{name} {allowed}" for name, allowed in sources.items())


class SecurityHeaders:
    """Add the headers to every HTTP response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.update(policy())
            await send(message)

        await self.app(scope, receive, send_with_headers)


class CompressedFiles:
    """Compress each file of Streamlit's frontend once, and keep it in memory: about 4 MB in all.

    Streamlit leaves these files as they are, since compressing them for every visitor would cost
    more than it saves. Files that may be cached forever have names that change with the contents.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._kept: dict[str, tuple[Message, Message]] = {}  # by path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        plain = path == posixpath.normpath(path)  # else a file would have endless paths to keep
        if "/static/" not in path or not plain or not _takes_gzip(scope):
            await self.app(scope, receive, send)
            return
        if path not in self._kept:
            sent: list[Message] = []

            async def collect(message: Message) -> None:
                sent.append(message)

            await self.app(scope, receive, collect)
            start, body = sent[0], b"".join(message.get("body", b"") for message in sent[1:])
            whole = Headers(raw=start["headers"]).get("Content-Length") == str(len(body))
            if not (whole and _is_text_for_ever(start)):  # not whole: the browser has left
                await send(start)
                await send({"type": "http.response.body", "body": body})
                return
            self._kept[path] = await anyio.to_thread.run_sync(_compressed, start, body)
        start, body = self._kept[path]
        await send({**start, "headers": [*start["headers"]]})  # other middleware adds headers
        await send({**body})


class OwnOrigin:
    """Refuse websockets that pages of other sites open.

    Streamlit refuses them too, but first asks an external server for this one's address, and all
    sessions wait for the answer.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and _is_foreign(HTTPConnection(scope).headers):
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        await self.app(scope, receive, send)


class UploadLimit:
    """On a hosted server, refuse a request above the upload limit without reading it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and server_settings().hosted:
            length = HTTPConnection(scope).headers.get("Content-Length", "")
            most = server_settings().max_upload_mb * 2**20 + FORM_BYTES
            if length.isdecimal() and int(length) > most:
                words = f"A file may be at most {server_settings().max_upload_mb:g} MB."
                await PlainTextResponse(words, 413)(scope, receive, send)
                return
        await self.app(scope, receive, send)


class WorkspaceCookie:
    """On a hosted server, give every browser a token with its first page.

    Scripts cannot read the cookie, and requests from other sites do not carry it; pages read it
    from `st.context.cookies`. Each visit renews it for a year.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not server_settings().hosted:
            await self.app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        known = request.cookies.get(COOKIE)
        token = known if known and workspaces.is_token(known) else workspaces.new_token()

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if _is_page(request.headers, message["status"], headers):
                    headers.append("Set-Cookie", _cookie(token, _is_https(request)))
                    headers["Cache-Control"] = "no-store"  # else others might get this token
            await send(message)

        await self.app(scope, receive, send_with_cookie)


ALL = (SecurityHeaders, CompressedFiles, OwnOrigin, UploadLimit, WorkspaceCookie)
"""All middleware, in the order in which a request passes through it."""


def _takes_gzip(scope: Scope) -> bool:
    """Whether a browser asks for a whole file and accepts gzip."""
    asked = Headers(scope=scope)
    partial = any(name in asked for name in ("Range", "If-None-Match", "If-Modified-Since"))
    return scope["method"] == "GET" and not partial and "gzip" in asked.get("Accept-Encoding", "")


def _is_text_for_ever(start: Message) -> bool:
    """Whether a response is text, such as a script or a style, that never changes."""
    headers = Headers(raw=start["headers"])
    kind = headers.get("Content-Type", "")
    text = kind.startswith("text/") or "javascript" in kind or "json" in kind
    return start["status"] == 200 and text and "immutable" in headers.get("Cache-Control", "")


def _compressed(start: Message, body: bytes) -> tuple[Message, Message]:
    """Return the two messages of a response whose body is compressed."""
    small = gzip.compress(body)
    headers = MutableHeaders(raw=[*start["headers"]])
    headers["Content-Encoding"], headers["Content-Length"] = "gzip", str(len(small))
    headers.add_vary_header("Accept-Encoding")
    return {**start, "headers": headers.raw}, {"type": "http.response.body", "body": small}


def _is_foreign(asked: Headers) -> bool:
    """Whether a page of another site sent a request; only browsers name their site."""
    origin = asked.get("Origin")
    if origin is None or not st.get_option("server.enableCORS"):
        return False
    scheme = origin.partition("://")[0]
    address, port = (st.get_option(f"browser.server{part}") for part in ("Address", "Port"))
    known = (
        asked.get("Host", ""),
        f"{address}:{port}",
        *st.get_option("server.corsAllowedOrigins"),
    )
    site = _host_and_port(origin, scheme)
    return site is None or site not in [_host_and_port(name, scheme) for name in known]


def _host_and_port(origin: str, scheme: str) -> tuple[str, int | None] | None:
    """Return the host and the port of an origin, None if it has no host.

    scheme: for an origin without one.
    """
    try:
        site = urlsplit(origin if "://" in origin else f"{scheme}://{origin}")
        port = site.port or {"http": 80, "https": 443}.get(site.scheme)
    except ValueError:
        return None
    return (site.hostname, port) if site.hostname else None


def _is_page(asked: Headers, status: int, answer: Headers) -> bool:
    """Whether a response is the app's page, or says that the browser has the page already."""
    if status == 304:
        return "text/html" in asked.get("Accept", "")
    return status == 200 and answer.get("Content-Type", "").startswith("text/html")


def _is_https(request: HTTPConnection) -> bool:
    """Whether the browser uses https, perhaps to a proxy in front of this server."""
    first = request.headers.get("X-Forwarded-Proto", "").split(",")[0].strip()
    return server_settings().https or (first or request.url.scheme) == "https"


def _cookie(token: str, secure: bool) -> str:
    """Return the header for all paths: the app may lie below a path of the host's choice."""
    rules = f"Max-Age={YEAR_S}; Path=/; HttpOnly; SameSite=Lax"
    return f"{COOKIE}={token}; {rules}{'; Secure' if secure else ''}"
