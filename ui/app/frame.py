"""What surrounds every page: the sidebar, the open workspace, and what a teacher's link hides."""

import streamlit as st

from mnist_core.utils.server_settings import server_settings
from ui.session import address, cache, navigation, polling, selection, teacher_link, visitor
from ui.widgets import browser, makers, messages, run_picker, run_progress

STARTING_EVERY_S, BUSY_EVERY_S, IDLE_EVERY_S = 1, 4, 10


def sidebar(page: str) -> None:
    """Draw the active runs or the server's status; notice runs started in another browser.

    page: the open page. The run that Train shows is left out on Train.
    """
    moving = polling.moving()
    ready = cache.engine().status().ready
    every_s = STARTING_EVERY_S if not ready else BUSY_EVERY_S if moving else IDLE_EVERY_S

    @st.fragment(run_every=every_s)
    def now() -> None:
        seen, status = polling.moving(), cache.engine().status()
        shown = selection.shown_run() if page == "train" else None
        people = makers.numbers() if seen else {}
        for run in [run for run in seen if run.id != shown][:3]:
            who = makers.maker(run, people)
            sign = f"{run_picker.run_sign(run)}{f' by person {who}' if who else ''}"
            words = f"{sign}: {run_progress.state_text(run)}"
            st.progress(run_progress.done(run), words)
        if seen and page != "train":
            st.page_link(
                navigation.path("train"),
                label="Watch",
                icon=":material/show_chart:",
                query_params=selection.query_of(makers.mine_first(seen)[0]),
            )
        elif not seen:
            icon = ":material/check_circle:" if status.ready else ":material/hourglass:"
            st.caption(f"{icon} {messages.sentence(status.words)}")
        if status.trouble:
            trouble = messages.sentence(messages.for_visitors(status.trouble))
            st.warning(trouble, icon=":material/database_off:")
        if {run.id for run in seen} != {run.id for run in moving} or status.ready != ready:
            st.rerun()

    with st.sidebar:
        now()
        browser.prepare()  # here it takes no room on the page
        if teacher_link.hidden():
            st.caption(":material/visibility_off: Your teacher's link hides some parts.")
            _show_everything("hidden_show")


def hides(page: str) -> bool:
    """Whether a teacher's link hides the page that was opened; if so, say so in its place."""
    if not teacher_link.is_hidden(f"page.{page}"):
        return False
    st.title(navigation.BY_NAME[page].words)
    st.info(
        "Your teacher's link hides this page. Use the pages in the sidebar, or show everything.",
        icon=":material/visibility_off:",
    )
    _show_everything("hidden_page_show")
    return True


def _show_everything(key: str) -> None:
    st.button(
        "Show everything",
        icon=":material/visibility:",
        key=key,
        on_click=teacher_link.hide,
        args=((),),
    )


def workspace() -> None:
    """Say whose workspace is open, if it is not the visitor's own, with a button back.

    It is on the page, since a phone's sidebar is closed and anybody can send a workspace link. A
    visitor who has just changed workspaces is told so, even when back in the own one.
    """
    if not server_settings().hosted:
        return
    moved = visitor.take_move()
    if visitor.is_own():
        if not visitor.is_remembered():
            st.caption(
                ":material/key: Your browser stores nothing for this app, so this address is the "
                "key to your workspace: keep it, and show it to nobody."
            )
        if left := visitor.left():
            _own_again(left)
        return
    kind = "Class" if visitor.in_class() else "Shared"
    if moved:
        st.toast(
            f"You are now in **{visitor.name()}**. Everyone with its link can see what you train "
            "here.",
            icon=":material/groups:",
            duration="long",
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f":material/groups: {kind} workspace {visitor.name()}: everyone with its link can "
            "see what you do here.",
            width="content",
        )
        st.button(
            "Back to my workspace",
            icon=":material/person:",
            key="hosted_back",
            type="tertiary",
            help="This workspace keeps its runs, and its link opens it again.",
            on_click=_leave_workspace,
        )


def _own_again(left: visitor.Left) -> None:
    """Say that the visitor's own workspace is open again, with a button back, until closed."""
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(
            ":material/person: **You are back in your own workspace.** Only you can see what you "
            "train here.",
            width="stretch",
        )
        st.button(
            f"Back to {left.name}",
            icon=":material/groups:",
            key="hosted_return",
            help="The runs in that workspace are still there.",
            on_click=_return_to,
            args=(left,),
        )
        st.button("Close", key="hosted_stay", type="tertiary", on_click=visitor.forget_left)


def _leave_workspace() -> None:
    visitor.go_to(None)
    address.clear()  # it names runs of the other workspace


def _return_to(left: visitor.Left) -> None:
    address.clear()
    address.put(address.WORKSPACE, left.key)
