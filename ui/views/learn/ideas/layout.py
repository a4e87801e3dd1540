"""How the controls of an idea and its figure stand on the page."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def controls_and_figure() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return a narrow column for controls and a wide one beside it for the figure they change.

    On a phone the figure is below the controls.
    """
    controls, figure = st.columns([3, 5], gap="medium")
    return controls, figure
