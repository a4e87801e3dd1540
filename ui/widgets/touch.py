"""Phones, whose screens are narrow."""

import streamlit as st


def on_phone() -> bool:
    """Whether the browser is a phone's: a figure's height has to be known before its width."""
    return "Mobi" in st.context.headers.get("User-Agent", "")
