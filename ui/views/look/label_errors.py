"""The tab Label errors: labels that a network contradicts, for the user to judge."""

import numpy as np
import streamlit as st

from mnist_core.dataset import mnist
from mnist_core.evaluation.run import Run
from mnist_core.insight.label_errors import VERDICTS, LabelErrors, verdicts_csv
from mnist_core.utils.text import GUESSING_ACCURACY, percent, plural, probability
from ui.charts import digits
from ui.session import cache, state
from ui.views.look import embedding
from ui.widgets import chart, controls, gallery, job_result

ABOUT = (
    "Where a good network is sure of another digit than the label, one of the two is wrong: "
    "**you are the judge**."
)
GUESSES = (
    "This network reads no more than half of the digits right, so its suspects say nothing about "
    "the labels. Choose a better run."
)
NO_NEIGHBOURS = (
    "Open the Embedding tab once for this run to see the nearest training images of each suspect."
)
KNOWN = (
    "Northcutt, Athalye and Mueller (2021, Pervasive Label Errors in Test Sets) had people check "
    "the labels that trained networks contradicted. About 15 of the 10,000 test labels were wrong, "
    "0.15\u00a0%. So most suspects are the network's own mistakes, and an accuracy above "
    "99.85\u00a0% would mean agreeing with wrong labels."
)

_ROLES = {
    "train": "The network has **trained** on this image with this label, and still contradicts it.",
    "validation": "This is a **validation** image: the network never trained on it.",
    "none": "This run did **not use** this image at all.",
}


def role(name: str, part: str | None) -> str:
    """Return whether the network saw an image in training.

    name: of the set; part: of a training image, a key of `_ROLES`.
    """
    return "The network never learned from this image." if part is None else _ROLES[part]


def count(errors: LabelErrors, fitting: int) -> str:
    """Return how many labels are contradicted, and what that means.

    fitting: how many of them match the filters.
    """
    share = percent(errors.wrong / errors.images)
    many = f"**{plural(errors.wrong, 'label')} of {errors.images:,} contradicted** ({share})"
    if not errors.wrong:
        return f"{many}: this network agrees with all of them."
    kept = "" if len(errors.rows) == errors.wrong else f"; the {len(errors.rows)} surest are kept"
    fits = "" if fitting == len(errors.rows) else f", {fitting} of them match the filters"
    if errors.name == "test":
        return f"{many}{kept}{fits}, the surest first."
    return (
        f"{many}{kept}{fits}, the surest first. A network can memorize wrong labels, and these "
        "stay hidden. A label that it contradicts after training on it is all the more telling."
    )


SIGNS: dict[str, str] = dict(
    zip(VERDICTS, ("✓\u00a0label", "✓\u00a0network", "?\u00a0neither"), strict=True)
)
"""The sign of each verdict, shown below a small image."""
KEPT = "Verdicts are kept for this visit: download them before you refresh."


def kept(row: int, verdict: str | None) -> str:
    """Return what the last button did. verdict: None if it was withdrawn."""
    if verdict is None:
        return f"Taken back: image {row:,} has no verdict."
    return f"Kept for image {row:,}: **{verdict[:1].lower()}{verdict[1:]}**."


def tally(verdicts: list[str]) -> str:
    """Return how often the user agreed with the label and with the network."""
    if not verdicts:
        return "No verdicts yet."
    label, network, neither = (verdicts.count(verdict) for verdict in VERDICTS)
    return (
        f"You sided with the network in **{network} of {len(verdicts)}**, with the label in "
        f"{label}, and with neither in {neither}."
    )


PAGE = 40
SETS = {"Test images": "test", "Training images": "training"}
ICONS = (":material/label:", ":material/network_node:", ":material/question_mark:")
ANY = "any"
DIGITS = [ANY, *range(10)]
_PICK, _LAST = "look_suspects_pick", "look_suspects_last"

Verdicts = dict[tuple[str, int], str]
"""The user's verdicts by name of the set and index of the image."""


@st.fragment
def show(run: Run) -> None:
    """Draw the filters, the verdicts so far, the image to judge, and the list of all images."""
    st.write(ABOUT)
    if run.test_accuracy is not None and run.test_accuracy <= GUESSING_ACCURACY:
        st.warning(GUESSES, icon=":material/casino:")
    found = job_result.result(run, "suspects", "Look for suspect labels (some seconds)")
    if found is None:
        return
    both = {name: LabelErrors.unpack(found, name) for name in SETS.values()}
    name, label, read = _filters()
    errors, verdicts = both[name], _verdicts(run)
    places = errors.places(label, read)
    st.markdown(count(errors, len(places)))
    _tally(run, list(both.values()), verdicts)
    if len(places):
        _decide(run, errors, places, verdicts)
        _browse(errors, places, verdicts)
    elif errors.wrong:
        st.info("No image matches both filters: set one to any.", icon=":material/info:")
    with st.expander("What is known about MNIST's labels", icon=":material/menu_book:"):
        st.write(KNOWN)


def _filters() -> tuple[str, int | None, int | None]:
    """Draw the filters; return the set, the label and the predicted digit, None for any."""
    with st.container(horizontal=True):
        words = controls.choice("Of", SETS, "look_suspects_set")
        label, read = (
            st.selectbox(name, DIGITS, format_func=str, key=key, width=110, persist_state="session")
            for name, key in (("Label", "look_suspects_label"), ("Read as", "look_suspects_read"))
        )
    return SETS[words], None if label == ANY else label, None if read == ANY else read


