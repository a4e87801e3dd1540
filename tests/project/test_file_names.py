"""Every file of the project can be checked out on Windows and macOS."""

import re
import subprocess
from collections import Counter

import pytest

from tests.helpers import PROJECT, skip_without

RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names that Windows keeps for devices, with any ending."""
LONGEST = 120
"""Characters of a path: Windows allows 260, the folder of the checkout and of its user included."""


@pytest.fixture(scope="module")
def paths() -> list[str]:
    """The paths of all files in version control, with slashes."""
    listed = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True)
    if listed.returncode:
        skip_without("this is no checkout of a Git repository")
    return listed.stdout.splitlines()


def test_no_two_paths_differ_in_case_alone(paths):
    folded = Counter(path.casefold() for path in paths)
    assert [path for path, count in folded.items() if count > 1] == []


def test_names_are_plain(paths):
    assert [path for path in paths if not re.fullmatch(r"[A-Za-z0-9_./-]+", path)] == []
    parts = {part for path in paths for part in path.split("/")}
    assert [part for part in parts if RESERVED.fullmatch(part) or part.endswith(".")] == []


def test_paths_are_short(paths):
    assert [path for path in paths if len(path) > LONGEST] == []
