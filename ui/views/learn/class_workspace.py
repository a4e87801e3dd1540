"""A workspace for a class, which a teacher creates on a hosted server."""

import streamlit as st

from mnist_core.storage import classes
from mnist_core.storage.classes import NAME_LENGTH
from mnist_core.storage.workspaces import new_class_token
from mnist_core.utils.errors import MnistError
from mnist_core.utils.server_settings import server_settings
from ui.session import address, cache, links, state, visitor
from ui.views.learn import link_contents
from ui.widgets import messages

ABOUT = (
    "Here everybody has a workspace of their own. For work together make one for the class: "
    "whoever has its link sees the same runs, boards and queue, and can also stop, rename and "
    "delete them. Nobody finds it without the link."
)
INSIDE = (
    "You are in the workspace of a class, **{name}**. This is its link; the links below lead into "
    "it too. Keep it somewhere: without it nobody comes back, not even you."
)
_NAME, _RENAMED = "learn_class_name", "learn_class_renamed"


def show() -> None:
    """Draw the form that creates a class workspace; nothing on a server with one workspace."""
    if not server_settings().hosted:
        return
    if state.pop(_RENAMED):
        st.rerun()  # the whole page: its top has the name too
    with st.container(border=True):
        st.header("A workspace for your class")
        if visitor.in_class():
            _inside()
        else:
            st.write(ABOUT)
            words, icon = "Make a class workspace", ":material/group_add:"
            if st.button(words, icon=icon, key="learn_class_make"):
                visitor.go_to(new_class_token())
                address.clear()  # the address may name the workspace that was open
                st.rerun()  # the whole page, now in the new workspace


def _inside() -> None:
    """Draw the link of the class that is open, and its name."""
    if refused := state.take_error():
        messages.show_error(refused)
    st.write(INSIDE.format(name=visitor.name()))
    home = link_contents.address("home")
    st.code(links.link_to(home, {}), language=None, wrap_lines=True)
    state.put(_NAME, classes.find(cache.store()).name)  # another teacher may have changed it
    st.text_input(
        "Name of the class",
        key=_NAME,
        max_chars=NAME_LENGTH,
        placeholder="such as 7b, physics",
        help="Everybody in the class sees this name on every page. Without one they see four "
        "letters.",
        on_change=_rename,
        width=360,
    )


def _rename() -> None:
    try:
        classes.rename(cache.store(), state.get(_NAME, ""))
    except MnistError as error:
        state.keep_error(error)
    else:
        state.put(_RENAMED, True)
