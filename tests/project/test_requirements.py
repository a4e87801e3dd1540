"""The files of requirements: exact, complete, and in step with pyproject.toml."""

import re
from importlib.metadata import distribution

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.helpers import PROJECT

FILES = {"requirements.txt": "", "requirements-onnx.txt": "onnx", "requirements-dev.txt": "dev"}
"""Each file, and the extra that it installs."""


def pins(file: str) -> dict[str, str]:
    """The version of each package in a file that is installed on this system."""
    lines = (PROJECT / file).read_text(encoding="utf-8").splitlines()
    wanted = [Requirement(line) for line in lines if re.match(r"[a-z]", line)]
    here = [one for one in wanted if one.marker is None or one.marker.evaluate()]
    return {canonicalize_name(one.name): str(one.specifier) for one in here}


def needed(name: str, extras: frozenset[str]) -> dict[str, str]:
    """The version of all packages that one needs, directly or through others, as installed."""
    found: dict[str, str] = {}
    waiting = [(name, extras)]
    seen = set()
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        installed = distribution(one[0])
        found[canonicalize_name(one[0])] = f"=={installed.version}"
        for text in installed.requires or []:
            asked = Requirement(text)
            chosen = [{"extra": extra} for extra in (one[1] or {""})]
            if asked.marker is None or any(asked.marker.evaluate(extra) for extra in chosen):
                waiting.append((asked.name, frozenset(asked.extras)))
    return found


@pytest.mark.parametrize(("file", "extra"), FILES.items())
def test_every_package_is_pinned_to_the_version_that_is_tested(file: str, extra: str):
    wanted = needed("mnist_core", frozenset({extra} - {""}))
    del wanted["mnist-core"]
    pinned = pins(file)
    missing = wanted.keys() - pinned.keys()
    assert not missing, f"make {file} anew (CONTRIBUTING.md): it lacks {sorted(missing)}"
    assert {name: pinned[name] for name in wanted} == wanted


@pytest.mark.parametrize("file", FILES)
def test_a_file_installs_the_project_too(file: str):
    assert "-e ." in (PROJECT / file).read_text(encoding="utf-8").splitlines()
