"""A workspace for a class, which a teacher creates on a hosted server."""

from urllib.parse import urlsplit

import streamlit as st

from mnist_core.storage import classes
from mnist_core.storage.classes import NAME_LENGTH
from mnist_core.storage.workspaces import new_class_token
from mnist_core.utils.errors import MnistError
from mnist_core.utils.server_settings import server_settings
from ui.session import address, cache, links, state, visitor
from ui.views.learn import link_contents, students
from ui.widgets import messages, qr_code, touch

ABOUT = (
    "Here, everyone has their own workspace. To work together, create one for your class. Everyone "
    "with its link sees the same runs, leaderboards and queue, and can stop, rename and delete "
    "runs. Without the link, no one can find it."
)
INSIDE = "You are in the class workspace **{name}**. Every link you copy below opens it."
LONG = (
    "**Long link for you.** Save it and do not share it: it also shows which student passed "
    "which lesson."
)
SHORT = (
    "**Short link for your students.** They scan the QR code or type this address, which ends in "
    "a code of 8 characters."
)
OFFER = (
    "**A short link** for your students has a code of 8 characters and a QR code to scan from "
    "the back row. Until you create it, every link to the class is a long one, and shows students "
    "everything you see here."
)
LOCAL = (
    "This link works on this computer only. In the long link, replace `{host}` with the address in "
    "the *Network URL* that Streamlit prints when it starts, and open that link."
)
_NAME, _RENAMED = "learn_class_name", "learn_class_renamed"
CODE_WIDTH = 480  # pixels, so that the link below it is in sight too; larger on a projector


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
            words, icon = "Create a class workspace", ":material/group_add:"
            if st.button(words, icon=icon, key="learn_class_make"):
                visitor.go_to(new_class_token())
                address.clear()  # the address may name the workspace that was open
                st.rerun()  # the whole page, now in the new workspace


def _inside() -> None:
    """Draw the name of the class that is open, and its links."""
    if refused := state.take_error():
        messages.show_error(refused)
    st.write(INSIDE.format(name=visitor.name()))
    home, query = link_contents.address("home"), visitor.long_link_query()
    left, right = st.columns(2, gap="large")
    with left:
        _name()
        if query:
            st.write(LONG)
            st.code(links.with_query(home, query), language=None, wrap_lines=True)
    with right:
        _short(home)
    if query:
        with st.expander("Who passed which lesson", icon=":material/school:"):
            students.show_passed()


def _name() -> None:
    state.put(_NAME, classes.find(cache.store()).name)  # another teacher may have changed it
    st.text_input(
        "Name of the class",
        key=_NAME,
        max_chars=NAME_LENGTH,
        placeholder="Physics, period 3",
        help="Everyone in the class sees this name on every page. Without a name, they see four "
        "letters and digits.",
        on_change=_rename,
    )


def _short(home: str) -> None:
    """Draw the short link for the class, or the button that makes it. home: Home's address."""
    if classes.find(cache.store()).code:
        link = links.link_to(home, {})
        st.write(SHORT)
        st.code(link, language=None, wrap_lines=True)
        parts = urlsplit(link)
        if parts.hostname in ("localhost", "127.0.0.1", "::1"):
            st.warning(LOCAL.format(host=parts.netloc), icon=":material/wifi_off:")
        words, icon = "Show the QR code", ":material/qr_code_2:"
        if st.button(words, icon=icon, key="learn_class_show", type="primary"):
            _project(link)
    else:
        st.write(OFFER)
        words, icon = "Create a short link", ":material/add_link:"
        st.button(words, icon=icon, key="learn_class_code", on_click=_make_code)


@st.dialog("Join the class", width="medium")
def _project(link: str) -> None:
    """Draw the link as large as a class needs it, in front of everything else."""
    st.title(visitor.name(), anchor=False)
    qr_code.show(link, round(CODE_WIDTH * (touch.growth() or 1)))


def _make_code() -> None:
    try:
        classes.make_code(cache.store())
    except MnistError as error:
        state.keep_error(error)


def _rename() -> None:
    try:
        classes.rename(cache.store(), state.get(_NAME, ""))
    except MnistError as error:
        state.keep_error(error)
    else:
        state.put(_RENAMED, True)
