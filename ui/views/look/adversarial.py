"""The tab Adversarial examples: adversarial examples by one step along the gradient's sign."""

import numpy as np
import streamlit as st

from mnist_core.evaluation.run import Run
from mnist_core.insight.adversarial import LARGEST, Attack, perturb
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import probability, with_article
from ui.charts import digits
from ui.charts import saliency as charts
from ui.session import cache, state
from ui.views.look import input_image
from ui.widgets import chart, controls, messages
from ui.widgets.canvas import Digit

AWAY, TOWARD = "Away from its digit", "Toward another digit"
FIRST = 20  # initial size of the change if no size fools the network
_SIZE, _MOVED = "look_fool_size", "look_fool_moved"
EASY = 40  # gray levels: up to this size people still read the digit easily

INTRO = (
    "Every pixel may change by the same few gray levels, up or down, whichever misleads the "
    "network more."
)
STAYED = ": the others are already black or white, or do not matter to the network."
WHY = (
    "The fast gradient sign method moves each pixel one step in the direction that raises the "
    "loss. A person sees faint noise. But near an image, a network is almost linear in its pixels, "
    "so 784 tiny pushes add up: with weights $w$, a score moves by as much as "
    "$\\varepsilon \\sum_i |w_i|$, while random noise mostly cancels out."
)
FORMULA = (
    r"x' = \mathrm{clip}\big(x + \varepsilon \, \mathrm{sign}(\nabla_x L(x, y))\big), \qquad "
    r"\varepsilon = \tfrac{k}{255}"
)
SYMBOLS = (
    "$L$ is the cross-entropy with label $y$, and $k$ the size on the slider. Toward a target "
    "digit $t$, the step is $-\\varepsilon \\, \\mathrm{sign}(\\nabla_x L(x, t))$. Clipping keeps "
    "pixels between black paper and full ink, and $\\mathrm{sign}(0) = 0$. After Goodfellow, "
    "Shlens and Szegedy, 2015."
)
MEANS = (
    "Stronger attacks take many small steps, so an image that withstands this one is not safe. A "
    "high test accuracy says nothing about images made to mislead."
)


@st.fragment
def show(run: Run) -> None:
    """Draw a slider for the size of the change, the changed image, and its prediction."""
    digit = input_image.choose()
    if digit is None:
        return
    try:
        attack = _attack(run, digit)
    except MnistError as error:
        messages.show_error(error)
        return
    size = _size(digit, attack)
    left, right = st.columns([3, 2], gap="medium")
    changed, theme = attack.images[size], st.context.theme.type
    read, share = int(attack.read[size]), float(attack.probabilities[size].max())
    with left:
        figure = charts.change(digit.image, changed, theme)
        alt = f"The image, a change of up to {size} gray levels, and their sum, read as {read}"
        chart.show(figure, alt, "look_fool_images")
        st.write(_verdict(attack))
        moved = int((changed != digit.image).sum())
        st.caption(f"{moved} of 784 pixels moved{_why_not_all(size, moved)}")
    with right:
        st.write(
            f"**With a change of {size} it reads {with_article(read)}**, {probability(share)} sure."
        )
        figure = digits.probabilities(attack.probabilities[size], read)
        alt = f"Probabilities of the ten digits; the highest is {read} with {probability(share)}"
        chart.show(figure, alt, "look_fool_bars")
    figure = charts.probabilities_by_size(attack, size)
    alt = f"Probability of {attack.label} and of its rival as the change grows from 0 to {LARGEST}"
    chart.show(figure, alt, "look_fool_course")
    st.write(INTRO)
    with st.expander("Why this works, and what it means", icon=":material/lightbulb:"):
        st.write(WHY)
        st.latex(FORMULA)
        st.write(SYMBOLS)
        st.write(MEANS)


def _why_not_all(size: int, moved: int) -> str:
    """Return the rest of the sentence that says how many pixels moved."""
    if size == 0:
        return ": the size of the change is 0."
    return STAYED if moved < 784 else "."


def _attack(run: Run, digit: Digit) -> Attack:
    """Return the attack for all sizes at once, so that moving the slider needs no worker.

    Raises EngineError without a worker.
    """
    shares = cache.probabilities(run, digit.image[None])[0]
    label = int(shares.argmax()) if digit.label is None else digit.label
    gradient = cache.answer("gradient", run, digit.image)
    goal = _goal(label, shares)
    slope = gradient[label] if goal is None else -gradient[goal]
    images = perturb(digit.image, slope, np.arange(LARGEST + 1))
    return Attack(images, cache.probabilities(run, images), label, goal)


def _size(digit: Digit, attack: Attack) -> int:
    """Draw the slider; return its size, initially the smallest that fools the network."""
    image = digit.image.tobytes()
    if state.get(_MOVED) != image:
        start = FIRST if attack.smallest is None else attack.smallest
        state.put(_SIZE, start)
        state.put(_MOVED, None)  # the slider was moved for another image
    return st.slider(
        "Size of the change, in gray levels of 255",
        *(0, LARGEST),
        key=_SIZE,
        on_change=state.put,
        args=(_MOVED, image),
        persist_state="session",
    )


def _goal(label: int, shares: np.ndarray) -> int | None:
    """Draw the choice of a target digit; return it, None for any digit but the label."""
    with st.container(horizontal=True, vertical_alignment="center"):
        way = controls.in_line(controls.choice, "Push the image", [AWAY, TOWARD], "look_fool_way")
        if way == AWAY:
            return None
        others = [number for number in range(10) if number != label]
        return controls.in_line(
            st.selectbox,
            "Target digit",
            others,
            int(shares[others].argmax()),
            key=state.key("look_fool_goal", label),
            width=80,
            persist_state="session",
        )


def _verdict(attack: Attack) -> str:
    """Return a sentence with the smallest size that fools the network."""
    size, label, goal = attack.smallest, attack.label, attack.goal
    if size is None:
        verb, digit = ("still reads", label) if goal is None else ("does not read", goal)
        return (
            f"**It {verb} {with_article(digit)} at any size up to {LARGEST} of 255 gray levels.**"
        )
    read = with_article(int(attack.read[size]))
    if size == 0:
        return f"**It reads {read} before anything is changed**; its label says {label}."
    people = "most people would still read" if size <= EASY else "judge for yourself if it still is"
    return (
        f"**At {size} of 255 gray levels it first reads {read}**; {people} {with_article(label)}."
    )
