"""The main script of the app: page settings, navigation, and the frame round every page."""

import sys
from pathlib import Path

import streamlit as st

if str(Path(__file__).parents[1]) not in sys.path:  # Streamlit adds the folder of this script only
    sys.path.insert(0, str(Path(__file__).parents[1]))

from mnist_core.errors import MnistError
from ui import cache, frame, hidden, hosted, registry, state, visitor
from ui.learn import lesson_strip

ICON = Path(__file__).parent / "icon.png"  # an icon by name would be fetched from the internet

st.set_page_config("MNIST, understood", str(ICON), layout="wide")
try:
    state.tell_address()
    not_entered = visitor.enter()
    unknown = hidden.read_address()
    page = st.navigation(registry.pages(hidden.pages()))
    frame.sidebar()
    hidden.sidebar()
    runs = [run for run in cache.store().runs() if run.sees_test]
    draft = state.draft(runs[0].spec if runs else None)  # reads the link, if there is one
    for refused in filter(None, (not_entered, unknown, state.refused())):
        frame.refuse(refused)
    hosted.whose()
    if name := state.lesson():
        lesson_strip.show(name, page.url_path)  # may put its network into the draft
    if hidden.settings() and (spec := draft.working_spec()):
        state.write_link(spec)  # a refresh must find the values that nobody can see
    if not hidden.instead_of(page.url_path):
        page.run()
except MnistError as error:
    frame.refuse(error)
