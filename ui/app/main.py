"""The main script of the app: page settings, navigation, and the frame around every page."""

from pathlib import Path

import streamlit as st

from mnist_core.utils.errors import MnistError
from ui.app import frame
from ui.session import (
    address,
    cache,
    drafts,
    link_errors,
    navigation,
    polling,
    selection,
    state,
    teacher_link,
    visitor,
)
from ui.views.learn import lesson_bar
from ui.widgets import makers, messages

ICON = Path(__file__).parent / "icon.png"  # an icon by name would be fetched from the internet
SIDEBAR_WIDTH = 208  # pixels; leaves room for a row of layers with steppers

st.set_page_config(
    "MNIST, understood", str(ICON), layout="wide", initial_sidebar_state=SIDEBAR_WIDTH
)
try:
    polling.forget()
    if drafts.exists():  # a session begins with the browser's own address
        address.resend()
    wrong_workspace = visitor.enter()
    unknown_names = teacher_link.read_address()
    page = st.navigation(navigation.pages(teacher_link.hidden_pages()))
    if page.url_path:
        st.set_page_config(f"{navigation.BY_NAME[page.url_path].words} · MNIST")
    frame.sidebar(page.url_path)
    if visitor.awaits_browser():
        st.caption("Opening your workspace ...")
        st.stop()
    every = [] if drafts.exists() else cache.store().runs()
    runs = [run for run in every if run.sees_test and makers.is_mine(run)]
    draft = drafts.current(runs[0].spec if runs else None)  # reads the link, if there is one
    wrong = (wrong_workspace, unknown_names, address.unknown(), drafts.take_link_error())
    if page.url_path in selection.PAGES_OF_TEST_IMAGES:
        wrong += (selection.image_error(),)
    errors = st.empty()
    if refused := state.take_error():
        messages.show_error(refused)
    frame.workspace()
    selection.chosen_language()  # a sidebar link drops it from the address
    if name := selection.lesson():
        with st.bottom:
            lesson_bar.show(name, page.url_path)  # may put its network into the draft
    spec = draft.working_spec()
    told = link_errors.shown(page.url_path, spec, wrong)
    with errors.container():
        for error in told:
            messages.show_error(error)
    if teacher_link.hidden() and spec:
        drafts.write_link(spec)  # a refresh on any page must keep the network of the link
    if not frame.hides(page.url_path):
        page.run()
    if told and not link_errors.shown(page.url_path, draft.working_spec(), ()):
        errors.empty()  # the page has taken an edit
except MnistError as error:
    messages.show_error(error)
