"""The tab Weights: how the weights of each layer and their gradients change, epoch by epoch."""

import streamlit as st

from mnist_core.evaluation.histograms import Histograms
from mnist_core.evaluation.run import Run
from mnist_core.network.summary import kernel_names, summarize
from mnist_core.utils.text import two_digits
from ui.charts import weights as charts
from ui.session import cache, navigation, state
from ui.widgets import chart, controls

_LAYER = "look_weights_layer"
WEIGHTS, GRADIENTS = "Weights", "Gradients"
VANISHED = 0.01  # of the gradient of the last layer
NOTHING = (
    "There is nothing to show: this run was trained before the app kept histograms. A new run with "
    "the same settings has them."
)
ELSEWHERE = (
    "There is nothing to show: this network was trained elsewhere. Train the same layers here to "
    "keep every epoch."
)
IDEAS = {
    "initialization": "How large initial weights should be",
    "activations": "Slopes of activations through many layers",
}
ABOUT = {
    WEIGHTS: "Weights start as random numbers between two limits (Glorot uniform). Training moves "
    "most of them a little and some far.",
    GRADIENTS: "These are gradients of the loss on the same 32 training images, without dropout. "
    "They shrink as the network learns to read these images.",
}
HISTOGRAMS = (
    "All histograms have the same height, without biases. Values beyond four standard deviations "
    "are counted at the ends."
)


@st.fragment
def show(run: Run) -> None:
    """Draw the spread of all layers beside the histograms of one layer."""
    names = kernel_names(summarize(run.spec.network).rows)
    layers = [name.removesuffix("/kernel") for name in names]
    film = {epoch: kept for epoch, kept in enumerate(cache.kept_epochs(run)) if kept}
    weights = {epoch: kept.weights for epoch, kept in film.items() if kept.weights}
    gradients = {epoch: kept.gradients for epoch, kept in film.items() if kept.gradients}
    if not weights or not gradients:
        st.info(ELSEWHERE if run.origin else NOTHING, icon=":material/info:")
        st.page_link(navigation.path("train"), label="Go to Train", icon=":material/play_circle:")
        return
    sizes = weights[max(weights)].counts.sum(axis=1).tolist()
    if state.get(_LAYER) not in layers:  # left over from another run
        state.put(_LAYER, layers[sizes.index(max(sizes))])
    with st.container(horizontal=True, vertical_alignment="center"):
        what = controls.choice(
            "Show", [WEIGHTS, GRADIENTS], "look_weights_what", label_visibility="collapsed"
        )
        name = controls.in_line(controls.selectbox, "Layer", layers, key=_LAYER)
    found = gradients if what == GRADIENTS else weights
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"**{what} of all layers**: standard deviation")
        chart.show(
            charts.spreads(layers, found),
            f"Standard deviation of the {what.lower()} of {len(layers)} layers, before training, "
            "after its first and after its last epoch",
            "look_weights_layers",
        )
    layer = layers.index(name or layers[0])
    with right:
        st.markdown(f"**{what} of {name}**: histogram by epoch")
        chart.show(
            charts.ridges(found, layer, what.lower()),
            f"Histograms of the {sizes[layer]:,} {what.lower()} of {name}, epoch by epoch",
            "look_weights_histograms",
        )
    if what == GRADIENTS:
        _warn_if_vanished(gradients, layers)
    st.markdown(f"{ABOUT[what]} {_change(found, layer, layers[layer], sizes[layer])}")
    st.caption(HISTOGRAMS)
    with st.container(horizontal=True):
        for idea, words in IDEAS.items():
            path, query = navigation.path("learn"), {"idea": idea}
            st.page_link(path, label=words, icon=":material/school:", query_params=query)


def _change(found: dict[int, Histograms], layer: int, name: str, size: int) -> str:
    """Return how the spread of a layer has changed in training, in Markdown."""
    first, last = min(found), max(found)
    before, after = (float(found[epoch].spreads[layer]) for epoch in (first, last))
    return (
        f"The standard deviation over the {size:,} of **{name}** is {two_digits(before)} "
        f"{charts.title(first)} and **{two_digits(after)}** {charts.title(last)}."
    )


def _warn_if_vanished(gradients: dict[int, Histograms], layers: list[str]) -> None:
    """Draw a warning if the gradient hardly reaches the first layer before training."""
    begun = min(gradients)
    spreads = gradients[begun].spreads
    first, last = float(spreads[0]), float(spreads[-1])
    if last and first < VANISHED * last:
        st.warning(
            f"The gradient **vanishes** on its way back: {charts.title(begun)}, the gradient of "
            f"{layers[0]} is {two_digits(first / last)} times that of {layers[-1]}, so hardly any "
            "of the error reaches the first layers. ReLU, batch normalization or shortcuts help.",
            icon=":material/south_west:",
        )
