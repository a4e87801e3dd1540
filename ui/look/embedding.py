"""The space of the last hidden layer: a map of the test images, and who is near whom."""

from functools import partial

import numpy as np
import streamlit as st

from mnist_core import dataset
from mnist_core.errors import MnistError
from mnist_core.evaluate import Report
from mnist_core.insight.neighbours import Neighbours, Space, on_map, place_between
from mnist_core.store import Run
from mnist_core.summary import summarize
from mnist_core.words import GUESSING, percent
from ui import cache, frame, gallery, insight, state, touch, visitor
from ui.charts import embedding as charts
from ui.charts import style
from ui.look import embedding_text as text
from ui.look import subject

SHOWN = 3000  # of the 10,000 test images, so that the map stays quick
NEAREST, NEAREST_TEST = 10, 5
MAPS = {"PCA in 2-D": 2, "PCA in 3-D": 3, "t-SNE in 2-D": 2}
_ROW, _EDITION = "look_embedding_row", "look_embedding_edition"


@st.cache_resource(max_entries=4, show_spinner=False)
def _space(run_id: int, seconds: float, workspace: str, _run: Run) -> Space | None:
    return Space.unpack(insight.kept(_run, "embedding") or {})


def space(run: Run) -> Space | None:
    """The space of a run's last hidden layer; None before it was worked out."""
    if insight.kept(run, "embedding") is None:
        return None
    return _space(run.id, run.seconds, visitor.workspace(), run)


@st.fragment
def show(run: Run) -> None:
    """The map with its choices beside what was chosen on it."""
    report = cache.report(run)
    st.write(text.about(summarize(run.spec.network).rows))
    if run.test_accuracy is not None and run.test_accuracy <= GUESSING:
        st.warning(text.GUESSES, icon=":material/casino:")
    ready = insight.result(run, "embedding", "Place all images", at_once=True)
    known = space(run) if ready else None
    if known is None or report is None:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind, colour = (
            st.segmented_control(
                words,
                options,
                default=options[0],
                required=True,
                key=key,
                persist_state="session",
            )
            for words, options, key in (
                ("Map", list(MAPS), "look_embedding_map"),
                ("Colour", ["True digit", "Read as"], "look_embedding_colour"),
            )
        )
    left, right = st.columns([3, 2], gap="large")
    with right:
        star = _own(run, known)
        row = _chosen(report, known, star is not None)
    with left:
        by = report.labels if colour == "True digit" else report.predicted
        _map(run, report, known, kind, by, row, star)
        _theory(known, kind)


def _map(
    run: Run,
    report: Report,
    known: Space,
    kind: str,
    by: np.ndarray,
    row: int,
    star: np.ndarray | None,
) -> None:
    """The figure. by: the digits that give colours; row: the image looked at; star: see `_own`."""
    rows = on_map(report.labels, report.predicted, SHOWN)
    sides = MAPS[kind]
    if kind == "t-SNE in 2-D":
        found = insight.result(run, "tsne", "Work out this map, in about 20 seconds")
        if found is None:
            st.caption(text.TSNE_WAITS)
            return
        points, mapped = found["points"], found["rows"]
        there = partial(place_between, places=known.test[mapped], points=points)
        places = points[np.searchsorted(mapped, rows)]
        at = points[mapped == row]
        chosen = at[0] if len(at) else there(known.test[row])
        axes = ["", ""]
    else:
        there = partial(_first, sides=sides)
        places, chosen = there(known.test[rows]), there(known.test[row])
        shares = there(known.explained).tolist()
        axes = [f"direction {n + 1} ({percent(share, 0)})" for n, share in enumerate(shares)]
    star = None if star is None else there(star)
    chart = f"look_embedding_{sides}_{state.value(_EDITION, 0)}"
    st.plotly_chart(
        charts.cloud(report, rows, places, by, axes, st.context.theme.type, chosen, star),
        key=chart,
        on_select=touch.on_select(partial(_take_point, chart)),
        selection_mode="points",
        alt=f"{kind}: {len(rows):,} test images as points, coloured by their digits",
        config=style.CONFIG,
    )
    wrong = int((report.predicted[rows] != report.labels[rows]).sum())
    st.caption(text.shown(len(rows), wrong, report.wrong, sides == 2))


def _first(places: np.ndarray, sides: int) -> np.ndarray:
    """The first directions; zeros for those that a layer of one or two values does not have."""
    places = places[..., :sides]
    missing = sides - places.shape[-1]
    return np.pad(places, [(0, 0)] * (places.ndim - 1) + [(0, missing)])


