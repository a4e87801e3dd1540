"""The documentation site, from the project's Markdown and docstrings."""

import re
import subprocess
import sys

import pytest

from docs.site import ROOMS, SITE


@pytest.fixture(scope="module")
def site() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "docs.site"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=SITE.parent,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def html(page: str) -> str:
    return (SITE / "html" / page / "index.html").read_text(encoding="utf-8")


@pytest.mark.slow  # it reads all of `mnist_core`
@pytest.mark.usefixtures("site")
def test_the_site_documents_every_module_and_shows_every_picture():
    start, menu = html(""), html("SECURITY")
    for room in ROOMS:
        assert f'href="../reference/{room}/"' in menu
        for module in (SITE.parent / "mnist_core" / room).glob("[a-z]*.py"):
            assert f'id="mnist_core.{room}.{module.stem}"' in html(f"reference/{room}")
    pictures = re.findall(r'<img[^>]* src="([^"]+)"', start)
    assert len(pictures) > 10
    assert [picture for picture in pictures if not (SITE / "html" / picture).exists()] == []
    assert "start_tensorflow" in html("docs/quickstart")
