"""Tokens of visitors and classes, and the names of their workspaces in the database."""

import hashlib

import pytest

from mnist_core.storage.workspaces import (
    EXAMPLES,
    LOCAL,
    is_class_token,
    is_token,
    new_class_token,
    new_token,
    workspace_of,
)


def test_tokens_are_told_apart():
    visitor, classroom = new_token(), new_class_token()
    assert is_token(visitor)
    assert not is_class_token(visitor)
    assert is_class_token(classroom)
    assert not is_token(classroom)
    assert len({new_token() for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    "text",
    [None, "", LOCAL, EXAMPLES, "a" * 21, "a" * 23, "a" * 21 + "é", "a" * 21 + "\n", "class-"],
)
def test_what_is_no_token(text):
    assert not is_token(text)
    assert not is_class_token(text)


def test_a_workspace_is_named_by_a_hash_of_its_token():
    token = new_token()
    assert workspace_of(token) == hashlib.sha256(token.encode()).hexdigest()[:32]
    assert token not in workspace_of(token)
    assert not is_token(workspace_of(token))  # nobody gets in with what the database shows
