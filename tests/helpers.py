"""Helpers shared by tests in several folders."""

import json
import os
import shutil
import socket
import subprocess
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, NoReturn

import numpy as np
import pytest

from mnist_core.utils.paths import PROJECT

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest  # takes seconds; tests of the core do without

MAIN_SCRIPT = str(PROJECT / "ui" / "app" / "main.py")
"""What `AppTest.from_file` runs; pages are `switch_page("../../pages/NAME.py")` from there."""
DATA = PROJECT / "tests" / "data"
"""Files that an earlier version of the app made."""

LOOK_INSIDE = {
    "Feature maps": "What it computes",
    "Filters": "What it learned",
    "Top patches": "What it learned",
    "Embedding": "What it learned",
    "Replay": "What it learned",
    "Weights": "What it learned",
    "Saliency": "Where it looks",
    "Adversarial examples": "Where it fails",
    "Robustness": "Where it fails",
    "Suspect labels": "Where it fails",
}
"""The group of each view of Look inside, by its name in the address."""


def skip_without(missing: str) -> NoReturn:
    """Skip a test for want of a program; in CI, which has all of them, let it fail."""
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


def wait_until(condition: Callable[[], object], seconds: float = 300) -> None:
    """Look every 50 ms whether a condition is true; AssertionError once the time is over."""
    deadline = monotonic() + seconds
    while not condition():
        assert monotonic() < deadline, "waited in vain"
        Event().wait(0.05)


def certificate(folder: Path) -> Path:
    """Make a file in a folder with a key and its certificate for 127.0.0.1, valid for two days."""
    if not shutil.which("openssl"):
        skip_without("openssl is not installed: `apt install openssl`")
    path = folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command, "-keyout", path, "-out", path], check=True, capture_output=True)
    return path


def free_port() -> int:
    """A port of loopback that no process listens on just now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def checked(at: "AppTest") -> "AppTest":
    """Return the page, which shows neither an exception nor an error."""
    assert not at.error
    return running(at)


def running(at: "AppTest") -> "AppTest":
    """Return the page, which shows no exception; it may say what is wrong with the input."""
    assert not at.exception
    return at


def messages(at: "AppTest") -> str:
    """Return what the colored boxes of a page without exception say, one per line."""
    boxes = (*running(at).info, *at.success, *at.warning, *at.error)
    return "\n".join(box.value for box in boxes)


def words(at: "AppTest") -> str:
    """Return the text that a page without exception shows outside its widgets, by lines."""
    prose = (*at.title, *at.header, *at.subheader, *at.markdown, *at.caption, *at.latex)
    return "\n".join([*(element.value for element in prose), messages(at)])


def captions(at: "AppTest") -> list[str]:
    """Return the texts below the images of a page, such as ✓ 9, 88 %."""
    return [caption for images in at.image for caption in images.captions]


def linked_images(at: "AppTest") -> list[dict[str, str]]:
    """Return the images of a page that are links: their caption, alt and address."""
    sent = (json.loads(element.proto.json) for element in at.get("bidi_component"))
    return [image for data in sent for image in data.get("images", [])]


def figure(at: "AppTest", place: int = 0) -> dict:
    """Return the spec of a page's Plotly chart, counted from 0, as it goes to the browser."""
    return json.loads(at.get("plotly_chart")[place].proto.spec)


def numbers(packed: dict) -> np.ndarray:
    """Return an array of a Plotly chart as it goes to the browser."""
    return np.frombuffer(b64decode(packed["bdata"]), packed["dtype"])


def click(at: "AppTest", label: str) -> "AppTest":
    """Click the first button whose label begins like this, and run the page, without exception."""
    next(button for button in at.button if button.label.startswith(label)).click()
    return running(at.run())


def open_page(name: str, state: dict[str, object] | None = None, **query: str) -> "AppTest":
    """Return a page of the app, run once, with these query parameters and this session state."""
    from streamlit.testing.v1 import AppTest

    at = AppTest.from_file(MAIN_SCRIPT, default_timeout=30)
    at.query_params.update(query)
    at.switch_page(f"../../pages/{name}.py")
    for key, value in (state or {}).items():
        at.session_state[key] = value
    return at.run()
