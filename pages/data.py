"""Step 1: the images, as people see them and as a network receives them."""

import streamlit as st

from mnist_core.dataset import mnist, samples
from ui.session import address, cache, drafts, navigation
from ui.views.data import explorer
from ui.widgets import tabs

TABS = {
    "One image": explorer.one_image,
    "Many images": explorer.many_images,
    "Gray levels": explorer.grey_levels,
    "Typical images": explorer.typical_images,
    "Labels": explorer.labels,
}

st.title("The data")
st.write(
    "Networks learn to read handwriting from up to 60,000 of these small images; the other 10,000 "
    "are kept for the test."
)
st.caption("All `uint8`: " + ", ".join(f"`{name}` {shape}" for name, shape in mnist.SHAPES.items()))
split = drafts.current().split.model_copy(update={"handwriting": None})  # MNIST's images only
for section, tab in tabs.show_tabs(TABS, address.DATA_TAB):
    with tab:
        if section != "One image":
            st.info(f"**Your split:** {samples.describe(split)}", icon=":material/call_split:")
            st.page_link(navigation.path("build"), label="Change the split on the Build page")
        TABS[section](split, cache.parts(split))
