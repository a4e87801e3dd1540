"""A proxy that treats the app as Streamlit Community Cloud is said to do.

It ends TLS and says so nowhere, shows the app below `/~/+/` in a frame of its own page, and hands
on four cookies in either direction. Whether it drops headers of answers, such as the policy, is
not documented: here it does either.
"""

import asyncio
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from tests.browser.driver import Server, free_port
from tests.helpers import PROJECT, certificate, wait_until

BELOW = "/~/+/"
COOKIES = (
    *("_streamlit_user", "_streamlit_user_tokens"),
    *("_streamlit_xsrf", "_streamlit_session"),
)
ANSWERED = {
    *("cache-control", "connection", "content-disposition", "content-encoding", "content-length"),
    *("content-type", "etag", "last-modified", "location", "sec-websocket-accept"),
    *("sec-websocket-extensions", "sec-websocket-protocol", "set-cookie", "transfer-encoding"),
    *("upgrade", "vary"),
}
PAGE = (
    '<!doctype html><html lang="en"><title>The app</title><body style="margin:0">'
    '<iframe src="{src}" style="border:0;width:100vw;height:100vh" title="app"></iframe>'
)

Head = list[tuple[str, str]]


async def read_head(reader: asyncio.StreamReader) -> tuple[str, Head]:
    """Return the first line and the headers of a request or an answer."""
    text = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = text.strip().split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return first, [(name, value.strip()) for name, _, value in pairs]


def head_bytes(first: str, headers: Head) -> bytes:
    lines = [first, *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def asked(headers: Head) -> Head:
    """The headers of a request, as the app gets them."""
    passed = []
    upgrades = any(name.lower() == "upgrade" for name, _ in headers)
    for name, value in headers:
        if name.lower() == "cookie":
            sent = [part.strip() for part in value.split(";")]
            value = "; ".join(part for part in sent if part.partition("=")[0] in COOKIES)
        if name.lower() != "connection":
            passed.append((name, value))
    return [*passed, ("Connection", "Upgrade" if upgrades else "close")]


def answered(headers: Head, every: bool) -> Head:
    """The headers of an answer, as the browser gets them. every: drop none but cookies."""
    known = [(name, value) for name, value in headers if every or name.lower() in ANSWERED]
    return [
        (name, value)
        for name, value in known
        if name.lower() != "set-cookie" or value.partition("=")[0] in COOKIES
    ]


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError, ssl.SSLError):
        while data := await reader.read(2**16):
            writer.write(data)
            await writer.drain()
    writer.close()


async def serve_one(
    app: str, every: bool, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer one request; each has a connection of its own."""
    with suppress(asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
        first, headers = await read_head(reader)
        method, target, version = first.split(" ")
        if not target.startswith(BELOW):
            page = PAGE.format(src=BELOW + target.removeprefix("/").replace("&", "&amp;")).encode()
            told = [("Content-Type", "text/html"), ("Content-Length", str(len(page)))]
            answer = head_bytes("HTTP/1.1 200 OK", [*told, ("Connection", "close")])
            writer.write(answer + page)
            await writer.drain()
            writer.close()
            return
        place = urlsplit(app)
        from_app, to_app = await asyncio.open_connection(place.hostname, place.port)
        target = "/" + target.removeprefix(BELOW)
        to_app.write(head_bytes(f"{method} {target} {version}", asked(headers)))
        rest = asyncio.create_task(pump(reader, to_app))
        first, headers = await read_head(from_app)
        writer.write(head_bytes(first, answered(headers, every)))
        await pump(from_app, writer)
        rest.cancel()
        to_app.close()


async def run(app: str, port: int, certificate: str, every: bool) -> None:
    """Serve for ever. certificate: a file with the key too; every: as for `answered`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve_one(app, every, reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", port, ssl=context)
    await server.serve_forever()


@contextmanager
def community_cloud(app: Server, folder: Path, every: bool = False) -> Iterator[str]:
    """Run the proxy in front of an app, as a process; yield its address.

    every: drop no header of an answer but cookies.
    """
    pem, port = certificate(folder), free_port()
    command = [sys.executable, "-m", "tests.browser.community_cloud"]
    with (folder / "proxy.log").open("w") as log:
        process = subprocess.Popen(
            [*command, app.address, str(port), str(pem), str(int(every))],
            stderr=log,
            cwd=PROJECT,
        )
    try:
        wait_until(lambda: is_open(port))
        yield f"https://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4] == "1"))
