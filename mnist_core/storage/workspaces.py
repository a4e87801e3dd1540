"""Whose runs are whose: a workspace is open to everybody who has its token, and to nobody else."""

import re
import secrets
from hashlib import sha256

LOCAL = "local"
"""The one workspace of an app that is not hosted."""

EXAMPLES = "examples"
"""The workspace whose runs everybody may read."""

_CLASS = "class-"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)


def new_token() -> str:
    """The token of a visitor: 22 characters for 128 random bits, which nobody guesses."""
    return secrets.token_urlsafe(16)


def new_class_token() -> str:
    """A token that is meant to be shared, and says so."""
    return _CLASS + new_token()


def is_token(text: str | None) -> bool:
    """Whether it looks like the token of a visitor; whether it is anybody's does not show."""
    return text is not None and _TOKEN.fullmatch(text) is not None


def is_class(text: str | None) -> bool:
    """Whether it looks like the token of a class."""
    return text is not None and text.startswith(_CLASS) and is_token(text.removeprefix(_CLASS))


def workspace_of(token: str) -> str:
    """What the database calls the workspace of a token: who reads it there learns no token."""
    return sha256(token.encode()).hexdigest()[:32]
