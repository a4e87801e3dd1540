"""Step 1: the images, as people see them and as a network gets them."""

import streamlit as st

from mnist_core import dataset, samples
from ui import data, dataset_cache, registry, state

SECTIONS = {
    "One image": data.one_image,
    "Many images": data.many_images,
    "Grey levels": data.grey_levels,
    "Typical images": data.typical_images,
    "Labels": data.labels,
}

st.title("The data")
st.write(
    "All that a network here can learn about handwriting is in these small pictures: up to 60,000 "
    "to learn from, and 10,000 that it must never learn from, for the test. A few minutes with "
    "them pay back on every later page."
)
st.caption(
    "All `uint8`: " + ", ".join(f"`{name}` {shape}" for name, shape in dataset.SHAPES.items())
)
section = st.segmented_control(
    "Look at",
    list(SECTIONS),
    default="One image",
    required=True,
    key="data_section",
    persist_state="session",
)
split = state.draft().split
if section != "One image":
    st.info(f"**Your split:** {samples.describe(split)}", icon=":material/call_split:")
    st.page_link(registry.path("build"), label="Change the split on the Build page")
SECTIONS[section](split, dataset_cache.parts(split))
