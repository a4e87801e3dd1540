"""One module for values of a session, one for query parameters; keys are made in one way."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from mnist_core.utils.paths import PROJECT

SOURCES = [PROJECT / "app.py", *(PROJECT / "pages").rglob("*.py"), *(PROJECT / "ui").rglob("*.py")]
PLACES = {
    "session_state": PROJECT / "ui" / "session" / "state.py",
    "query_params": PROJECT / "ui" / "session" / "address.py",
}
"""Where each of Streamlit's two names may stand."""


def names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """The names that a source takes from modules, with their lines; not those of arguments."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr, node.lineno
        elif isinstance(node, ast.ImportFrom):
            yield from ((alias.name, node.lineno) for alias in node.names)


def made_keys(tree: ast.AST) -> Iterator[int]:
    """The lines of keys of widgets that are put together on the spot."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "key":
            made = isinstance(node.value, ast.JoinedStr | ast.BinOp)
            yield from [node.value.lineno] * made


def literal_keys(tree: ast.AST) -> Iterator[str]:
    """The keys that are written out where they are used."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        given = [word.value for word in node.keywords if word.arg == "key"]
        name = ast.unparse(node.func)
        if name.startswith("state.") and name != "state.key":
            given += node.args[:1]
        for value in given:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.value


def elsewhere(path: Path) -> list[str]:
    """What a source has that belongs in the two modules, a line each."""
    tree, name = ast.parse(path.read_text("utf-8")), path.relative_to(PROJECT)
    found = [
        f"{name}:{line} names {word}"
        for word, line in names(tree)
        if word in PLACES and PLACES[word] != path
    ]
    found += [f"{name}:{line} makes a key without state.key" for line in made_keys(tree)]
    return found + [f"{name}:{line} has a checksum" for word, line in names(tree) if "crc" in word]


def test_no_other_module_names_session_state_or_query_params():
    assert [words for path in SOURCES for words in elsewhere(path)] == []


def test_a_key_that_is_used_twice_is_a_constant():
    uses = Counter(
        key for path in SOURCES for key in literal_keys(ast.parse(path.read_text("utf-8")))
    )
    assert [key for key, count in uses.items() if count > 1] == []


def test_the_check_would_see_them(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.project.test_session_state.PROJECT", tmp_path)
    source = tmp_path / "page.py"
    source.write_text(
        "import streamlit as st\n"
        "from streamlit import session_state\n"
        "st.query_params['run'] = '3'\n"
        "st.slider('Run', key=f'run_{3}')\n"
        "st.page_link('page.py', query_params={})\n"
    )
    assert elsewhere(source) == [
        "page.py:2 names session_state",
        "page.py:3 names query_params",
        "page.py:4 makes a key without state.key",
    ]
