"""Labels that a network contradicts: the reader looks, and decides."""

import numpy as np
import streamlit as st

from mnist_core.dataset import mnist
from mnist_core.insight.label_errors import VERDICTS, LabelErrors, verdicts_csv
from mnist_core.storage.runs import Run
from mnist_core.utils.text import GUESSING, percent, plural, short
from ui.charts import style
from ui.session import cache, state
from ui.views.look import embedding
from ui.widgets import gallery, job_result

ABOUT = (
    "People wrote down MNIST's labels, and people slip. Where a good network is sure of another "
    "digit, either the network is wrong, or the label is: **you are the judge**."
)
GUESSES = (
    "This network reads no more than half of the digits right, so that it contradicts a label "
    "says nothing about the label. Take a better run."
)
NO_NEIGHBOURS = (
    "Open the tab Embedding once for this run, and the nearest training images of each suspect "
    "appear here with their labels."
)
KNOWN = (
    "Few labels of MNIST are wrong. Northcutt, Athalye and Mueller (2021, Pervasive Label Errors "
    "in Test Sets) let trained networks point at suspects, as you do here, and had people look: "
    "they found about 15 wrong ones in the 10,000 test labels, 0.15 %. So most of what you see "
    "are the network's own mistakes on odd handwriting, and a score above 99.85 % would "
    "mean agreeing with wrong labels."
)

_ROLES = {
    "train": "The network has **trained** on this image with this label, and contradicts it even "
    "so.",
    "validation": "This is a **validation** image: the network never trained on it, though the run "
    "was watched with it.",
    "none": "This run did **not use** this image at all.",
}


def role(name: str, part: str | None) -> str:
    """What the network knew of an image. part: of a training image, see `_ROLES`."""
    return "The network has never learned from this image." if part is None else _ROLES[part]


def count(doubts: LabelErrors, fitting: int) -> str:
    """How many there are, and what they tell."""
    share = percent(doubts.wrong / doubts.images)
    many = f"**{plural(doubts.wrong, 'label')} of {doubts.images:,} contradicted** ({share})"
    if not doubts.wrong:
        return f"{many}: this network agrees with all of them."
    kept = "" if len(doubts.rows) == doubts.wrong else f"; the {len(doubts.rows)} surest are kept"
    fits = "" if fitting == len(doubts.rows) else f", {fitting} of them fit your choice"
    if doubts.name == "test":
        return f"{many}{kept}{fits}, the surest first."
    return (
        f"{many}{kept}{fits}, the surest first. A network can learn a wrong label by heart, and "
        "then it no longer contradicts it; so those that it contradicts after training on them "
        "are all the more telling, and others stay hidden."
    )


SIGNS: dict[str, str] = dict(
    zip(VERDICTS, ("✓\u00a0label", "✓\u00a0network", "?\u00a0neither"), strict=True)
)
"""Verdicts below a small image."""
KEPT = "Verdicts are kept for this visit: download them before you refresh."


def kept(row: int, verdict: str | None) -> str:
    """What the last button did. verdict: None where it was taken back."""
    if verdict is None:
        return f"Taken back: image {row:,} has no verdict again."
    return f"Kept for image {row:,}: **{verdict[:1].lower()}{verdict[1:]}**."


def tally(verdicts: list[str]) -> str:
    """With whom the reader sided."""
    if not verdicts:
        return "You have not decided on any image yet."
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
"""What the reader decided, by set and row number."""


@st.fragment
def show(run: Run) -> None:
    """Filters, what was decided, the image to decide on, and all that wait below it."""
    st.write(ABOUT)
    if run.test_accuracy is not None and run.test_accuracy <= GUESSING:
        st.warning(GUESSES, icon=":material/casino:")
    found = job_result.result(run, "suspects", "Look for suspect labels, in some seconds")
    if found is None:
        return
    both = {name: LabelErrors.unpack(found, name) for name in SETS.values()}
    name, label, read = _filters()
    doubts, verdicts = both[name], _verdicts(run)
    places = doubts.places(label, read)
    st.markdown(count(doubts, len(places)))
    _tally(run, list(both.values()), verdicts)
    if len(places):
        _decide(run, doubts, places, verdicts)
        _browse(doubts, places, verdicts)
    elif doubts.wrong:
        st.info("None fits both boxes: set one to any.", icon=":material/info:")
    with st.expander("What is known of MNIST's labels", icon=":material/menu_book:"):
        st.write(KNOWN)


def _filters() -> tuple[str, int | None, int | None]:
    """Which set, which label and which reading; None for any."""
    with st.container(horizontal=True):
        words = st.segmented_control(
            "Of",
            list(SETS),
            default="Test images",
            required=True,
            key="look_suspects_set",
            persist_state="session",
        )
        label, read = (
            st.selectbox(
                name,
                DIGITS,
                format_func=str,
                key=key,
                width=110,
                persist_state="session",
            )
            for name, key in (("Label", "look_suspects_label"), ("Read as", "look_suspects_read"))
        )
    return SETS[words], None if label == ANY else label, None if read == ANY else read


def _verdicts(run: Run) -> Verdicts:
    key = state.key("look_verdicts", run.id, run.seconds)
    verdicts = state.get(key, {})
    state.put(key, verdicts)
    return verdicts


