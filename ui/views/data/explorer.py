"""The tabs of the page Data, one function each."""

from functools import partial

import numpy as np
import streamlit as st

from mnist_core.dataset import mnist, samples
from mnist_core.dataset.samples import Part
from mnist_core.network.spec import Split
from mnist_core.utils.text import percent, with_article
from ui.charts import data as charts
from ui.charts import digits
from ui.session import address, cache, navigation, state
from ui.widgets import chart, controls, gallery, messages, touch

Parts = tuple[Part, Part, Part]

DIGITS = range(10)
IN_NOTES = (("training", 50), ("training", 7_777), ("test", 0))
"""Set and index of the images that course notes show: a 3, an 8 and a 7."""


def one_image(split: Split, parts: Parts) -> None:
    """Draw one image by its index, as it is stored and as the network receives it."""
    st.write(
        "To a computer, a digit is 28 rows and 28 columns of numbers: 0 is blank paper, 255 full "
        "ink. Point at a pixel to read its number. Networks learn faster from small numbers, so "
        "each is divided by 255; a last axis is for the one channel, gray."
    )
    try:
        samples.check_link(address.get(address.SET), address.get(address.IMAGE))
    except samples.SampleError as error:
        messages.show_error(error)
        st.page_link(navigation.path("data"), label="Look at image 0")
        st.stop()
    with controls.side_by_side():
        name = controls.choice(
            "Set", samples.SETS, address.SET, bind="query-params", persist_state=None
        )
        # No bounds here: the error message of `example` says more than a silent correction.
        index = st.number_input(
            "Index, from 0", value=0, key=address.IMAGE, bind="query-params", width=200
        )
        for place, at in IN_NOTES:
            st.button(
                f"{place.capitalize()} image {at:,}",
                type="tertiary",
                key=state.key("data_example", place, at),
                on_click=_choose,
                args=(place, at),
            )
    shown = samples.example(name, index)
    st.write(f"Image {index:,} of the {name} set. Its label says **{shown.label}**.")
    left, right = st.columns(2)
    left.write("**As it is stored:** `(28, 28)`, `uint8`, 0 to 255")
    alt = f"A handwritten {shown.label}, 28 by 28 gray levels from 0 to 255"
    with left:
        chart.show(digits.pixels(shown.image), alt, "data_stored")
    right.write("**As the network gets it:** `(28, 28, 1)`, `float32`, 0 to 1")
    alt = f"The same {shown.label}; each value is divided by 255"
    with right:
        chart.show(digits.pixels(shown.network_input[..., 0]), alt, "data_input")
    with st.expander("The formula, and all 784 numbers"):
        st.latex(r"x_{ij} = p_{ij} / 255, \qquad p_{ij} \in \{0, 1, \dots, 255\}")
        st.write(
            "This is min-max normalization, $(p - p_{\\min}) / (p_{\\max} - p_{\\min})$, with the "
            "smallest and largest possible gray levels, 0 and 255, for every image."
        )
        st.dataframe(shown.image, alt="The gray levels of this image, row by row")


def _choose(name: str, index: int) -> None:
    state.put(address.SET, name)
    state.put(address.IMAGE, index)


def many_images(split: Split, parts: Parts) -> None:
    """Draw random images by part, digit and seed."""
    st.write(
        "Employees of the US Census Bureau and American high-school students wrote these digits; "
        "some would puzzle you too. The same seed always draws the same images."
    )
    with st.container(horizontal=True, width=560):
        names = [part.name for part in parts if len(part.rows)]
        name = controls.choice("Part", names, "data_part")
        digit = st.selectbox(
            "Digit", ["any", *map(str, DIGITS)], key="data_digit", persist_state="session"
        )
        seed = st.number_input("Seed", 0, 2**31 - 1, 0, key="data_seed", persist_state="session")
    part = next(part for part in parts if part.name == name)
    shown = part.examples(
        samples.random_rows(part, 36, seed, None if digit == "any" else int(digit))
    )
    captions = [f"**{one.label}** {one.index}" for one in shown]
    gallery.gallery([one.image for one in shown], captions, [one.words for one in shown])
    st.caption("Captions: the label and the index, to find an image under *One image*.")


