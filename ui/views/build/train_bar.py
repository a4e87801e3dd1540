"""The bar at the bottom of the page Build, always in view."""

import streamlit as st

from mnist_core.network.spec import Spec
from mnist_core.network.summary import summarize
from mnist_core.network.value import SpecError
from mnist_core.training import estimate
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import duration, plural
from ui.session import navigation
from ui.widgets import messages, planning, touch


def show(spec: Spec | None, refused: SpecError | None, speed: estimate.Speed | None) -> None:
    """Draw the cost of a run and the button that starts it, or why it cannot start.

    refused: the reason if there is no spec; speed: None if unknown.
    """
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        if spec is None:
            st.markdown(f":material/error: {_where(refused)}", width="stretch")
        else:
            parts = [plural(summarize(spec.network).parameters, "parameter")]
            parts.append(plural(spec.training.epochs, "epoch"))
            if speed:
                parts.append(f"about {duration(estimate.seconds(spec, speed))}")
            st.markdown(" · ".join(parts), width="stretch")
        pressed = st.button(
            "Train this network",
            type="primary",
            icon=":material/play_arrow:",
            shortcut=None if touch.on_phone() else "Ctrl+Enter",
            disabled=spec is None,
        )
    if not pressed or spec is None:
        return
    try:
        planning.start(spec)
    except MnistError as error:
        messages.show_error(error)
    else:
        st.switch_page(navigation.path("train"))


def _where(refused: SpecError | None) -> str:
    """Return a sentence that says where the page shows the reason."""
    if refused and refused.layer is not None:
        return f"This network cannot be trained yet: see layer {refused.layer + 1} above."
    return "This network cannot be trained yet: see the red message above."
