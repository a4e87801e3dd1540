"""Where the files of the project lie: in a checkout, or installed as a package."""

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
_INSTALLED = _PACKAGE / "dashboard"  # only a wheel has it: see hatch_build.py

PROJECT = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent
"""The folder with `app.py`, `lessons` and `pages`."""


def runs_folder() -> Path:
    """Return the folder of the runs, unless MNIST_DATABASE_URL names another database."""
    return Path.home() / ".mnist" if PROJECT == _INSTALLED else PROJECT / "runs"