def _take_point(chart: str) -> None:
    """A click chooses the image; one on a mark, or that deselects, changes nothing."""
    for point in st.session_state[chart].selection.points[:1]:
        row = point.get("customdata")
        row = row[0] if isinstance(row, list) else row
        if row is not None:
            st.session_state[_ROW] = int(row)


def _forget_click() -> None:
    """The box was used: the chart starts over, or its last point could not be clicked again."""
    state.keep(_EDITION, state.value(_EDITION, 0) + 1)


def _chosen(report: Report, known: Space, titled: bool) -> int:
    """The test image that is looked at, its ten bars and its neighbours; returns its row.

    titled: with a heading of its own, as there is another digit above.
    """
    first = int(report.mistakes[0]) if report.wrong else None
    st.session_state.setdefault(_ROW, first or 0)
    if titled:
        st.subheader(f"Test image {st.session_state[_ROW]:,}")
    row = st.number_input(
        "Test image, 0 to 9,999: click a point or type",
        *(0, 9_999),
        key=_ROW,
        on_change=_forget_click,
        persist_state="session",
    )
    label, read = int(report.labels[row]), int(report.predicted[row])
    sure = percent(float(report.confidence[row]))
    with st.container(horizontal=True, vertical_alignment="center"):
        alt = f"Test image {row:,}, labelled {label}"
        st.image(gallery.enlarge(dataset.load().x_test[row], 5), width=140, alt=alt)
        with st.container(width=220):
            sign = ":material/check_circle:" if label == read else ":material/cancel:"
            words = "right" if label == read else "wrong"
            st.write(f"{sign} Its label is **{label}**, and the network reads **{read}**: {words}.")
            surest = text.SUREST if row == first else ""
            st.caption(f"It is {sure} sure.{surest}")
    st.plotly_chart(
        style.probabilities(report.probabilities[row], read),
        key="look_embedding_bars",
        alt=f"Ten probabilities of test image {row:,}; the largest is that of {read}",
        config=style.CONFIG,
    )
    neighbours(known.neighbours(known.test[row], NEAREST))
    return row


def neighbours(found: Neighbours) -> None:
    """The nearest images of a set, with their vote."""
    digit, votes = found.vote
    st.write(f"**Its nearest {found.name} images**: {votes} of {len(found.rows)} say {digit}.")
    data, tested = dataset.load(), found.name == "test"
    number = ", its number," if tested else ""
    st.caption(f"Below each: its label{number} and how far away it is.")
    labels, far = found.labels.tolist(), found.distances.tolist()
    gallery.gallery(
        (data.x_test if tested else data.x_train)[found.rows],
        [
            f"{label}{f' · #{row}' if tested else ''} · {distance:.3g}"
            for row, label, distance in zip(found.rows, labels, far, strict=True)
        ],
        [
            f"{found.name.capitalize()} image {row}, labelled {label}, {distance:.3g} away"
            for row, label, distance in zip(found.rows, labels, far, strict=True)
        ],
        width=72 if tested else 56,
    )


def _own(run: Run, known: Space) -> np.ndarray | None:
    """A digit of the reader's own, among its nearest; returns its place in the space, (k,)."""
    if not st.toggle("Put a digit of your own on the map", key="look_embedding_own"):
        return None
    digit = subject.choose()
    if digit is None:
        return None
    try:
        features = insight.look("features", run, digit.image)[0]
    except MnistError as error:
        frame.refuse(error)
        return None
    place = known.project(features)
    st.subheader("Your digit")
    st.caption(text.OWN)
    neighbours(known.neighbours(place, NEAREST))
    neighbours(known.on_test(place, NEAREST_TEST))
    st.divider()
    return place


def _theory(known: Space, kind: str) -> None:
    if kind == "t-SNE in 2-D":
        st.write(text.TSNE)
    else:
        st.write(text.variance(known, MAPS[kind]))
    with st.expander("How the maps are made, and what near means", icon=":material/function:"):
        st.write(text.PCA)
        for formula in text.PCA_FORMULAS:
            st.latex(formula)
        st.write(text.TSNE_HOW)
        for formula in text.TSNE_FORMULAS:
            st.latex(formula)
        st.write(text.NEAR.format(kept=len(known.explained)))
        st.latex(text.NEAR_FORMULA)
