"""The main script of the app: page settings, navigation, and the frame round every page."""

import sys
from pathlib import Path

import streamlit as st

if str(Path(__file__).parents[1]) not in sys.path:  # Streamlit adds the folder of this script only
    sys.path.insert(0, str(Path(__file__).parents[1]))

from mnist_core.errors import MnistError
from ui import cache, frame, registry, state

ICON = Path(__file__).parent / "icon.png"  # an icon by name would be fetched from the internet

st.set_page_config("MNIST, understood", str(ICON), layout="wide")
page = st.navigation(registry.pages())
try:
    frame.sidebar()
    runs = [run for run in cache.store().runs() if run.sees_test]
    state.draft(runs[0].spec if runs else None)  # reads the link, if there is one
    if refused := state.refused():
        frame.refuse(refused)
    page.run()
except MnistError as error:
    frame.refuse(error)
