"""The visitor of a hosted server: which workspace this session is in, and how it got there.

The token of the visitor's own workspace is in a cookie, so that it survives a refresh and no copied
link has it. The token of a class is in the address; so is the visitor's own one if the browser
keeps no cookies.
"""

import streamlit as st

from mnist_core.storage import classes
from mnist_core.storage.runs import Store
from mnist_core.storage.workspaces import LOCAL, is_class_token, is_token, new_token, workspace_of
from mnist_core.utils.errors import MnistError
from mnist_core.utils.server_settings import server_settings
from mnist_core.utils.text import plain_markdown
from ui.session import address, state

COOKIE = "mnist_workspace"  # set by `ui.app.middleware`
_OPEN, _OWN, _WRITER = "open_workspace", "own_workspace", "writer"  # keys of tokens


class VisitorError(MnistError):
    """An address that names no workspace."""


def enter() -> MnistError | None:
    """Find out which workspace this session is in; returns the error of a wrong address.

    An address that names a workspace opens it. Links of the sidebar drop the name: it is written
    again.
    """
    if not server_settings().hosted:
        return None
    asked = address.get(address.WORKSPACE)
    if not state.has(_OWN):
        known = (token for token in (cookie(), asked) if is_token(token))
        state.put(_OWN, next(known, None) or new_token())
    valid = is_token(asked) or is_class_token(asked)
    if asked and valid:
        go_to(asked)
    opened = state.setdefault(_OPEN, own_token())
    address.put(address.WORKSPACE, None if opened == cookie() else opened)
    if valid or asked is None:
        return None
    return VisitorError(
        "a link into a workspace has its token of 22 characters, of a class with class- before it; "
        f"this one has {len(asked)} characters and is none: copy the whole link"
    )


def cookie() -> str | None:
    """Return the token that the browser sent when it connected, None without one."""
    return st.context.cookies.get(COOKIE)


def go_to(token: str | None) -> None:
    """Open the workspace of a token, None for the visitor's own; forget what was chosen elsewhere.

    The address stays as it is.
    """
    own = own_token()
    if state.get(_OPEN, own) != (token or own):
        state.clear(keep=(_OWN,))
    state.put(_OPEN, token or own)


def workspace() -> str:
    """Return the name that the database has for the workspace that is open."""
    return workspace_of(_open_token()) if server_settings().hosted else LOCAL


def own_workspace() -> str:
    """Return the name that the database has for the visitor's own workspace.

    It is the same while a class's is open: for what is nobody else's business.
    """
    return workspace_of(own_token()) if server_settings().hosted else LOCAL


def writer() -> str:
    """Return what tells this person's handwriting from that of others in the workspace.

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
    """Return what to call the workspace that is open, as Markdown: the name of a class, if any.

    Else four letters, which do not reveal the token.
    """
    given = classes.find(Store(workspace())).name if in_class() else ""
    return plain_markdown(given) or workspace()[:4].upper()


def is_own() -> bool:
    """Whether the visitor's own workspace is open."""
    return _open_token() == own_token()


def in_class() -> bool:
    """Whether the workspace of a class is open."""
    return is_class_token(state.get(_OPEN, None))


def keeps_cookies() -> bool:
    """Whether the browser keeps the visitor's token in a cookie; else it is in the address."""
    return cookie() == own_token()


def class_query() -> dict[str, str]:
    """Return the query of a link into the class that is open; empty outside of classes."""
    return {address.WORKSPACE: _open_token()} if in_class() else {}


def _open_token() -> str:
    return state.require(_OPEN, str)
