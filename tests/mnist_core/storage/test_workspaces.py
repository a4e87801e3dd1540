"""Tokens of visitors and classes, short codes, and the names of workspaces in the database."""

import hashlib

import pytest

from mnist_core.storage.workspaces import (
    EXAMPLES,
    LOCAL,
    is_class_token,
    is_token,
    new_class_token,
    new_code,
    new_token,
    read_code,
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


def test_a_code_is_read_however_it_is_typed():
    assert read_code("7k3m-9QXD") == read_code(" 7K3M 9qxd") == "7K3M9QXD"
    assert read_code("oO1iIlL0") == "00111110"  # as they look on a projector
    made = [new_code() for _ in range(1000)]
    assert [read_code(code) for code in made] == made
    assert len(set(made)) == 1000
    assert len(set("".join(made))) == 32  # 5 bits each, so 40 in all


@pytest.mark.parametrize(
    "text",
    [None, "", "7K3M9QX", "7K3M9QXDD", "7K3M9QXU", "7K3M9QX\u00c4", "-" * 10**6, "7K3M9Q\nX"],
)
def test_what_is_no_code(text):
    assert read_code(text) is None


def test_neither_a_token_nor_a_workspace_is_a_code():
    token = new_token()
    assert not any(read_code(text) for text in (token, new_class_token(), workspace_of(token)))
