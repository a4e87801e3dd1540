"""The main script of the app: page settings, navigation, and the frame round every page."""

from pathlib import Path

import streamlit as st

from mnist_core.utils.errors import MnistError
from ui.session import cache, navigation, state, teacher_link, visitor
from ui.views.learn import lesson_banner
from ui.widgets import hosting, messages

ICON = Path(__file__).parent / "icon.png"  # an icon by name would be fetched from the internet

st.set_page_config("MNIST, understood", str(ICON), layout="wide")
try:
    state.tell_address()
    not_entered = visitor.enter()
    unknown = teacher_link.read_address()
    page = st.navigation(navigation.pages(teacher_link.pages()))
    messages.sidebar()
    teacher_link.sidebar()
    runs = [run for run in cache.store().runs() if run.sees_test]
    draft = state.draft(runs[0].spec if runs else None)  # reads the link, if there is one
    for refused in filter(None, (not_entered, unknown, state.refused())):
        messages.refuse(refused)
    hosting.whose()
    if name := state.lesson():
        lesson_banner.show(name, page.url_path)  # may put its network into the draft
    if teacher_link.settings() and (spec := draft.working_spec()):
        state.write_link(spec)  # a refresh must find the values that nobody can see
    if not teacher_link.instead_of(page.url_path):
        page.run()
except MnistError as error:
    messages.refuse(error)
