"""The idea Channels: one filter on the channels of a color image, or on the maps of a layer."""

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.dataset import mnist
from mnist_core.evaluation.run import Run
from mnist_core.teaching.concepts import channels as theory
from mnist_core.teaching.concepts.channels import Filtered
from ui.charts.ideas import channels as charts
from ui.charts.ideas.spatial import number
from ui.session import address, cache, state
from ui.views.learn.ideas.idea import FEATURE_MAPS, Idea, Where
from ui.views.learn.ideas.layout import controls_and_figure
from ui.views.learn.ideas.tex import ROUNDED, aligned, term, tex
from ui.widgets import chart, touch
from ui.widgets.controls import choice, pills, selectbox, slider

COLOR, SECOND = "A color image", "Layer 2 of note-5"


@st.fragment
def show() -> None:
    run = next((run for run in cache.store().examples() if run.name == "note-5"), None)
    controls, figure = controls_and_figure()
    with controls:
        on = choice("Input", [COLOR, SECOND] if run else [COLOR], "idea_channels_on")
    if run and on == SECOND:
        _second_layer(run, controls, figure)
    else:
        _color_image(controls, figure)


def _color_image(controls: DeltaGenerator, figure: DeltaGenerator) -> None:
    with controls:
        kernel = pills("Filter", list(theory.FILTERS), "idea_channels_filter")
        filtered = theory.apply(theory.PATCH, theory.FILTERS[kernel], theory.BIAS)
        place = _place(filtered, (1, 1))
    with figure:
        chart.show(
            charts.color_patch(
                filtered, place, st.context.theme.type, 15 if touch.on_phone() else 24
            ),
            "A color image of 5 by 5 pixels, its red, green and blue channels, the three slices of "
            f"the kernel, and the output, in which row {place[0]}, column {place[1]} is "
            f"{number(filtered.output[place])}",
        )
        st.latex(_sum(filtered, place, theory.COLORS))
    st.caption(
        "A color image is three tables of numbers from 0 to 1: here 5 × 5 × 3 = 75. A photo of "
        "32 × 32 pixels has 32 × 32 × 3 = 3,072, stored from 0 to 255."
    )


def _second_layer(run: Run, controls: DeltaGenerator, figure: DeltaGenerator) -> None:
    weights = cache.weights(run)
    with controls:
        digit = selectbox("Digit", range(10), 7, key="idea_channels_digit")
        image = mnist.load().x_test[mnist.showcase()[2 * digit]] / 255
        filters = len(weights["conv2d_2/bias"])
        chosen = slider("Filter", 0, filters - 1, 13, key="idea_channels_number")
        kernel, bias = (weights[f"conv2d_2/{part}"][..., chosen] for part in ("kernel", "bias"))
        inputs = theory.second_layer_input(image, weights)
        filtered = theory.apply(inputs, kernel.astype(np.float64), float(bias))
        place = _place(filtered, (4, 6))
    unit = 12 if touch.on_phone() else 18
    with figure:
        chart.show(
            charts.feature_maps(filtered, image, place, st.context.theme.type, unit),
            f"Eight maps of 13 by 13 values of a {digit}, below each its slice of filter {chosen}, "
            f"and the output of 11 by 11, in which row {place[0]}, column {place[1]} is "
            f"{number(filtered.output[place])}",
        )
        st.latex(_sum(filtered, place))
    st.caption(
        "note-5 is the trained network of course note 5. The 8 filters of its first layer made 8 "
        "maps, shown after ReLU (negative values become 0) and pooling (a smaller map). Each of "
        "the 16 filters of the second layer reads all eight, so its kernel is 3 × 3 × 8. "
        f"{ROUNDED}"
    )


def _place(filtered: Filtered, first: tuple[int, int]) -> tuple[int, int]:
    """Draw the choice of a place in the output; return its row and column."""
    last = len(filtered.output) - 1
    row, column = (
        slider(
            f"{axis} of the output",
            *(0, last, start),
            key=state.key("idea_channels", axis.lower(), last),
        )
        for axis, start in zip(("Row", "Column"), first, strict=True)
    )
    return row, column


def _sum(filtered: Filtered, place: tuple[int, int], names: tuple[str, ...] = ()) -> str:
    """Return the sum of all channels and the bias in LaTeX. names: of the channels."""
    sums = [term(value, 2) for value in filtered.sums[place]]
    bias = rf"\underbrace{{{term(filtered.bias, 2)}}}_b"
    total = tex(filtered.output[place], 2)
    if names:
        named = zip(sums, names, strict=True)
        terms = [rf"\underbrace{{{value}}}_{{\text{{{name}}}}}" for value, name in named]
        return f"{' + '.join([*terms, bias])} = {total}"
    first, *rest = (" + ".join(sums[at : at + 4]) for at in range(0, len(sums), 4))
    more = [rf"& {{}} + {line}" for line in rest]
    return aligned(f"& {first}", *more[:-1], f"{more[-1]} + {bias}", rf"& \approx {total}")


IDEA = Idea(
    name="channels",
    title="Channels",
    says="A color image has three **channels**: red, green and blue. A layer with 8 filters "
    "outputs eight. A **filter** is a kernel with one slice of weights per input channel, "
    "and a bias. All slices slide together; their sums plus the bias make one number of the "
    "output. So **a filter makes one map, however many channels it reads**.",
    formulas=(
        r"\begin{aligned} S(i,j) = b &+ \sum_{c=0}^{C_{\text{in}} - 1} \sum_{m,n=0}^{k-1} \\ "
        r"&I(i+m,\, j+n,\, c)\, K(m,n,c) \end{aligned}",
        r"\text{parameters} = k \cdot k \cdot C_{\text{in}} \cdot C_{\text{out}} + C_{\text{out}}",
        r"\begin{aligned} &\text{Layer 2 of note-5:} \\ "
        r"&3 \cdot 3 \cdot 8 \cdot 16 + 16 = 1{,}168 \end{aligned}",
    ),
    symbols=r"$I$: the input, with $C_{\text{in}}$ channels; $K$: the kernel of one filter, $k "
    r"\times k \times C_{\text{in}}$; $b$: its bias; $S$: its map. $i$, $j$: row and "
    "column of the output; $m$, $n$: row and column in the window; $c$: the channel. "
    r"Keras keeps the kernels of a layer's $C_{\text{out}}$ filters in one array, $(k, k, "
    r"C_{\text{in}}, C_{\text{out}})$.",
    to_try="*Red to blue* finds the border between red and blue. Why does *Dark to bright* not "
    "respond there? Look at the three sums. Then take layer 2 of note-5: which channel "
    "adds most at your place?",
    where=(
        Where("look", "All kernels of a trained network", {address.LOOK_TAB: "Filters"}),
        Where("look", "The maps that a layer passes on", FEATURE_MAPS),
        Where("build", "Choose how many filters a layer has"),
    ),
    show=show,
)
