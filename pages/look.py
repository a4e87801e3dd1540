"""Step 5: what a network has learned, layer by layer, and where it fails."""

import streamlit as st

from ui.session import address, cache, navigation
from ui.views.look import (
    adversarial,
    embedding,
    feature_maps,
    filters,
    label_errors,
    replay,
    robustness,
    saliency,
    top_patches,
    weights,
)
from ui.widgets import messages, run_picker, tabs

GROUPS = {
    "What it computes": {"Feature maps": feature_maps.show},
    "What it learned": {
        "Filters": filters.show,
        "Top patches": top_patches.show,
        "Embedding": embedding.show,
        "Replay": replay.show,
        "Weights": weights.show,
    },
    "Where it looks": {"Saliency": saliency.show},
    "Where it fails": {
        "Adversarial examples": adversarial.show,
        "Robustness": robustness.show,
        "Suspect labels": label_errors.show,
    },
}
# These tabs need a worker.
ASKING = {"Feature maps", "Top patches", "Saliency", "Adversarial examples"}

st.title("Look inside")

store = cache.store()
runs = [run for run in [*store.runs(), *store.examples()] if run.test_accuracy is not None]
run = run_picker.pick_run(runs)
if run is None:
    st.info("No network to look inside yet: train one first.", icon=":material/info:")
    st.page_link(navigation.path("train"), label="Go to Train", icon=":material/play_circle:")
    st.stop()

ready = cache.engine().status().ready
for name, tab in tabs.show_groups(GROUPS, address.LOOK_TAB):
    with tab:
        if ready or name not in ASKING:
            show = next(views[name] for views in GROUPS.values() if name in views)
            show(run)
        else:
            messages.wait("Then the figures appear here.")
