"""The tab Saliency: which pixels speak for and against each of the ten classes."""

from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from mnist_core.errors import MnistError
from mnist_core.layers import Conv2D
from mnist_core.store import Run
from mnist_core.words import percent, shape
from ui import frame, insight, state, touch
from ui.canvas import Digit
from ui.charts import saliency as charts
from ui.charts import style
from ui.look import saliency_text as text
from ui.look import subject

FAINT = 0.1  # of the strongest colour: a map that stays below looks empty
CLASS, READ, EDITION = "look_saliency_class", "look_saliency_read", "look_saliency_edition"


@st.fragment
def show(run: Run) -> None:
    """Three ways to ask where a network looks, all ten classes side by side."""
    digit = subject.choose()
    name = st.segmented_control(
        "Method",
        list(text.METHODS),
        default=next(iter(text.METHODS)),
        required=True,
        key="look_saliency_method",
        persist_state="session",
    )
    method = text.METHODS[name]
    st.write(method.words)
    with st.popover("Formula", icon=":material/function:"):
        st.latex(method.formula)
        st.write(method.symbols)
    if digit is None:
        return
    convolves = any(isinstance(layer, Conv2D) for layer in run.spec.network.layers)
    if method.question == "grad_cam" and not convolves:
        st.info(text.NO_CONVOLUTION, icon=":material/info:")
        return
    try:
        with st.spinner("Asking the network", show_time=True):
            answer = insight.look(method.question, run, digit.image)
            shares = insight.probabilities(run, digit.image[None])[0]
    except MnistError as error:
        frame.refuse(error)
        return
    _show(name, answer, digit, shares)


def _show(name: str, answer: dict[str, Any], digit: Digit, shares: np.ndarray) -> None:
    """The ten maps, and one of them large, with what it says in numbers."""
    maps, read, theme = answer["maps"], int(shares.argmax()), st.context.theme.type
    if state.value(READ) != read:  # another answer: begin with its map
        state.keep(READ, read)
        state.keep(CLASS, read)
    left, right = st.columns([3, 2], gap="medium")
    with right:
        st.pills(
            "Class to see large",
            range(10),
            required=True,
            wrap=True,
            key=CLASS,
            on_change=_forget_click,
            persist_state="session",
        )
        chosen = state.value(CLASS)
        alt = f"{name} for class {chosen}: {_extent(maps[chosen])}, with the outline of the digit"
        figure = charts.large(maps[chosen], maps, digit.image, theme)
        st.plotly_chart(figure, key="look_saliency_large", alt=alt, config=style.CONFIG)
        st.write(FACTS[name](answer, chosen, shares))
    key = f"look_saliency_ten_{state.value(EDITION, 0)}"
    names = [_name(number, shares, digit.label) for number in range(10)]
    left.plotly_chart(
        charts.ten(maps, digit.image, names, chosen, theme),
        key=key,
        on_select=touch.on_select(partial(_take_click, key)),
        selection_mode="points",
        alt=f"{name} for each of the ten classes, on one scale: {_extent(maps)}",
        config=style.CONFIG,
    )
    labelled = text.LABELLED if digit.label is not None else ""
    left.write(text.scale(text.METHODS[name], float(np.abs(maps).max())))
    left.caption(f"{text.TEN}{labelled}.")


def _name(number: int, shares: np.ndarray, label: int | None) -> str:
    """A class with its probability, and below whether it is the answer or the truth."""
    share = shares[number]
    words = f"{100 * share:.0f} %" if 0.01 <= share <= 0.99 else "over 99 %"
    marks = {"read": number == shares.argmax(), "true": number == label}
    below = ", ".join(word for word, holds in marks.items() if holds)
    return f"<b>{number}</b> {words if share >= 0.01 else 'under 1 %'}<br>{below}"


def _extent(values: np.ndarray) -> str:
    return f"values from {values.min():.3g} to {values.max():.3g}"


def _take_click(key: str) -> None:
    """A click on a map chooses its class; one that deselects changes nothing."""
    for point in st.session_state[key].selection.points[:1]:
        state.keep(CLASS, point["point_index"])


def _forget_click() -> None:
    """The buttons were used: the chart starts over, or its last tile could not be clicked again."""
    state.keep(EDITION, state.value(EDITION, 0) + 1)


def _strongest(values: np.ndarray) -> tuple[float, int, int]:
    """The largest value of a map, with its row and column."""
    row, column = np.unravel_index(values.argmax(), values.shape)
    return float(values[row, column]), int(row), int(column)


def _of_occlusion(answer: dict[str, Any], chosen: int, shares: np.ndarray) -> str:
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


def _of_grad_cam(answer: dict[str, Any], chosen: int, shares: np.ndarray) -> str:
    size = shape(answer["coarse"].shape[1:])
    words = f"The last convolution's maps have {size} places, enlarged here to 28 × 28."
    strongest, row, column = _strongest(answer["maps"][chosen])
    if strongest == 0:
        rest = f"The map of {chosen} is empty: {text.NOWHERE}"
    elif strongest < FAINT * answer["maps"].max():
        rest = f"The map of {chosen} is nearly empty beside the others: {text.NOWHERE}"
    else:
        rest = f"For {chosen} they speak most around row {row}, column {column}."
    return f"{words} {rest}"


def _of_gradients(answer: dict[str, Any], chosen: int, shares: np.ndarray) -> str:
    total, rise = answer["maps"][chosen].sum(), answer["difference"][chosen]
    way = "rises" if rise >= 0 else "falls"
    signed = f"{total:+.2f}".replace("-", "−")
    return (
        f"The 784 attributions for {chosen} add up to {signed}; from black paper to this image "
        f"its logit {way} by {abs(rise):.2f}. The difference of {abs(total - rise):.2g} comes from "
        f"summing in {int(answer['steps'])} steps what should be an integral."
    )


FACTS = {
    "Occlusion": _of_occlusion,
    "Grad-CAM": _of_grad_cam,
    "Integrated gradients": _of_gradients,
}