def _decide(run: Run, doubts: LabelErrors, places: np.ndarray, verdicts: Verdicts) -> None:
    """One image at a time: itself, what speaks for either digit, and three buttons."""
    rows = [int(row) for row in doubts.rows[places]]
    if state.get(_PICK) not in rows:  # another set, filter or run
        left = [row for row in rows if (doubts.name, row) not in verdicts]
        state.put(_PICK, (left or rows)[0])
    at = {row: int(place) for row, place in zip(rows, places, strict=True)}
    row = st.selectbox(
        "The image to decide on",
        rows,
        key=_PICK,
        format_func=lambda row: _line(doubts, at[row], verdicts),
    )
    place = at[row]
    label, read = int(doubts.labels[place]), int(doubts.predicted[place])
    left, right = st.columns([2, 3], gap="large")
    with left:
        alt = f"Image {row:,} of the {doubts.name} set, labelled {label}, read as {read}"
        st.image(gallery.enlarge(_images(doubts.name)[row], 10), width=280, alt=alt)
        st.caption(role(doubts.name, _trained(run, row) if doubts.name == "training" else None))
    with right:
        sure, given = (percent(float(of[place])) for of in (doubts.confidence, doubts.given))
        st.write(
            f"The label says **{label}**. The network reads **{read}**, {sure} sure, and leaves "
            f"{given} to the label. What do you see?"
        )
        with st.container(horizontal=True):
            for verdict, icon in zip(VERDICTS, ICONS, strict=True):
                st.button(
                    verdict,
                    icon=icon,
                    key=state.key("look_suspects", verdict),
                    type="primary" if verdicts.get((doubts.name, row)) == verdict else "secondary",
                    on_click=_decided,
                    args=(run.id, verdicts, doubts.name, row, verdict, rows),
                )
        _evidence(run, doubts, place)


def _evidence(run: Run, doubts: LabelErrors, place: int) -> None:
    """The ten bars of an image, and its nearest training images, where they are known."""
    row, read = int(doubts.rows[place]), int(doubts.predicted[place])
    st.plotly_chart(
        style.probabilities(doubts.probabilities[place], read),
        key="look_suspects_bars",
        alt=f"Ten probabilities of this image; the largest is that of {read}",
        config=style.CONFIG,
    )
    known = cache.embedding_space(run)
    if known is None:
        st.caption(NO_NEIGHBOURS)
    elif doubts.name == "test":
        embedding.neighbours(known.neighbours(known.test[row], embedding.NEAREST))
    else:
        found = known.neighbours(known.train[row], embedding.NEAREST, without=row)
        embedding.neighbours(found)


def _decided(
    run_id: int, verdicts: Verdicts, name: str, row: int, verdict: str, rows: list[int]
) -> None:
    """Keep a verdict and go on to the next image that has none; the same again takes it back."""
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
    """What the reader decided so far, and the way to take it along."""
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch", gap=None):
            last = state.get(state.key(_LAST, run.id), "")
            st.markdown(f"{last} {tally(list(verdicts.values()))}")
            st.caption(KEPT)
        st.download_button(
            "Your verdicts",
            lambda: verdicts_csv(both, verdicts),
            f"verdicts-run-{run.id}.csv",
            key="look_suspects_download",
            icon=":material/download:",
            disabled=not verdicts,
            on_click="ignore",
        )


def _browse(doubts: LabelErrors, places: np.ndarray, verdicts: Verdicts) -> None:
    """All that fit, in pages of 40, the most confident first."""
    pages, key = -(-len(places) // PAGE), "look_suspects_page"
    if state.get(key, 1) > pages:  # a filter left fewer pages than the one shown
        state.put(key, pages)
    page = st.pagination(pages, key=key, persist_state="session") if pages > 1 else 1
    shown = places[(page - 1) * PAGE : page * PAGE]
    rows, captions = doubts.rows[shown], []
    for place, row in zip(shown, rows, strict=True):
        sure = short(float(doubts.confidence[place]))
        verdict = verdicts.get((doubts.name, int(row)))
        decided = f" {SIGNS[verdict]}" if verdict else ""
        pair = f"{doubts.labels[place]} → {doubts.predicted[place]}"
        captions.append(f"{pair}, {sure} #{row}{decided}")
    alts = [_line(doubts, int(place), verdicts) for place in shown]
    gallery.gallery(_images(doubts.name)[rows], captions, alts)


def _line(doubts: LabelErrors, place: int, verdicts: Verdicts) -> str:
    """An image of a list in words."""
    row, sure = int(doubts.rows[place]), percent(float(doubts.confidence[place]))
    words = f"#{row}: label {doubts.labels[place]}, read as {doubts.predicted[place]}, {sure} sure"
    verdict = verdicts.get((doubts.name, row))
    return f"{words} · {verdict}" if verdict else words


def _images(name: str) -> np.ndarray:
    data = mnist.load()
    return data.x_test if name == "test" else data.x_train


def _trained(run: Run, row: int) -> str:
    """What part a training image had: train, validation or none."""
    train, validation, _ = cache.parts(run.spec.split)
    if row in train.rows:
        return "train"
    held = validation.stored_in == "training" and row in validation.rows
    return "validation" if held else "none"
