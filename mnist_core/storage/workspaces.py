"""Workspaces and their tokens: a workspace is open to all who have its token, and no one else.

That of a class may have a short code too, which opens it as its token does.
"""

import re
import secrets
from hashlib import sha256

LOCAL = "local"
"""The one workspace of an app that is not hosted."""

EXAMPLES = "examples"
"""The workspace of the runs that ship with the app, which everybody may read."""

_CLASS = "class-"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)
_CODE_LENGTH = 8
_CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O or U
_LOOK_ALIKE = str.maketrans("ILO", "110", "- ")


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


def new_code() -> str:
    """Return a new code for a class: 8 letters and digits that encode 40 random bits."""
    return "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))


def read_code(text: str | None) -> str | None:
    """Return the code of a class that somebody has typed, None if the text is no such code.

    Case, spaces and hyphens do not matter, and letters that look like digits are read as these.
    """
    if text is None or len(text) > 3 * _CODE_LENGTH:
        return None
    code = text.upper().translate(_LOOK_ALIKE)
    return code if len(code) == _CODE_LENGTH and set(code) <= set(_CODE_LETTERS) else None


def workspace_of(token: str) -> str:
    """Return the name of a token's workspace in the database: a hash, which reveals no token."""
    return sha256(token.encode()).hexdigest()[:32]
