"""The tab Saliency: which pixels speak for and against each of the ten classes."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from mnist_core.evaluation.run import Run
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import format_shape, percent
from ui.charts import saliency as charts
from ui.session import cache, state
from ui.views.look import input_image
from ui.widgets import chart, controls, messages
from ui.widgets.canvas import Digit


@dataclass(frozen=True)
class Method:
    """A saliency method and its texts.

    question: its name in `mnist_core.insight.questions`; strongest: what the strongest color stands
    for; red: what red means for any class.
    """

    question: str
    strongest: str
    red: str
    words: str
    formula: str
    symbols: str


METHODS = {
    "Occlusion": Method(
        "occlusion",
        "a change of {} of probability",
        "where ink raises that class's probability",
        "A small patch of paper covers one place after another. **Red**: covering this place "
        "lowers the class's probability. **Blue**: it raises the probability. A patch can only "
        "hide ink, so empty places stay at zero even where they matter, like the gap at the top "
        "of a 4.",
        r"M_k(r, c) = p_k(x) - p_k(x \text{ covered at } r, c)",
        "$p_k$ is the probability of class $k$, $x$ the image; the patch is centered on row $r$, "
        "column $c$, and black like MNIST's paper. After Zeiler and Fergus, 2014.",
    ),
    "Grad-CAM": Method(
        "grad_cam",
        "a weighted sum of {}",
        "regions that raise that class's logit",
        "Each map of the last convolution is weighted by how much, on average, the class's score "
        "grows with it. **Red** is where the weighted sum speaks for the class; what speaks "
        "against it is left out. In a network that flattens its maps, the place of a feature "
        "matters too, but the average hides that.",
        r"\alpha_m^k = \frac{1}{hw} \sum_{i,j} \frac{\partial z_k}{\partial A^m_{ij}}, \qquad "
        r"L^k = \mathrm{ReLU}\Big(\sum_m \alpha_m^k A^m\Big)",
        "$A^m$ is map $m$ of the last convolution, after its activation, $h \\times w$ values; "
        "$z_k$ is the logit of class $k$, its score before softmax. After Selvaraju et al., 2017.",
    ),
    "Integrated gradients": Method(
        "integrated_gradients",
        "{} of logit",
        "pixels that raised that class's logit",
        "The image emerges from black paper, and each pixel gets its share of the class's gain in "
        "score. **Red** pixels raised the score, **blue** ones lowered it. Black pixels get "
        "nothing: another starting point would give another map.",
        r"\mathrm{IG}_i^k = x_i \int_0^1 \frac{\partial z_k(\alpha x)}{\partial x_i} \, d\alpha, "
        r"\qquad \sum_i \mathrm{IG}_i^k = z_k(x) - z_k(0)",
        "$x_i$ is pixel $i$ in [0, 1], $\\alpha x$ the image at a share $\\alpha$ of its ink, and "
        "$z_k$ the logit of class $k$. After Sundararajan, Taly and Yan, 2017.",
    ),
}
"""The methods by name; the first one works for each network and needs the least theory."""

NO_CONVOLUTION = (
    "Grad-CAM weighs the maps of a convolution, and this network has none. Choose occlusion or "
    "integrated gradients."
)
NOWHERE = "as far as averages tell, its logit depends on no particular region of these maps."
STEADY = 0.01  # change of a probability that counts as none
NO_PATCH = "No single patch matters much here: whatever is hidden, the network stays about as sure."


def scale(method: Method, most: float) -> str:
    """Return what the colors mean. most: the largest absolute value of all ten maps."""
    if most == 0:
        return "All ten maps are empty: by this method nothing here matters to any class."
    if method.question == "occlusion":
        points = figure(100 * most)
        size = f"{points} {'point' if points == '1' else 'points'}"
        small = f"**{NO_PATCH}** " if most < STEADY else ""
    else:
        size, small = figure(most), ""
    return (
        f"{small}The strongest color here stands for {method.strongest.format(size)}; the scale "
        f"differs between images. Red on the map of a class that is not read marks {method.red}, "
        "not a prediction of that class."
    )


def figure(value: float) -> str:
    """Return a positive number with two significant digits."""
    if value < 0.01:
        return "less than 0.01"
    return f"{value:.2g}" if value < 10 else f"{value:.0f}"


TEN = (
    "All ten maps share one scale; click one to enlarge it. Saliency is a hint, not an "
    "explanation: the three methods may disagree. *read* marks the network's answer"
)
LABELLED = ", *true* the label"

FAINT = 0.1  # share of the strongest color: a map below it looks empty
CLASS, READ = "look_saliency_class", "look_saliency_read"


@st.fragment
def show(run: Run) -> None:
    """Draw the chosen saliency method for all ten classes."""
    digit = input_image.choose()
    with st.container(horizontal=True, vertical_alignment="center"):
        name = controls.in_line(controls.choice, "Method", METHODS, "look_saliency_method")
        method = METHODS[name]
        with st.popover("Formula", icon=":material/function:"):
            st.latex(method.formula)
            st.write(method.symbols)
    if digit is None:
        return
    convolves = any(layer.convolves for layer in run.spec.network.layers)
    if method.question == "grad_cam" and not convolves:
        st.info(NO_CONVOLUTION, icon=":material/info:")
        return
    try:
        with st.spinner("Asking the network", show_time=True):
            answer = cache.answer(method.question, run, digit.image)
            shares = cache.probabilities(run, digit.image[None])[0]
    except MnistError as error:
        messages.show_error(error)
        return
    _show(name, answer, digit, shares)


def _show(name: str, answer: dict[str, np.ndarray], digit: Digit, shares: np.ndarray) -> None:
    """Draw the ten maps, and one of them large, with its facts in numbers."""
    maps, read, theme = answer["maps"], int(shares.argmax()), st.context.theme.type
    if state.get(READ) != read:  # a new prediction: select its map
        state.put(READ, read)
        state.put(CLASS, read)
    controls.in_line(
        st.pills,
        "Class to enlarge",
        range(10),
        required=True,
        wrap=True,
        key=CLASS,
        persist_state="session",
    )
    left, right = st.columns([3, 2], gap="medium")
    with right:
        chosen = state.get(CLASS, read)
        alt = f"{name} for class {chosen}: {_extent(maps[chosen])}, with the outline of the digit"
        figure = charts.large(maps[chosen], maps, digit.image, theme)
        chart.show(figure, alt, "look_saliency_large")
        st.write(FACTS[name](answer, chosen, shares))
    names = [_name(number, shares, digit.label) for number in range(10)]
    with left:
        chart.show(
            charts.ten(maps, digit.image, names, theme),
            f"{name} for each of the ten classes, on one scale: {_extent(maps)}",
            "look_saliency_ten",
            lambda point: state.put(CLASS, point["point_index"] % 10),
        )
    labelled = LABELLED if digit.label is not None else ""
    st.write(METHODS[name].words)
    st.write(scale(METHODS[name], float(np.abs(maps).max())))
    st.caption(f"{TEN}{labelled}.")


def _name(number: int, shares: np.ndarray, label: int | None) -> str:
    """Return a class with its probability, and whether it is the prediction or the label."""
    share = shares[number]
    words = f"{100 * share:.0f} %" if 0.01 <= share <= 0.99 else "over 99 %"
    marks = {"read": number == shares.argmax(), "true": number == label}
    below = ", ".join(word for word, holds in marks.items() if holds)
    return f"<b>{number}</b> {words if share >= 0.01 else 'under 1 %'}<br>{below}"


def _extent(values: np.ndarray) -> str:
    return f"values from {values.min():.3g} to {values.max():.3g}"


def _strongest(values: np.ndarray) -> tuple[float, int, int]:
    """Return the largest value of a map, with its row and column."""
    row, column = np.unravel_index(values.argmax(), values.shape)
    return float(values[row, column]), int(row), int(column)


def _of_occlusion(answer: dict[str, np.ndarray], chosen: int, shares: np.ndarray) -> str:
    share = float(shares[chosen])
    worst, row, column = _strongest(answer["maps"][chosen])
    if worst <= 0:
        words = f"There is no place where covering it lowers the probability of {chosen}."
    else:
        words = (
            f"Covering row {row}, column {column} costs the {chosen} most: its probability goes "
            f"from {percent(share)} to {percent(max(0.0, share - worst))}."
        )
    stride = int(answer["stride"])
    step = (
        "pixel by pixel" if stride == 1 else f"{stride} pixels at a time, as this network is large"
    )
    return f"{words} The patch of 5 × 5 pixels moves {step}."


def _of_grad_cam(answer: dict[str, np.ndarray], chosen: int, shares: np.ndarray) -> str:
    size = format_shape(answer["coarse"].shape[1:])
    words = f"The last convolution's maps have {size} places, enlarged here to 28 × 28."
    strongest, row, column = _strongest(answer["maps"][chosen])
    if strongest == 0:
        rest = f"The map of {chosen} is empty: {NOWHERE}"
    elif strongest < FAINT * answer["maps"].max():
        rest = f"The map of {chosen} is nearly empty next to the others: {NOWHERE}"
    else:
        rest = f"They support {chosen} most around row {row}, column {column}."
    return f"{words} {rest}"


def _of_gradients(answer: dict[str, np.ndarray], chosen: int, shares: np.ndarray) -> str:
    total, rise = answer["maps"][chosen].sum(), answer["difference"][chosen]
    way = "rises" if rise >= 0 else "falls"
    signed = f"{total:+.2f}".replace("-", "−")
    return (
        f"The 784 attributions for {chosen} add up to {signed}; from black paper to this image "
        f"its logit {way} by {abs(rise):.2f}. The difference of {abs(total - rise):.2g} comes from "
        f"summing in {int(answer['steps'])} steps instead of integrating."
    )


FACTS = {
    "Occlusion": _of_occlusion,
    "Grad-CAM": _of_grad_cam,
    "Integrated gradients": _of_gradients,
}
