"""The tab Filters: the kernels of each convolution, as pictures and in numbers."""

from dataclasses import asdict

import numpy as np
import pandas as pd
import streamlit as st

from mnist_core.evaluation.run import Run
from mnist_core.insight import filters
from mnist_core.insight.filters import Convolution
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import percent
from ui.charts import feature_maps as charts
from ui.session import cache, navigation, state
from ui.views.look import selected_value, tile_grids
from ui.widgets import chart, controls, messages, touch

_LAYER = "look_filters_layer"
HALF = 480  # pixels of the column with all kernels
ABOUT = (
    "Where the input is bright under the red weights and dark under the blue ones, the filter has "
    "found its pattern. Nobody drew these patterns; training found them."
)
SCALE = (
    "Shared: all kernels on one scale, to compare their strength. Local: each kernel up to its own "
    "largest weight. Choose it to see the pattern of weak kernels, though not how weak they are."
)
BY_CHANNEL, BY_FILTER = "By channel", "By filter"
VIEW = (
    "By channel: the kernels of all filters for one input channel. By filter: the kernels of one "
    "filter for all input channels, whose sums the filter adds up."
)


@st.fragment
def show(run: Run) -> None:
    convolutions = filters.convolutions(run.spec.network)
    if not convolutions:
        st.info(
            "This network has no Conv2D layer, so it has no filters. Choose another run above, or "
            "build a network with one.",
            icon=":material/info:",
        )
        st.page_link(navigation.path("build"), label="Go to Build", icon=":material/layers:")
        return
    try:
        weights = cache.weights(run)
    except MnistError as error:
        messages.show_error(error)
        return
    names = [row.name for row in convolutions]
    if state.get(_LAYER) not in names:  # left over from another run
        state.put(_LAYER, names[0])
    name = controls.in_line(controls.choice, "Convolution", names, _LAYER, default=None)
    made = filters.convolution(convolutions[names.index(name or names[0])], weights)
    _kernels(made)
    st.markdown(ABOUT)
    _numbers(made)
    st.caption("Replay shows how the first layer's filters developed, epoch by epoch.")


def _kernels(made: Convolution) -> None:
    """Draw all filters for a channel, or all channels of a filter, and beside them the chosen one.

    A click selects one. All are on one color scale, except where each has its own.
    """
    layer = _layer(made)
    chosen = selected_value.number(layer, "filter", made.norms)
    channel = selected_value.number(layer, "channel", made.of_filter(chosen))
    view = BY_CHANNEL
    with st.container(horizontal=True, vertical_alignment="center"):
        if made.channels > 1:
            views = [BY_CHANNEL, BY_FILTER]
            view = controls.choice(
                "Show", views, "look_filters_view", label_visibility="collapsed", help=VIEW
            )
            box = selected_value.number_box
            controls.in_line(box, "Channel", layer, "channel", made.channels)
        controls.in_line(selected_value.number_box, "Filter", layer, "filter", made.filters)
        reach = tile_grids.scale("look_filters_scale", SCALE)
    axis, at = ("channel", channel) if view == BY_FILTER else ("filter", chosen)
    tiles = made.of_filter(chosen) if view == BY_FILTER else made.of_channel(channel)
    most = float(np.abs(tiles).max()) or 1.0
    left, right = st.columns([3, 2], gap="large")
    with left:
        what = f"Kernels of {made.name} by {axis}, each {made.size} × {made.size}"
        tile_grids.show(layer, axis, tiles, at, reach, what, most, width=HALF)
    with right:
        _one(made, chosen, channel, most)


def _layer(made: Convolution) -> str:
    return f"filters_{made.name}"


def _one(made: Convolution, chosen: int, channel: int, most: float) -> None:
    """Draw the selected kernel with its numbers. most: end of the color scale."""
    of = f", input channel {channel}" if made.channels > 1 else ""
    st.markdown(f"**Filter {chosen}{of}**")
    kernel = made.kernel[:, :, channel, chosen]
    chart.show(
        charts.cells([charts.Cells("", kernel)], st.context.theme.type, 320, most),
        f"Filter {chosen}{of}, with its {made.size} × {made.size} weights",
        state.key("look", _layer(made), "kernel"),
    )
    bias = (
        "It has no bias: batch normalization follows."
        if made.bias is None
        else f"Its bias is {charts.signed(f'{made.bias[chosen]:z.4f}')}."
    )
    all_channels = f", over all {made.channels} input channels" if made.channels > 1 else ""
    st.caption(f"{bias} The table below sums up its weights{all_channels}.")


def _numbers(made: Convolution) -> None:
    """Draw a sentence about the layer, and a table with a row per filter."""
    whole = filters.statistics(made.kernel)
    words = (
        f"{made.kernel.size:,} weights, mean {whole.mean:z.4f}, standard deviation "
        f"{whole.std:.4f}, from {whole.smallest:.3f} to {whole.largest:.3f}"
    )
    strongest = int(made.norms.argmax())
    st.markdown(
        f"**{made.name} in numbers**: {charts.signed(words)}; {percent(whole.small, 1)} are closer "
        f"to zero than {filters.SMALL}. The strongest filter, with the largest norm, is "
        f"number {strongest}: the page opens on it."
    )
    st.caption(
        "Norm: the root of the sum of a filter's squared weights (L2). Near zero: the share of its "
        f"weights with |w| < {filters.SMALL}, which add next to nothing."
    )
    each = [asdict(filters.statistics(made.of_filter(n))) for n in range(made.filters)]
    table = pd.DataFrame(each).rename(columns=str.capitalize)
    table.insert(0, "Filter", range(made.filters))
    table["Near zero"] = 100 * table.pop("Small")
    if made.bias is not None:
        table["Bias"] = made.bias
    decimals = st.column_config.NumberColumn(format="%.4f")
    touch.room_above_table()
    st.dataframe(
        table,
        hide_index=True,
        column_config=dict.fromkeys(
            ["Mean", "Std", "Smallest", "Largest", "Norm", "Bias"], decimals
        )
        | {"Near zero": st.column_config.NumberColumn(format="%.1f %%")},
        alt=f"Mean, spread, range and norm of the {made.filters} filters of {made.name}",
    )
