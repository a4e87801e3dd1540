"""The tab Embedding: test images in the space of the last hidden layer, and nearest neighbors."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from mnist_core.dataset import mnist
from mnist_core.evaluation.report import Report
from mnist_core.evaluation.run import Run
from mnist_core.insight.neighbors import Neighbors, Space, place_on_map, sample_for_map
from mnist_core.network.spec import Network
from mnist_core.network.summary import summarize
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import GUESSING_ACCURACY, percent, plural, probability
from ui.charts import digits
from ui.charts import embedding as charts
from ui.session import cache, state
from ui.views.look import class_digits, input_image
from ui.views.look.class_digits import ClassDigits
from ui.widgets import chart, controls, gallery, job_result, messages


def about(network: Network) -> str:
    """Return a description of the space that the last hidden layer makes."""
    *rows, _ = summarize(network).rows
    hidden = [row for row in rows if not network.layers[row.layer].only_in_training]
    last = hidden[-1]
    count = plural(last.output_shape[-1], "number")
    if all(row.type == "Flatten" for row in hidden):
        return (
            f"This network has no hidden layer: its output layer sees the {count} of the pixels, "
            "so images are near each other here if their ink overlaps."
        )
    return (
        f"Before the ten probabilities, this network turns each image into {count} "
        f"(`{last.name}`): a point in a space through which the output layer draws straight "
        "borders. So a good network moves images of one digit close together."
    )


GUESSES = "This network reads no more than half of the digits right, so do not expect islands yet."
TSNE_WAITS = (
    "t-SNE moves 4,000 test images step by step until neighbors in the space are mostly neighbors "
    "on the map. It runs once, in the background; you can keep working."
)
TSNE = (
    "**t-SNE keeps neighborhoods, and little else.** Points that are close here were mostly close "
    "in the space, but the distance, size and place of islands mean next to nothing. Your own "
    "digits are put between their nearest test images."
)
OWN = (
    "It is the diamond on the map. Its neighbors are from all 60,000 training and 10,000 test "
    "images."
)
SUREST = " Of all its mistakes, it is surest of this one."


def shown(count: int, wrong: int, all_wrong: int, flat: bool) -> str:
    """Return which points are drawn, and how to zoom. flat: in 2-D, where points can be clicked."""
    closer = "Click one to see it" if flat else "Type a number to see an image; drag to turn"
    every = "all" if wrong == all_wrong else f"{wrong:,} of the"
    return (
        f"{count:,} of the 10,000 test images: {every} {all_wrong:,} mistakes, as crosses, and a "
        f"random sample of the rest. {closer}. In the legend, a click hides a digit, a "
        "double-click all others."
    )


def variance(known: Space, sides: int) -> str:
    """Return how much of the variance the map shows. sides: dimensions of the map, 2 or 3."""
    two, three = (percent(float(known.explained[:n].sum()), 0) for n in (2, 3))
    fitted = "" if known.fitted == 60_000 else f", computed from {known.fitted:,} of them"
    which = ("These", "three") if sides == 2 else ("The first", "all three")
    return (
        f"**PCA turns the space until its widest side faces you.** {which[0]} two directions hold "
        f"{two} of the variance of the training images{fitted}; {which[1]} hold {three}. Digits "
        "that overlap on the map may still be far apart in the rest."
    )


PCA = (
    "**PCA** (principal component analysis) centers the vectors $h$ of all training images and "
    "projects them onto the directions $v$ along which they vary most, at right angles to one "
    "another. Nothing is bent: distances on the map are true for what it shows."
)
PCA_FORMULAS = (
    r"C = \frac{1}{n} \sum_{i=1}^{n} (h_i - \bar h)(h_i - \bar h)^\top",
    r"C v_j = \lambda_j v_j, \qquad z_j = v_j^\top (h - \bar h)",
)
TSNE_HOW = (
    "**t-SNE** turns distances into probabilities of being neighbors, $p$ in the space and $q$ on "
    "the map, and moves the points $y$ until the two agree: it lowers the Kullback-Leibler "
    "divergence. Each $\\sigma_i$ is chosen for a perplexity of 30, roughly the number of "
    "neighbors of an image; $h$ are the places in the space and $n$ the number of images. It "
    "starts with PCA's map and a fixed seed, so the same run gives the same map."
)
TSNE_FORMULAS = (
    r"p_{j|i} \propto \exp\Big(-\frac{\lVert h_i - h_j \rVert^2}{2 \sigma_i^2}\Big), \qquad "
    r"p_{ij} = \frac{p_{j|i} + p_{i|j}}{2n}",
    r"q_{ij} = \frac{(1 + \lVert y_i - y_j \rVert^2)^{-1}}"
    r"{\sum_{k \ne l} (1 + \lVert y_k - y_l \rVert^2)^{-1}}",
    r"\mathrm{KL} = \sum_{i \ne j} p_{ij} \ln \frac{p_{ij}}{q_{ij}}",
)
NEAR = (
    "**Near** means a small Euclidean distance over the {kept} widest directions, more than any "
    "map shows. Its unit depends on the layer, so compare distances within a run, not between "
    "runs. The vote of the ten nearest is itself a classifier: k nearest neighbors with $k = 10$."
)
NEAR_FORMULA = r"d(a, b) = \sqrt{\sum_{j} (z_j^a - z_j^b)^2}"

SHOWN = 1200  # of the 10,000 test images: each is an element of the page, and many make it slow
NEAREST, NEAREST_TEST = 10, 5
TSNE_MAP = "t-SNE in 2-D"
MAPS = {"PCA in 2-D": 2, "PCA in 3-D": 3, TSNE_MAP: 2}
_ROW = "look_embedding_row"
_CLICKED = "look_embedding_clicked"
"""The map, its colors and the image that was clicked, which the browser marks.