def grey_levels(split: Split, parts: Parts) -> None:
    """Draw the histogram of the training pixels, with their mean and standard deviation."""
    levels = cache.grey_levels(split)
    st.write(
        f"{100 * levels.blank:.1f} % of the training pixels are blank paper. The rest peak near "
        "full ink; the grays between are soft edges, left from shrinking larger scans. Each tick "
        "up means ten times as many pixels."
    )
    alt = "Bars over the levels 0 to 255: by far the highest at 0, another peak near full ink"
    chart.show(charts.grey_levels(levels), alt, "data_levels")
    st.write(
        f"Divided by 255, the mean is **{levels.mean:.4f}** and the standard deviation "
        f"**{levels.std:.4f}**. Much code subtracts the mean and divides by the deviation."
    )
    with st.expander("The formula"):
        st.latex(
            r"\mu = \frac{1}{N} \sum_i x_i, \qquad \sigma^2 = \frac{1}{N} \sum_i (x_i - \mu)^2"
        )


def typical_images(split: Split, parts: Parts) -> None:
    """Draw the mean image of each digit, and the images nearest to it and farthest from it."""
    st.write(
        "The mean of all training images of a digit, pixel by pixel: sharp where people agree, "
        "blurred where they differ."
    )
    alts = [f"The mean of all images of {with_article(digit)}" for digit in DIGITS]
    gallery.gallery(cache.mean_images(split), list(map(str, DIGITS)), alts, 64)
    digit = controls.choice("Digit", DIGITS, "data_class", first=7)
    found = cache.typicality(split, digit)
    for words, order in (("Most typical", slice(8)), ("Least typical", slice(None, -9, -1))):
        st.header(words)
        shown = parts[0].examples(found.rows[order])
        captions = [
            f"**{distance:.1f}** {one.index}"
            for one, distance in zip(shown, found.distances[order], strict=True)
        ]
        gallery.gallery([one.image for one in shown], captions, [one.words for one in shown])
    st.write(
        "Captions: the distance from the mean image, and the index. This distance compares single "
        "pixels, not shapes, so a good digit that is bold, slanted or large is far from the mean "
        "too. A convolutional network learns shapes."
    )
    with st.expander("The formula"):
        st.latex(
            r"d(x) = \sqrt{\textstyle\sum_{i,j} (x_{ij} - \bar{x}_{ij})^2}, \quad x_{ij} \in [0, 1]"
        )


def labels(split: Split, parts: Parts) -> None:
    """Draw the class balance and the one-hot encoding of a label."""
    st.header("Class balance")
    guess = int(parts[0].counts.argmax())
    right = parts[2].counts[guess]
    st.write(
        f"The digits are nearly equally common. Always answering {guess}, the most common training "
        f"digit, is right for {right:,} of 10,000 test images: "
        f"{right / 100:.2f} %. Every network has to beat that."
    )
    alt = "For each digit, one bar per part: the digit's share of the part, close to a tenth"
    chart.show(charts.balance(parts), alt, "data_balance")
    counts = {"part": [part.name for part in parts], "all": [len(part.rows) for part in parts]}
    counts |= {str(digit): [int(part.counts[digit]) for part in parts] for digit in DIGITS}
    touch.room_above_table()
    st.dataframe(counts, hide_index=True, alt="The number of images of each digit in every part")
    st.header("One-hot encoding")
    st.write(
        "A digit is a name, not an amount: 8 is not twice 4. So a label becomes ten numbers with a "
        "single 1: the probabilities that a perfect network would give."
    )
    label = controls.choice("Label", DIGITS, "data_label", first=3)
    vector = mnist.one_hot(np.array([label]))[0]
    st.code(str(vector.astype(int).tolist()), language="python")
    alt = f"Ten bars: 1 at the digit {label}, 0 at all others"
    figure = digits.probabilities(vector, label, partial(percent, decimals=0))  # exactly 0 and 1
    chart.show(figure, alt, "data_one_hot")
    with st.expander("One-hot labels in the loss"):
        st.latex(r"L = -\sum_{k=0}^{9} y_k \ln p_k = -\ln p_{\text{label}}")
        st.write(
            "The zeros leave only the probability of the true digit. `categorical_crossentropy` "
            "takes one-hot labels, `sparse_categorical_crossentropy` the plain digits: the loss is "
            "the same."
        )
