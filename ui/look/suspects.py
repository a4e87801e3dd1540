"""Labels that a network contradicts: the reader looks, and decides."""

import numpy as np
import streamlit as st

from mnist_core import dataset
from mnist_core.insight.doubts import VERDICTS, Doubts, verdicts_csv
from mnist_core.store import Run
from mnist_core.words import GUESSING, percent, short
from ui import dataset_cache, gallery, insight, state
from ui.charts import style
from ui.look import embedding
from ui.look import suspects_text as text

PAGE = 40
SETS = {"Test images": "test", "Training images": "training"}
ICONS = (":material/label:", ":material/network_node:", ":material/question_mark:")
ANY = "any"
DIGITS = [ANY, *range(10)]
_PICK, _LAST = "look_suspects_pick", "look_suspects_last_"

Verdicts = dict[tuple[str, int], str]
"""What the reader decided, by set and row number."""


@st.fragment
def show(run: Run) -> None:
    """Filters, what was decided, the image to decide on, and all that wait below it."""
    st.write(text.ABOUT)
    if run.test_accuracy is not None and run.test_accuracy <= GUESSING:
        st.warning(text.GUESSES, icon=":material/casino:")
    found = insight.result(run, "suspects", "Look for suspect labels, in some seconds")
    if found is None:
        return
    both = {name: Doubts.unpack(found, name) for name in SETS.values()}
    name, label, read = _filters()
    doubts, verdicts = both[name], _verdicts(run)
    places = doubts.places(label, read)
    st.markdown(text.count(doubts, len(places)))
    _tally(run, list(both.values()), verdicts)
    if len(places):
        _decide(run, doubts, places, verdicts)
        _browse(doubts, places, verdicts)
    elif doubts.wrong:
        st.info("None fits both boxes: set one to any.", icon=":material/info:")
    with st.expander("What is known of MNIST's labels", icon=":material/menu_book:"):
        st.write(text.KNOWN)


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
    key = f"look_verdicts_{run.id}_{run.seconds}"
    verdicts = state.value(key, {})
    state.keep(key, verdicts)
    return verdicts


def _decide(run: Run, doubts: Doubts, places: np.ndarray, verdicts: Verdicts) -> None:
    """One image at a time: itself, what speaks for either digit, and three buttons."""
    rows = [int(row) for row in doubts.rows[places]]
    if st.session_state.get(_PICK) not in rows:  # another set, filter or run
        left = [row for row in rows if (doubts.name, row) not in verdicts]
        st.session_state[_PICK] = (left or rows)[0]
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
        st.caption(
            text.role(doubts.name, _trained(run, row) if doubts.name == "training" else None)
        )
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
                    key=f"look_suspects_{verdict}",
                    type="primary" if verdicts.get((doubts.name, row)) == verdict else "secondary",
                    on_click=_decided,
                    args=(run.id, verdicts, doubts.name, row, verdict, rows),
                )
        _evidence(run, doubts, place)


def _evidence(run: Run, doubts: Doubts, place: int) -> None:
    """The ten bars of an image, and its nearest training images, where they are known."""
    row, read = int(doubts.rows[place]), int(doubts.predicted[place])
    st.plotly_chart(
        style.probabilities(doubts.probabilities[place], read),
        key="look_suspects_bars",
        alt=f"Ten probabilities of this image; the largest is that of {read}",
        config=style.CONFIG,
    )
    known = embedding.space(run)
    if known is None:
        st.caption(text.NO_NEIGHBOURS)
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
        state.keep(f"{_LAST}{run_id}", text.kept(row, None))
        return
    verdicts[name, row] = verdict
    state.keep(f"{_LAST}{run_id}", text.kept(row, verdict))
    after = rows.index(row) + 1
    waiting = [other for other in rows[after:] + rows[:after] if (name, other) not in verdicts]
    if waiting:
        st.session_state[_PICK] = waiting[0]


def _tally(run: Run, both: list[Doubts], verdicts: Verdicts) -> None:
    """What the reader decided so far, and the way to take it along."""
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch", gap=None):
            last = state.value(f"{_LAST}{run.id}", "")
            st.markdown(f"{last} {text.tally(list(verdicts.values()))}")
            st.caption(text.KEPT)
        st.download_button(
            "Your verdicts",
            lambda: verdicts_csv(both, verdicts),
            f"verdicts-run-{run.id}.csv",
            key="look_suspects_download",
            icon=":material/download:",
            disabled=not verdicts,
            on_click="ignore",
        )


def _browse(doubts: Doubts, places: np.ndarray, verdicts: Verdicts) -> None:
    """All that fit, in pages of 40, the most confident first."""
    pages, key = -(-len(places) // PAGE), "look_suspects_page"
    if st.session_state.get(key, 1) > pages:  # a filter left fewer pages than the one shown
        st.session_state[key] = pages
    page = st.pagination(pages, key=key, persist_state="session") if pages > 1 else 1
    shown = places[(page - 1) * PAGE : page * PAGE]
    rows, captions = doubts.rows[shown], []
    for place, row in zip(shown, rows, strict=True):
        sure = short(float(doubts.confidence[place]))
        verdict = verdicts.get((doubts.name, int(row)))
        decided = f" {text.SIGNS[verdict]}" if verdict else ""
        pair = f"{doubts.labels[place]} → {doubts.predicted[place]}"
        captions.append(f"{pair}, {sure} #{row}{decided}")
    alts = [_line(doubts, int(place), verdicts) for place in shown]
    gallery.gallery(_images(doubts.name)[rows], captions, alts)


def _line(doubts: Doubts, place: int, verdicts: Verdicts) -> str:
    """An image of a list in words."""
    row, sure = int(doubts.rows[place]), percent(float(doubts.confidence[place]))
    words = f"#{row}: label {doubts.labels[place]}, read as {doubts.predicted[place]}, {sure} sure"
    verdict = verdicts.get((doubts.name, row))
    return f"{words} · {verdict}" if verdict else words


def _images(name: str) -> np.ndarray:
    data = dataset.load()
    return data.x_test if name == "test" else data.x_train


def _trained(run: Run, row: int) -> str:
    """What part a training image had: train, validation or none."""
    train, validation, _ = dataset_cache.parts(run.spec.split)
    if row in train.rows:
        return "train"
    held = validation.stored_in == "training" and row in validation.rows
    return "validation" if held else "none"