def _verdicts(run: Run) -> Verdicts:
    key = state.key("look_verdicts", run.id, run.seconds)
    verdicts = state.get(key, {})
    state.put(key, verdicts)
    return verdicts


def _decide(run: Run, errors: LabelErrors, places: np.ndarray, verdicts: Verdicts) -> None:
    """Draw one image to judge: the image, the evidence for both digits, and three buttons."""
    rows = [int(row) for row in errors.rows[places]]
    if state.get(_PICK) not in rows:  # the set, a filter or the run has changed
        left = [row for row in rows if (errors.name, row) not in verdicts]
        state.put(_PICK, (left or rows)[0])
    at = {row: int(place) for row, place in zip(rows, places, strict=True)}
    row = st.selectbox(
        "Image to judge",
        rows,
        key=_PICK,
        format_func=lambda row: _line(errors, at[row], verdicts),
    )
    place = at[row]
    label, read = int(errors.labels[place]), int(errors.predicted[place])
    left, right = st.columns([2, 3], gap="large")
    with left:
        alt = f"Image {row:,} of the {errors.name} set, labeled {label}, read as {read}"
        st.image(gallery.enlarge(_images(errors.name)[row], 10), width=280, alt=alt)
        st.caption(role(errors.name, _trained(run, row) if errors.name == "training" else None))
    with right:
        sure, given = (probability(float(of[place])) for of in (errors.confidence, errors.given))
        st.write(
            f"The label says **{label}**. The network reads **{read}**, {sure} sure, and gives "
            f"the label {given}. What do you see?"
        )
        with st.container(horizontal=True):
            for verdict, icon in zip(VERDICTS, ICONS, strict=True):
                st.button(
                    verdict,
                    icon=icon,
                    key=state.key("look_suspects", verdict),
                    type="primary" if verdicts.get((errors.name, row)) == verdict else "secondary",
                    on_click=_decided,
                    args=(run.id, verdicts, errors.name, row, verdict, rows),
                )
        _evidence(run, errors, place)


def _evidence(run: Run, errors: LabelErrors, place: int) -> None:
    """Draw an image's probabilities, and its nearest training images where they are known."""
    row, read = int(errors.rows[place]), int(errors.predicted[place])
    chart.show(
        digits.probabilities(errors.probabilities[place], read),
        f"Ten probabilities of this image; the largest is for {read}",
        "look_suspects_bars",
    )
    known = cache.embedding_space(run)
    if known is None:
        st.caption(NO_NEIGHBOURS)
    elif errors.name == "test":
        embedding.neighbors(known, known.neighbors(known.test[row], embedding.NEAREST))
    else:
        found = known.neighbors(known.train[row], embedding.NEAREST, without=row)
        embedding.neighbors(known, found)


def _decided(
    run_id: int, verdicts: Verdicts, name: str, row: int, verdict: str, rows: list[int]
) -> None:
    """Store a verdict and select the next image without one; a repeated verdict is withdrawn."""
    if verdicts.get((name, row)) == verdict:
        del verdicts[name, row]
        state.put(state.key(_LAST, run_id), kept(row, None))
        return
    verdicts[name, row] = verdict
    state.put(state.key(_LAST, run_id), kept(row, verdict))
    after = rows.index(row) + 1
    waiting = [other for other in rows[after:] + rows[:after] if (name, other) not in verdicts]
    if waiting:
        state.put(_PICK, waiting[0])


def _tally(run: Run, both: list[LabelErrors], verdicts: Verdicts) -> None:
    """Draw the verdicts so far, and their download."""
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch", gap=None):
            last = state.get(state.key(_LAST, run.id), "")
            st.markdown(f"{last} {tally(list(verdicts.values()))}")
            st.caption(KEPT)
        st.download_button(
            "Download verdicts",
            lambda: verdicts_csv(both, verdicts),
            f"verdicts-run-{run.number}.csv",
            key="look_suspects_download",
            icon=":material/download:",
            disabled=not verdicts,
            on_click="ignore",
        )


def _browse(errors: LabelErrors, places: np.ndarray, verdicts: Verdicts) -> None:
    """Draw all images that match the filters, in pages of 40, the most confident first."""
    shown = places[gallery.page(len(places), PAGE, "look_suspects_page")]
    rows, captions = errors.rows[shown], []
    for place, row in zip(shown, rows, strict=True):
        sure = probability(float(errors.confidence[place]))
        verdict = verdicts.get((errors.name, int(row)))
        decided = f" {SIGNS[verdict]}" if verdict else ""
        pair = f"{errors.labels[place]} → {errors.predicted[place]}"
        captions.append(f"{pair}, {sure} #{row}{decided}")
    alts = [_line(errors, int(place), verdicts) for place in shown]
    gallery.gallery(_images(errors.name)[rows], captions, alts)


def _line(errors: LabelErrors, place: int, verdicts: Verdicts) -> str:
    """Return the text of an image in a list."""
    row, sure = int(errors.rows[place]), probability(float(errors.confidence[place]))
    words = f"#{row}: label {errors.labels[place]}, read as {errors.predicted[place]}, {sure} sure"
    verdict = verdicts.get((errors.name, row))
    return f"{words} · {verdict}" if verdict else words


def _images(name: str) -> np.ndarray:
    data = mnist.load()
    return data.x_test if name == "test" else data.x_train


def _trained(run: Run, row: int) -> str:
    """Return how the run used a training image: "train", "validation" or "none"."""
    train, validation, _ = cache.parts(run.spec.split)
    if row in train.rows:
        return "train"
    held = validation.stored_in == "training" and row in validation.rows
    return "validation" if held else "none"
