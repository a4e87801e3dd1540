"""The box that starts training the network from Build."""

import streamlit as st

from mnist_core.network.notation import write
from mnist_core.network.spec import Spec
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import plural
from ui.session import navigation, state
from ui.widgets import hosting, planning


def show(draft: Spec | None) -> None:
    """Draw the network from Build with the button that trains it. draft: None if it has errors."""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        if draft:
            st.markdown(
                f"**From Build:** `{write(draft.network)}`, "
                f"{plural(draft.training.epochs, 'epoch')}",
                width="stretch",
            )
            st.button(
                "Start training",
                type="primary",
                icon=":material/play_arrow:",
                key="train_start",
                on_click=_start,
                args=(draft,),
            )
        else:
            st.markdown("The network on Build has an error. Fix it there first.", width="stretch")
        st.page_link(navigation.path("build"), label="Edit network", icon=":material/layers:")
    if draft:
        hosting.announce_run(draft)


def _start(draft: Spec) -> None:
    try:
        planning.start(draft)
    except MnistError as error:
        state.keep_error(error)
