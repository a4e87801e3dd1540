"""Who is here, on a hosted server: whose workspace this session is in, and how it got there.

The visitor's own token is in a cookie, so that it survives a refresh and no copied link has it.
That of a class is in the address; so is the own one of a browser that keeps no cookies.
"""

import streamlit as st

from mnist_core.storage.workspaces import LOCAL, is_class, is_token, new_token, workspace_of
from mnist_core.utils.errors import MnistError
from mnist_core.utils.server_settings import server_settings

COOKIE = "mnist_workspace"  # set by `middleware`
WORKSPACE = "workspace"
_OPEN, _OWN = "open_workspace", "own_workspace"


class VisitorError(MnistError):
    """An address that names no workspace."""


def enter() -> MnistError | None:
    """Find out whose workspace this session is in; returns what it refuses of the address.

    An address that names one follows. Sidebar links drop it: it comes back here.
    """
    if not server_settings().hosted:
        return None
    asked = st.query_params.get(WORKSPACE)
    if _OWN not in st.session_state:
        known = (token for token in (cookie(), asked) if is_token(token))
        st.session_state[_OWN] = next(known, None) or new_token()
    right = is_token(asked) or is_class(asked)
    if asked and right:
        go_to(asked)
    opened = st.session_state.setdefault(_OPEN, st.session_state[_OWN])
    if opened == cookie():
        st.query_params.pop(WORKSPACE, None)
    elif st.query_params.get(WORKSPACE) != opened:
        st.query_params[WORKSPACE] = opened
    if right or asked is None:
        return None
    return VisitorError(
        "a link into a workspace has its token of 22 characters, of a class with class- before it; "
        f"this one has {len(asked)} characters and is none: copy the whole link"
    )


def cookie() -> str | None:
    """What the browser brought along when it connected."""
    return st.context.cookies.get(COOKIE)


def go_to(token: str | None) -> None:
    """Open the workspace of a token, None for one's own; what was chosen elsewhere is forgotten.

    The address stays as it is.
    """
    own = st.session_state[_OWN]
    if st.session_state.get(_OPEN, own) != (token or own):
        for key in list(st.session_state):
            del st.session_state[key]
        st.session_state[_OWN] = own
    st.session_state[_OPEN] = token or own


def workspace() -> str:
    """What the database calls the workspace that is open."""
    return workspace_of(st.session_state[_OPEN]) if server_settings().hosted else LOCAL


def own_workspace() -> str:
    """That of the visitor, also while a class's is open: for what is nobody else's business."""
    return workspace_of(st.session_state[_OWN]) if server_settings().hosted else LOCAL


def own_token() -> str:
    """What opens the visitor's own workspace on another device."""
    return st.session_state[_OWN]


def name() -> str:
    """What to call the workspace that is open; it tells nobody the token."""
    return workspace()[:4].upper()


def is_own() -> bool:
    """Whether the visitor's own workspace is open."""
    return st.session_state[_OPEN] == st.session_state[_OWN]


def in_class() -> bool:
    """Whether the workspace of a class is open."""
    return is_class(st.session_state.get(_OPEN))


def keeps_cookies() -> bool:
    """Whether the browser keeps the visitor's token; else it is in the address."""
    return cookie() == st.session_state[_OWN]


def of_class() -> dict[str, str]:
    """What a link into the class that is open has in its query; empty outside of classes."""
    return {WORKSPACE: st.session_state[_OPEN]} if in_class() else {}
