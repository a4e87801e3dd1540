"""The view Top patches: images that activate a map most, and a computed picture."""

from collections import Counter

import numpy as np
import streamlit as st

from mnist_core.dataset import mnist
from mnist_core.dataset.mnist import TEST_IMAGES
from mnist_core.evaluation.run import Run
from mnist_core.network.summary import summarize
from mnist_core.utils.errors import MnistError
from ui.charts import top_patches as charts
from ui.session import address, cache, navigation, selection, state
from ui.views.look import selected_value
from ui.widgets import chart, controls, messages, touch

_LAYER = "look_patches_layer"
Computed = dict[str, np.ndarray]
ABOUT = (
    "Of {images} test images, these nine activate this map most. The frame is the **receptive "
    "field** of the map's largest value: the pixels that it depends on. Maps of the first layer "
    "respond to edges and strokes; later layers combine them into parts."
)
COMPUTED = (
    "The last picture was computed by **activation maximization**: gradient ascent started from "
    "the first patch on black, changed the pixels in the frame, and raised the value from "
    "{before:.2f} to {after:.2f}."
)
NO_HIGHER = (
    "Gradient ascent (**activation maximization**) found no picture with a higher value, so the "
    "last picture is the first patch."
)
SILENT = "No image gives this map a value above 0. With ReLU, such a filter is called **dead**."


@st.fragment
def show(run: Run) -> None:
    """Draw the chosen map's nine images with their patches, and the picture computed for it."""
    if not any(layer.convolves for layer in run.spec.network.layers):
        st.info("This network has no convolution, so it has no maps.", icon=":material/info:")
        return
    try:
        with st.spinner("Running test images through the network", show_time=True):
            found = cache.top_patches(run)
    except MnistError as error:
        messages.show_error(error)
        return
    names = [name for name in found if name != "images"]
    if state.get(_LAYER) not in names:  # left over from another run
        state.put(_LAYER, names[0])
    left, right = st.columns([3, 5], gap="medium")
    with left:
        name = controls.choice("Layer", names, _LAYER, default=None)
        layer = f"patches_{name}"
        best = found[name]  # (maps, 9, 4)
        differ = best[:, 0, 3] > best[:, -1, 3]  # a map with nine equal values tells little
        selected_value.number(
            layer, "map", np.where(differ, best[:, 0, 3] - best[:, 0, 3].min(), 0)
        )
        chosen = selected_value.number_box("Map", layer, "map", len(best))
    if best[chosen, 0, 3] == 0:
        right.info(SILENT, icon=":material/info:")
        return
    with right:
        try:
            computed = _computed(run, name, chosen, best[chosen, 0])
        except MnistError as error:  # the nine images are there without it
            messages.show_error(error)
            computed = None
        _draw(run, name, chosen, best[chosen], computed)
        _words(run, best[chosen], int(found["images"]), computed)


def _computed(run: Run, name: str, chosen: int, best: np.ndarray) -> Computed:
    """Return the picture that gradient ascent makes of the image of a row of the nine."""
    number, row, column = best[:3].astype(int).tolist()
    image = mnist.load().x_test[number]
    return cache.answer("activation_maximization", run, image, name, (row, column, chosen))


def _draw(run: Run, name: str, chosen: int, best: np.ndarray, computed: Computed | None) -> None:
    """Draw the nine images, each with its patch, and the computed picture if there is one."""
    data = mnist.load()
    row = next(row for row in summarize(run.spec.network).rows if row.name == name)
    images = best[:, 0].astype(int)
    patches = [(row.spans[at], row.spans[across]) for at, across in best[:, 1:3].astype(int)]
    labels, pictures = data.y_test[images], data.x_test[images]
    titles = [f"{label}: {value:.2f}" for label, value in zip(labels, best[:, 3], strict=True)]
    if computed:
        titles.append(f"computed: {float(computed['activation']):.2f}")
        pictures = np.concatenate([pictures, computed["picture"][None]])
        patches.append(patches[0])
    columns, height = (3, 560) if touch.on_phone() else (5, 290)
    chart.show(
        charts.top_patches(pictures, titles, patches, columns, height),
        f"The nine test images that activate map {chosen} of {name} most, with label and value, "
        "and a computed picture: " + ", ".join(titles),
    )


def _words(run: Run, best: np.ndarray, images: int, computed: Computed | None) -> None:
    """Describe the pictures and lead to the first image. images: how many the network read."""
    labels = Counter(mnist.load().y_test[best[:, 0].astype(int)].tolist())
    counts = ", ".join(f"**{digit}** ({count})" for digit, count in labels.most_common())
    st.markdown(f"Above each image: its label and the map's largest value. Labels: {counts}.")
    whole = f"all {images:,}" if images == TEST_IMAGES else f"the first {images:,}"
    st.markdown(ABOUT.format(images=whole))
    if computed:
        before, after = float(best[0, 3]), float(computed["activation"])
        rises = round(after, 2) > round(before, 2)
        st.markdown(COMPUTED.format(before=before, after=after) if rises else NO_HIGHER)
    if best[0, 3] == best[-1, 3]:
        st.caption(
            "All nine values are equal. If more images share this value, the first nine are shown."
        )
    st.page_link(
        navigation.path("look"),
        label="Follow the first image through the network",
        icon=":material/frame_inspect:",
        query_params=selection.image_query(
            run.id, int(best[0, 0]), address.LOOK_TAB, "Feature maps"
        ),
    )
