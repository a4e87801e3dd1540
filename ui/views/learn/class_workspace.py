"""A workspace for a class, which a teacher creates on a hosted server."""

import streamlit as st

from mnist_core.storage.workspaces import new_class_token
from mnist_core.utils.server_settings import server_settings
from ui.session import address, links, visitor
from ui.views.learn import link_contents

ABOUT = (
    "Here everybody has a workspace of their own. For work together make one for the class: "
    "whoever has its link sees the same runs, boards and queue, and can also stop, rename and "
    "delete them. Nobody finds it without the link."
)
INSIDE = (
    "You are in the workspace of a class, **{name}**. This is its link; the links below lead into "
    "it too. Keep it somewhere: without it nobody comes back, not even you."
)


def show() -> None:
    """Draw the form that creates a class workspace; nothing on a server with one workspace."""
    if not server_settings().hosted:
        return
    with st.container(border=True):
        st.header("A workspace for your class")
        if visitor.in_class():
            st.write(INSIDE.format(name=visitor.name()))
            home = link_contents.address("home")
            st.code(links.link_to(home, {}), language=None, wrap_lines=True)
        else:
            st.write(ABOUT)
            words, icon = "Make a class workspace", ":material/group_add:"
            if st.button(words, icon=icon, key="learn_class_make"):
                visitor.go_to(new_class_token())
                address.clear()  # the address may name the workspace that was open
                st.rerun()  # the whole page, now in the new workspace
