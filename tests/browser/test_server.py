"""What the server lets in and gives out, over the wire; and whom a hosted one takes one for."""

import base64
from contextlib import suppress
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request

from mnist_core.storage import workspaces
from tests.browser.driver import DESKTOP, Server, open_page, serve, settle, watch
from ui.app.middleware import YEAR_S
from ui.session.visitor import COOKIE

PATHS = ("/", "/build", "/_stcore/health", "/_stcore/metrics", "/static/none.js", "/%2e%2e/app.py")
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode(),
}
A_PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)


@pytest.fixture(scope="module")
def hosted_server(tmp_path_factory):
    """A hosted server, which has its settings out of a file of secrets."""
    folder = tmp_path_factory.mktemp("hosted")
    secrets = folder / "secrets.toml"
    secrets.write_text(
        f'MNIST_HOSTED = "1"\nMNIST_MAX_UPLOAD_MB = 1\n'
        f'MNIST_DATABASE_URL = "sqlite:///{folder / "secret.db"}"\n'
    )
    with serve(folder, None, "--secrets.files", str(secrets)) as running:
        yield running


def ask(
    server: Server, path: str, method: str = "GET", body: bytes = b"", **headers: str
) -> HTTPResponse:
    """One request, nothing added to it; header names are written with _ for -."""
    connection = HTTPConnection(urlsplit(server.address).netloc, timeout=20)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    # A server may answer and hang up before it has read all of a body that is too large.
    with suppress(BrokenPipeError, ConnectionResetError):
        connection.request(method, path, body or None, named)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_the_headers(server, path):
    answer = ask(server, path)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    rules = answer.headers["Content-Security-Policy"]
    assert "default-src 'self';" in rules
    assert "script-src 'self' 'sha256-" in rules  # nothing "unsafe" for scripts
    assert "frame-ancestors 'self'" in rules
    assert answer.headers.get_all("Set-Cookie") is None or COOKIE not in str(answer.headers)


@pytest.mark.parametrize("path", ["/../app.py", "/..%2f..%2fapp.py", "/static/..%2f..%2f..%2fweb"])
def test_a_path_leads_out_of_nothing(server, path):
    answer = ask(server, path)
    assert answer.status == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE"])
def test_a_page_is_read_and_nothing_else(server, method):
    assert ask(server, "/build", method).status == 405


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 101),  # no browser
        ("{own}", 101),
        ("https://elsewhere.example", 403),
        ("null", 403),
    ],
)
def test_other_sites_cannot_speak_with_the_app(server, origin, status):
    given = {} if origin is None else {"Origin": origin.format(own=server.address)}
    connection = HTTPConnection(urlsplit(server.address).netloc, timeout=20)
    connection.request("GET", "/_stcore/stream", headers=UPGRADE | given)
    assert connection.getresponse().status == status
    connection.close()


def upload_of(page: Page, server: Server) -> Request:
    """Upload a small picture; what the browser asked for doing so."""
    open_page(page, f"{server.address}/draw")
    page.get_by_test_id("stButtonGroup").get_by_text("Upload", exact=True).click()
    settle(page)
    with page.expect_request(lambda request: request.method == "PUT") as sent:
        page.locator("input[type=file]").first.set_input_files(
            {"name": "dot.png", "mimeType": "image/png", "buffer": A_PICTURE}
        )
    settle(page)
    return sent.value


def form(size: int) -> tuple[bytes, str]:
    """A file of that many bytes as a browser sends it, and the type of that."""
    start = b'--edge\r\nContent-Disposition: form-data; name="f"; filename="f.png"\r\n\r\n'
    return start + bytes(size) + b"\r\n--edge--\r\n", "multipart/form-data; boundary=edge"


def put(server: Server, sent: Request, size: int, **headers: str) -> int:
    """What is answered to the same upload, of that size and with these headers."""
    body, kind = form(size)
    path = urlsplit(sent.url).path
    return ask(server, path, "PUT", body, Content_Type=kind, **headers).status


def test_an_upload_needs_its_token_and_has_a_limit(browser, server, hosted_server):
    for running, limit in ((server, 25 * 2**20), (hosted_server, 10**6)):
        page = browser.new_page(**DESKTOP)
        sent = upload_of(page, running)
        every = sent.all_headers()
        both = {"Cookie": every["cookie"], "X_Xsrftoken": every["x-xsrftoken"]}
        assert put(running, sent, 1000, **both) == 204
        assert put(running, sent, limit + 2**21, **both) == 413
        for missing in both:
            assert put(running, sent, 1000, **(both | {missing: ""})) == 403
        page.close()


def test_a_hosted_server_has_its_settings_from_the_secrets(hosted_server):
    folder = Path(hosted_server.log).parent
    assert (folder / "secret.db").exists()
    assert not (folder / "runs.db").exists()


def cookie_of(page: Page) -> dict:
    (found,) = [cookie for cookie in page.context.cookies() if cookie.get("name") == COOKIE]
    return dict(found)


def test_a_visitor_has_a_workspace_of_their_own_that_stays(browser, hosted_server):
    context = browser.new_context(**DESKTOP)
    seen = watch(context, hosted_server)
    page = context.new_page()
    open_page(page, hosted_server.address)
    first = cookie_of(page)
    assert workspaces.is_token(first["value"])
    assert (first["httpOnly"], first["sameSite"], first["path"]) == (True, "Lax", "/")
    assert first["value"] not in page.evaluate("document.cookie")
    assert "workspace=" not in page.url  # the session had the cookie with its first websocket
    page.reload()
    settle(page)
    second = context.new_page()
    open_page(second, f"{hosted_server.address}/build")
    assert "workspace=" not in second.url
    assert cookie_of(second)["value"] == first["value"]
    context.close()
    assert seen.elsewhere == [], "the app works without a network"
    assert seen.complaints == []

    stranger = browser.new_context().new_page()
    open_page(stranger, hosted_server.address)
    assert cookie_of(stranger)["value"] != first["value"]
    stranger.context.close()


@pytest.mark.parametrize("sent", ["", "short", "x" * 22 + "\u00e9", "'; DROP TABLE runs; --"])
def test_what_is_no_token_is_replaced(hosted_server, sent):
    answer = ask(hosted_server, "/build", Cookie=f"{COOKIE}={sent}".encode().decode("latin-1"))
    token, *rules = answer.headers["Set-Cookie"].removeprefix(f"{COOKIE}=").split("; ")
    assert workspaces.is_token(token)
    assert rules == [f"Max-Age={YEAR_S}", "Path=/", "HttpOnly", "SameSite=Lax"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_token_is_kept_and_goes_by_https_where_the_page_did(hosted_server):
    token = workspaces.new_token()
    answer = ask(hosted_server, "/", Cookie=f"{COOKIE}={token}", X_Forwarded_Proto="https")
    assert answer.headers["Set-Cookie"].startswith(f"{COOKIE}={token}; ")
    assert answer.headers["Set-Cookie"].endswith("; Secure")


@pytest.mark.parametrize("path", ["/_stcore/health", "/static/none", "/_stcore/host-config"])
def test_only_pages_give_a_cookie(hosted_server, path):
    answer = ask(hosted_server, path)
    given = answer.headers.get_all("Set-Cookie") or []
    page = answer.headers.get("Content-Type", "").startswith("text/html")
    assert page == any(cookie.startswith(COOKIE) for cookie in given)