So the figure need not be sent again.
"""
_COLOUR, _ONLY = "look_embedding_colour", "look_embedding_only"


@st.fragment
def show(run: Run) -> None:
    """Draw the map with its options, and beside it the selected image."""
    report = cache.report(run)
    if run.test_accuracy is not None and run.test_accuracy <= GUESSING_ACCURACY:
        st.warning(GUESSES, icon=":material/casino:")
    ready = job_result.result(run, "embedding", "Place all images", at_once=True)
    known = cache.embedding_space(run) if ready else None
    if known is None or report is None:
        st.write(about(run.spec.network))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        kind = controls.in_line(controls.choice, "Map", MAPS, "look_embedding_map")
        color = controls.in_line(controls.choice, "Color", ["True digit", "Read as"], _COLOUR)
        only = controls.in_line(
            st.pills, "Highlight", range(10), key=_ONLY, persist_state="session"
        )
    left, right = st.columns([3, 2], gap="large")
    with right:
        ours = class_digits.choose(run, known)
        star = _own(run, known)
        row = _chosen(report, known, star is not None)
    with left:
        by = report.labels if color == "True digit" else report.predicted
        _map(run, report, known, kind, by, row, star, ours, only)
        st.write(about(run.spec.network))
        _theory(known, kind)


def _map(
    run: Run,
    report: Report,
    known: Space,
    kind: str,
    by: np.ndarray,
    row: int,
    star: np.ndarray | None,
    ours: ClassDigits | None,
    only: int | None,
) -> None:
    """Draw the figure.

    by: (10000,) the digits that set the colors; row: index of the selected image; star: the
    coordinates of the user's own digit, see `_own`; ours: the digits of the class; only: the digit
    to highlight.
    """
    rows = sample_for_map(report.labels, report.predicted, SHOWN)
    found = _by_tsne(run, known, rows, row) if kind == TSNE_MAP else _by_pca(known, kind, rows, row)
    if found is None:
        st.caption(TSNE_WAITS)
        return
    star = None if star is None else found.there(star)
    squares = None if ours is None else _squares(ours, found.there)
    sides = MAPS[kind]
    key, drawn = state.key("look_embedding", sides), (kind, state.get(_COLOUR), only)
    chart.show(
        charts.cloud(
            *(report, rows, found.places, by, found.axes, st.context.theme.type),
            None if _is_marked(key, (*drawn, row)) else found.chosen,
            star,
            only,
            squares,
        ),
        f"{kind}: {len(rows):,} test images as points, colored by their digits",
        key,
        partial(_take_point, drawn),
    )
    wrong = int((report.predicted[rows] != report.labels[rows]).sum())
    st.caption(shown(len(rows), wrong, report.wrong, sides == 2))


@dataclass(frozen=True, eq=False)
class _Projection:
    """The places of images on a map of 2 or 3 sides.

    there: takes a place in the space, (k,), to the map, (sides,); places: (n, sides) of the test
    images that are drawn; chosen: (sides,) of the selected one; axes: their titles.
    """

    there: Callable[[np.ndarray], np.ndarray]
    places: np.ndarray
    chosen: np.ndarray
    axes: list[str]


def _by_tsne(run: Run, known: Space, rows: np.ndarray, row: int) -> _Projection | None:
    """Return the places of images by t-SNE; None, with its job drawn, until they are computed."""
    found = job_result.result(run, "tsne", "Compute this map (about 20 seconds)")
    if found is None:
        return None
    points, mapped = found["points"], found["rows"]
    there = partial(place_on_map, places=known.test[mapped], points=points)
    at = points[mapped == row]
    chosen = at[0] if len(at) else there(known.test[row])
    return _Projection(there, points[np.searchsorted(mapped, rows)], chosen, ["", ""])


def _by_pca(known: Space, kind: str, rows: np.ndarray, row: int) -> _Projection:
    """Return the places of images along the directions in which the space is widest."""
    there = partial(_first, sides=MAPS[kind])
    shares = there(known.explained).tolist()
    axes = [f"direction {n + 1} ({percent(share, 0)})" for n, share in enumerate(shares)]
    return _Projection(there, there(known.test[rows]), there(known.test[row]), axes)


def _squares(ours: ClassDigits, there: Callable[[np.ndarray], np.ndarray]) -> charts.Squares:
    """Return the digits of the class as squares on the map. there: places one on the map."""
    places = np.stack([there(place) for place in ours.places])
    by = ours.predicted if state.get(_COLOUR) == "Read as" else ours.labels
    right = ours.labels == ours.predicted
    return charts.Squares(places, by, right, ours.words, "our handwriting")


def _first(places: np.ndarray, sides: int) -> np.ndarray:
    """Return the first `sides` coordinates, with zeros where a narrow layer has fewer."""
    places = places[..., :sides]
    missing = sides - places.shape[-1]
    return np.pad(places, [(0, 0)] * (places.ndim - 1) + [(0, missing)])


def _is_marked(key: str, clicked: tuple[object, ...]) -> bool:
    """Whether the browser marks a clicked point of the figure that has this key."""
    return state.get(_CLICKED) == clicked and state.has(key) and bool(state.selected_points(key))


def _take_point(drawn: tuple[object, ...], point: state.Point) -> None:
    """Select the clicked image; a click on a mark changes nothing."""
    row = state.whole_number(point)
    if row in range(mnist.TEST_IMAGES):
        state.put(_ROW, row)
        state.put(_CLICKED, (*drawn, row))


def _chosen(report: Report, known: Space, titled: bool) -> int:
    """Draw the selected test image, its probabilities and its neighbors; return its index.

    titled: add a heading, since the user's own digit is shown above.
    """
    first = int(report.mistakes[0]) if report.wrong else None
    state.setdefault(_ROW, first or 0)
    if titled:
        st.header(f"Test image {state.get(_ROW, 0):,}")
    row = st.number_input(
        "Test image, 0 to 9,999: click a point or type",
        *(0, 9_999),
        key=_ROW,
        persist_state="session",
    )
    label, read = int(report.labels[row]), int(report.predicted[row])
    sure = probability(float(report.confidence[row]))
    with st.container(horizontal=True, vertical_alignment="center"):
        alt = f"Test image {row:,}, labeled {label}"
        st.image(gallery.enlarge(mnist.load().x_test[row], 5), width=140, alt=alt)
        with st.container(width=220):
            sign = ":material/check_circle:" if label == read else ":material/cancel:"
            words = "right" if label == read else "wrong"
            st.write(f"{sign} Its label is **{label}**, and the network reads **{read}**: {words}.")
            surest = SUREST if row == first else ""
            st.caption(f"It is {sure} sure.{surest}")
    chart.show(
        digits.probabilities(report.probabilities[row], read),
        f"Ten probabilities of test image {row:,}; the largest is for {read}",
        "look_embedding_bars",
    )
    neighbors(known, known.neighbors(known.test[row], NEAREST))
    return row


def neighbors(known: Space, found: Neighbors) -> None:
    """Draw the nearest images of a set, with their majority vote."""
    digit, votes = found.vote
    st.write(f"**Its nearest {found.name} images**: {votes} of {len(found.rows)} say {digit}.")
    data, tested = mnist.load(), found.name == "test"
    number = ", number" if tested else ""
    st.caption(f"Below each: its label{number} and distance{_measured_in(known)}.")
    labels, far = found.labels.tolist(), found.distances.tolist()
    gallery.gallery(
        (data.x_test if tested else data.x_train)[found.rows],
        [
            f"{label}{f' · #{row}' if tested else ''} · {distance:.3g}"
            for row, label, distance in zip(found.rows, labels, far, strict=True)
        ],
        [
            f"{found.name.capitalize()} image {row}, labeled {label}, {distance:.3g} away"
            for row, label, distance in zip(found.rows, labels, far, strict=True)
        ],
        width=72 if tested else 56,
    )


def _measured_in(known: Space) -> str:
    """Return what the distances leave out, if anything."""
    kept, units = len(known.explained), known.units
    if kept == units:
        return ""
    return (
        f" along the {kept} widest of {units:,} directions. With all {units:,}, the order could "
        "change slightly"
    )


def _own(run: Run, known: Space) -> np.ndarray | None:
    """Draw the user's own digit with its neighbors; return its coordinates in the space, (k,)."""
    if not st.toggle("Add your own digit", key="look_embedding_own"):
        return None
    digit = input_image.choose()
    if digit is None:
        return None
    try:
        features = cache.answer("features", run, digit.image)[0]
    except MnistError as error:
        messages.show_error(error)
        return None
    place = known.project(features)
    st.header("Your digit")
    st.caption(OWN)
    neighbors(known, known.neighbors(place, NEAREST))
    neighbors(known, known.on_test(place, NEAREST_TEST))
    st.divider()
    return place


def _theory(known: Space, kind: str) -> None:
    if kind == TSNE_MAP:
        st.write(TSNE)
    else:
        st.write(variance(known, MAPS[kind]))
    with st.expander(
        "How the maps are made",
        icon=":material/function:",
        key="look_embedding_theory",
        on_change="rerun",
    ) as box:
        if not box.open:
            return
        st.write(PCA)
        for formula in PCA_FORMULAS:
            st.latex(formula)
        st.write(TSNE_HOW)
        for formula in TSNE_FORMULAS:
            st.latex(formula)
        st.write(NEAR.format(kept=len(known.explained)))
        st.latex(NEAR_FORMULA)
