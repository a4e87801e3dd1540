"""The documentation site, from the project's Markdown and docstrings."""

import subprocess
import sys

import pytest

from tests.helpers import PROJECT


@pytest.mark.slow  # it reads all of `mnist_core`
def test_the_site_builds_without_a_warning_and_documents_every_room(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "docs.site", tmp_path],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=PROJECT,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    html = tmp_path / "html"
    assert "Stack layers" in (html / "index.html").read_text(encoding="utf-8")
    for room in (PROJECT / "mnist_core").glob("*/__init__.py"):
        page = (html / "reference" / room.parent.name / "index.html").read_text(encoding="utf-8")
        for module in room.parent.glob("[a-z]*.py"):
            assert f'id="mnist_core.{room.parent.name}.{module.stem}"' in page
    notebook = (html / "docs" / "quickstart" / "index.html").read_text(encoding="utf-8")
    assert "start_tensorflow" in notebook
