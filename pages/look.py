"""Step 5: what a network has learned, layer by layer, and where it fails."""

import streamlit as st

from ui import cache, controls, frame, registry, state
from ui.look import embedding, filters, fool, maps, replay, robustness, saliency, suspects

TABS = {
    "Feature maps": maps.show,
    "Filters": filters.show,
    "Saliency": saliency.show,
    "What fools it": fool.show,
    "Embedding": embedding.show,
    "Replay": replay.show,
    "Robustness": robustness.show,
    "Suspect labels": suspects.show,
}
ASKING = {"Feature maps", "Saliency", "What fools it"}  # nothing without a worker that answers

st.title("Look inside")
st.write("What has a network learned, where does it look, and what leads it astray?")

store = cache.store()
runs = [run for run in [*store.runs(), *store.examples()] if run.test_accuracy is not None]
run = controls.run_picker(runs)
if run is None:
    st.info("There is no trained network yet to look into.", icon=":material/info:")
    st.page_link(registry.path("train"), label="Go to Train", icon=":material/play_circle:")
    st.stop()

ready = cache.engine().status().ready
if "look_tab" not in st.session_state:  # the first time, or back from another page
    state.keep("look_tab_first", state.value("look_tab_last"))
opened = st.tabs(
    list(TABS), default=state.value("look_tab_first"), key="look_tab", bind="query-params"
)
for tab, (name, show) in zip(opened, TABS.items(), strict=True):
    if tab.open:  # the others are drawn when someone looks
        state.keep("look_tab_last", name)
        with tab:
            if ready or name not in ASKING:
                show(run)
            else:
                frame.wait("What the network makes of an image appears here by itself.")
