"""The visitor of a hosted server: which workspace this session is in, and how it got there.

The token of the visitor's own workspace is in a cookie, so that it survives a refresh and is not in
copied links. If no cookie arrives, since the host withholds it, the browser's storage keeps the
token and hands it over once per session. The token of a class, or its short code, is in the
address; so is the visitor's own token if the browser stores nothing.
"""

from dataclasses import dataclass

import streamlit as st

from mnist_core.storage import classes
from mnist_core.storage.runs import Store
from mnist_core.storage.workspaces import (
    LOCAL,
    is_class_token,
    is_token,
    new_token,
    read_code,
    workspace_of,
)
from mnist_core.utils.errors import MnistError
from mnist_core.utils.server_settings import server_settings
from mnist_core.utils.text import plain_markdown
from ui.session import address, state

COOKIE = "mnist_workspace"  # set by `ui.app.middleware`
_OPEN, _OWN, _WRITER = "open_workspace", "own_workspace", "writer"  # keys of tokens, or a code
_CODED = "coded_workspace"  # the workspace that the code opens
_LEFT, _MOVED, _STORED = "left_workspace", "moved_workspace", "stored_token"


class VisitorError(MnistError):
    """Raised where an address names no workspace."""


def enter() -> MnistError | None:
    """Determine the workspace of this session; return an error if the address is wrong.

    An address that names a workspace opens it. Sidebar links drop the name, so it is written again.
    """
    if not server_settings().hosted:
        return None
    asked = address.get(address.WORKSPACE)
    if not state.has(_OWN):
        known = cookie()
        state.put(_OWN, known if is_token(known) else new_token())
    wrong = _open_asked(asked) if asked is not None else None
    opened = state.setdefault(_OPEN, own_token())
    if not awaits_browser():
        hidden = opened == own_token() and is_remembered()
        address.put(address.WORKSPACE, None if hidden else opened)
    return wrong


def awaits_browser() -> bool:
    """Whether the browser has still to say whose workspace this is, since no cookie did."""
    return server_settings().hosted and not cookie() and not state.has(_STORED)


def token_to_store() -> str | None:
    """Return the token for the browser to store unless it has one; None once it has answered."""
    return own_token() if awaits_browser() else None


def recognize(stored: object) -> None:
    """Take the token that the browser's storage has kept as the visitor's own, once per session.

    stored: what the browser sent; no token if its storage is closed. Then a token in the address is
    the visitor's own, since there is no other way to come back.
    """
    if not awaits_browser():
        return
    known = (stored, address.get(address.WORKSPACE), own_token())
    token = next(text for text in known if isinstance(text, str) and is_token(text))
    if token != own_token():
        state.clear()  # it belongs to another workspace
        state.put(_OWN, token)
    state.put(_STORED, token == stored)


def _open_asked(asked: str) -> MnistError | None:
    """Open the workspace that an address names; return an error if there is none."""
    if is_token(asked) or is_class_token(asked):
        go_to(asked)
        return None
    code = read_code(asked)
    if code is None:
        return VisitorError(
            "a workspace link needs a token of 22 characters, class- and such a token, or a class "
            f"code of 8 characters; received {len(asked)} characters that are none of these: copy "
            "the whole link"
        )
    if state.get(_OPEN) != code:
        found = classes.workspace_of_code(Store().database, code)
        if found is None:
            return VisitorError(
                f"no class has the code {code}: check it against the code your teacher gave you"
            )
        go_to(code)
        state.put(_CODED, found)
    return None


def cookie() -> str | None:
    """Return the token that the browser sent when it connected, None without one."""
    return st.context.cookies.get(COOKIE)


def go_to(token: str | None) -> None:
    """Open the workspace of a token or code, None for the visitor's own; forget earlier choices.

    The address does not change.
    """
    own = own_token()
    before: str = state.get(_OPEN, own)
    if before != (token or own):
        left = Left(before, name()) if state.has(_OPEN) else None
        state.clear(keep=(_OWN, _STORED, address.LANGUAGE))
        state.put(_LEFT, left)
        state.put(_MOVED, left is not None)
    state.put(_OPEN, token or own)


@dataclass(frozen=True)
class Left:
    """A workspace that this session has left. key: opens it; name: as `name` returned it."""

    key: str
    name: str


def left() -> Left | None:
    """Return the workspace that this session has left for the present one, None without one."""
    return state.get(_LEFT, None)


def forget_left() -> None:
    """Forget the workspace that this session has left, so that no button leads back."""
    state.put(_LEFT, None)


def take_move() -> bool:
    """Whether this session has moved to another workspace; True once for each move."""
    return state.pop(_MOVED) is True


def workspace() -> str:
    """Return the database's name of the open workspace."""
    if not server_settings().hosted:
        return LOCAL
    return state.get(_CODED, "") or workspace_of(_open_token())


def own_workspace() -> str:
    """Return the database's name of the visitor's own workspace, also while a class's is open.

    It keeps what is private to the visitor.
    """
    return workspace_of(own_token()) if server_settings().hosted else LOCAL


def writer() -> str:
    """Return the id that separates this person's handwriting from others' in the workspace.

    On a hosted server it is the visitor's own workspace. Elsewhere only the session identifies a
    person, so a reload starts a new writer.
    """
    if server_settings().hosted:
        return own_workspace()
    return state.setdefault(_WRITER, new_token())


def own_token() -> str:
    """Return the token that opens the visitor's own workspace on another device."""
    return state.require(_OWN, str)


def name() -> str:
    """Return a name of the open workspace, in Markdown: that of the class, if it has one.

    Otherwise four letters, which do not reveal the token.
    """
    given = classes.find(Store(workspace())).name if in_class() else ""
    return plain_markdown(given) or workspace()[:4].upper()


def is_own() -> bool:
    """Whether the visitor's own workspace is open."""
    return _open_token() == own_token()


def in_class() -> bool:
    """Whether the workspace of a class is open."""
    return long_link_query() != {} or state.has(_CODED)


def long_link_query() -> dict[str, str]:
    """Return the query with the token of the open class; empty if a code opened the class."""
    opened: str | None = state.get(_OPEN, None)
    return {address.WORKSPACE: opened} if opened and is_class_token(opened) else {}


def is_remembered() -> bool:
    """Whether the browser keeps the visitor's token; if not, the address has it."""
    return cookie() == own_token() or state.get(_STORED) is True


def class_query() -> dict[str, str]:
    """Return the query of a link into the open class; empty outside of classes.

    It has the code, if there is one, so that the link does not reveal the token.
    """
    if not in_class():
        return {}
    code = classes.find(Store(workspace())).code
    return {address.WORKSPACE: code} if code else long_link_query()


def _open_token() -> str:
    return state.require(_OPEN, str)
