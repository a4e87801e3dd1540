"""A link for phones: its QR code, the link below it, and a warning where phones cannot open it."""

import segno
import streamlit as st

LOCAL = (
    "Phones cannot open this address, since it works only on this computer. Open this page at the "
    "*Network URL* that Streamlit printed when it started."
)


def show(link: str, width: int | None = None) -> None:
    """Draw the QR code of a link, and the link. width: in pixels, None for the full width."""
    code = segno.make(link, error="m")
    picture = code.svg_data_uri(border=2, light="white")
    st.image(picture, width=width or "stretch", alt=f"QR code of {link}")
    st.code(link, language=None, wrap_lines=True)
    if any(f"//{host}" in link for host in ("localhost", "127.0.0.1", "[::1]")):
        st.warning(LOCAL, icon=":material/wifi_off:")
