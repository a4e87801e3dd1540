"""Where the files of the project lie."""

from pathlib import Path

PROJECT = Path(__file__).parents[2]
"""The folder of the checkout, with `lessons`, `pages` and `runs`."""
