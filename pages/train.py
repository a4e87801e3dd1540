"""Start a training and watch it, stop it, go on with it."""

import streamlit as st

from mnist_core.notation import write
from mnist_core.store import Run
from ui import cache, controls, live, planning, registry, state

st.title("Train")
st.write(
    "Batch by batch the network sees images, guesses, and moves its weights a little towards the "
    "right answer. Leave the page if you like: training goes on."
)
store = cache.store()
draft = state.draft().working_spec()
with st.container(border=True, horizontal=True, vertical_alignment="center"):
    if draft:
        st.markdown(
            f"**From Build:** `{write(draft.network)}`, {draft.training.epochs} epochs",
            width="stretch",
        )
        if st.button("Start training", type="primary", icon=":material/play_arrow:"):
            planning.start(draft)
            st.rerun()
    else:
        st.markdown("What stands on the page Build cannot be trained yet.", width="stretch")
    st.page_link(registry.path("build"), label="Change it", icon=":material/layers:")

run = controls.run_picker(store.runs())
if run is None:
    st.info("No runs yet. Start one above; its curves appear here.", icon=":material/show_chart:")
    st.stop()


@st.fragment(run_every=live.LOOK_EVERY_S if live.moves(run) else None)
def watch(run: Run) -> None:
    seen = store.run(run.id)
    live.transport(seen)
    live.figures(seen)
    live.curves(seen)
    live.reading(seen)
    live.showcase(seen)
    if live.moves(run) != live.moves(seen):  # only a whole rerun starts or ends the looking
        st.rerun()


watch(run)
