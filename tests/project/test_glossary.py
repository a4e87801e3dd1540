"""No text for people says a thing by a name that the glossary refuses."""

import ast
import re
from pathlib import Path

import pytest

from tests.helpers import PROJECT

GLOSSARY = (PROJECT / "docs" / "glossary.md").read_text(encoding="utf-8")


def refused_words() -> list[str]:
    """What stands in the last column of the tables."""
    rows = [line.split("|")[-2].strip() for line in GLOSSARY.splitlines() if line[:1] == "|"]
    cells = [cell for cell in rows if cell != "not" and set(cell) != {"-"}]
    return [word.strip() for cell in cells for word in cell.split(",") if word]


REFUSED = refused_words()
PATTERN = re.compile(rf"\b({'|'.join(map(re.escape, REFUSED))})s?\b", re.IGNORECASE)


def texts(path: Path) -> list[str]:
    """The text of a file for people: all of a Markdown file, the strings of a module."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return [re.sub(r"`[^`]*`|\]\([^)]*\)|https?://\S+", " ", text)]
    tree = ast.parse(text)
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return [node.value for node in found if isinstance(node.value, str) and " " in node.value]


FILES = [
    *(PROJECT / "ui").rglob("*.py"),
    *(PROJECT / "pages").glob("*.py"),
    *(PROJECT / "lessons" / "en").glob("*.md"),
    PROJECT / "README.md",
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_things_have_the_names_of_the_glossary(path):
    found = [match[0] for text in texts(path) for match in PATTERN.finditer(" ".join(text.split()))]
    assert not found, f"docs/glossary.md refuses {found}"


def test_the_check_would_see_a_refused_word(tmp_path):
    assert {"engine", "mend", "any other", "grey"} <= set(REFUSED)
    (tmp_path / "bad.py").write_text('"""A module."""\nHELP = "The engine trains."\n')
    (tmp_path / "good.py").write_text('from mnist_core.engine import engine\nENGINE = "engine"\n')
    assert any(PATTERN.search(text) for text in texts(tmp_path / "bad.py"))
    assert not any(PATTERN.search(text) for text in texts(tmp_path / "good.py"))
