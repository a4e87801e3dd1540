"""Workspaces and their tokens: a workspace is open to all who have its token, and no one else."""

import re
import secrets
from hashlib import sha256

LOCAL = "local"
"""The one workspace of an app that is not hosted."""

EXAMPLES = "examples"
"""The workspace of the runs that ship with the app, which everybody may read."""

_CLASS = "class-"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)


def new_token() -> str:
    """Return a new token for a visitor: 22 characters that encode 128 random bits."""
    return secrets.token_urlsafe(16)


def new_class_token() -> str:
    """Return a new token for a class, which is meant to be shared; it begins with `class-`."""
    return _CLASS + new_token()


def is_token(text: str | None) -> bool:
    """Return whether text has the form of a visitor's token, used by somebody or not."""
    return text is not None and _TOKEN.fullmatch(text) is not None


def is_class_token(text: str | None) -> bool:
    """Return whether text has the form of a class's token."""
    return text is not None and text.startswith(_CLASS) and is_token(text.removeprefix(_CLASS))


def workspace_of(token: str) -> str:
    """Return the name of a token's workspace in the database: a hash, which reveals no token."""
    return sha256(token.encode()).hexdigest()[:32]
