"""The tab Write: a person writes the digits that the page asks for."""

from collections import Counter
from contextlib import suppress

import numpy as np
import streamlit as st
from streamlit.errors import StreamlitAPIException

from mnist_core.dataset import drawings
from mnist_core.dataset.images import DigitError
from mnist_core.dataset.prompts import next_prompt
from mnist_core.network.layers import CLASSES
from mnist_core.storage import handwriting
from mnist_core.storage.handwriting import Sample
from mnist_core.utils.errors import MnistError
from mnist_core.utils.server_settings import server_settings
from mnist_core.utils.text import plural, with_article
from ui.session import cache, state, visitor
from ui.widgets import canvas, controls, gallery, messages, touch

CONSENT = (
    "Write digits with your finger, a stylus or a mouse. Each digit is saved in this workspace "
    "with its label and a **writer number** instead of your name. Everyone here can see it, export "
    "it, and train networks on it. You can delete your digits, but networks keep what they have "
    "learned from them."
)
UNTIL_RELOAD = "If you reload the page, you become a new writer and cannot delete earlier digits."
ROUNDS = (1, 2, 3)
PLACE = "handwriting"
_AGREED, _SKIPPED, _ROUNDS = "handwriting_agreed", "handwriting_skipped", "handwriting_rounds"
_CLICKED = "handwriting_clicked"  # the digit of a click on Save
_DELETE, _OWN = "handwriting_delete", "handwriting_own"


@st.fragment
def show() -> None:
    """Draw the sheet for the next digit, and the digits that this person has written."""
    store = cache.store()
    if refused := state.take_error():
        messages.show_error(refused)
    own = handwriting.samples(store, made_by=visitor.writer())
    if not (own or state.get(_AGREED)):
        st.write(CONSENT)
        if not server_settings().hosted:
            st.caption(UNTIL_RELOAD)
        st.button("I agree", type="primary", on_click=state.put, args=(_AGREED, True))
        return
    if handwriting.is_open(store):
        _ask(own)
    else:
        state.pop(_CLICKED)  # it is not to be saved later
        words = "The collection is closed. Ask your teacher to reopen it."
        st.info(words, icon=":material/lock:")
    if own:
        _show_own(own)


def _ask(own: list[Sample]) -> None:
    """Draw what to write, the sheet, and the buttons that save or skip."""
    rounds: int = state.get(_ROUNDS, ROUNDS[0])
    written = Counter(each.label for each in own)
    skipped: Counter[int] = state.setdefault(_SKIPPED, Counter())
    prompt = next_prompt(visitor.writer(), rounds, written, skipped)
    if prompt is None:
        _thank(own, skipped)
    else:
        left, right = st.columns(2, gap="large")
        with left:
            st.header(f"Write {with_article(prompt[0])}")
            if not canvas.is_mounted(PLACE):
                canvas.sheet().clear()  # what was drawn on another page
            try:
                found, wrong = canvas.draw(PLACE, small=True), None
            except MnistError as error:
                found, wrong = (), error
        with left if touch.on_phone() else right:
            _save(prompt[0], found, wrong, len(own))
            of = rounds * CLASSES
            done = sum(min(count, rounds) for count in written.values())
            st.progress(done / of, f"{done} of {of} digits")
    controls.choice("How many of each digit?", ROUNDS, _ROUNDS)


def _thank(own: list[Sample], skipped: Counter[int]) -> None:
    """Draw the thanks, once nothing is left to write, and a button for skipped digits."""
    if own:
        words = f"Thank you! You have written {plural(len(own), 'digit')}."
        st.success(words, icon=":material/check:")
    if skipped:
        st.button(
            "Write the skipped digits",
            icon=":material/undo:",
            on_click=state.put,
            args=(_SKIPPED, Counter[int]()),
        )


def _save(
    label: int, found: tuple[canvas.Digit, ...], wrong: MnistError | None, written: int
) -> None:
    """Draw the buttons below a drawing, and save it on a click. wrong: why it shows no digit.

    written: how many digits this person has saved before.
    The click waits until here, where the drawing is as new as the click: a run that another stroke
    cuts off would lose it.
    """
    if wrong is None and len(found) > 1:
        wrong = DigitError(
            f"write only one digit on the sheet; received {len(found)}: clear it and try again"
        )
    ready = len(found) == 1
    with st.container(horizontal=True):
        st.button(
            "Save",
            icon=":material/check:",
            type="primary",
            key="handwriting_save",
            disabled=not ready,
            on_click=state.put,
            args=(_CLICKED, label),
        )
        st.button(
            "Skip",
            icon=":material/skip_next:",
            key="handwriting_skip",
            on_click=_skip,
            args=(label,),
        )
    if wrong:
        messages.show_error(wrong)
    elif ready:
        alt = f"Your {label}, as the network sees it"
        st.image(gallery.enlarge(found[0].image), alt, 112, alt=alt)
    if state.pop(_CLICKED) == label and ready:  # a second click finds the sheet blank
        _add(label, found[0].image)
        if (written + 1) % CLASSES:  # else a round is over: a lesson may be passed
            with suppress(StreamlitAPIException):  # the whole page was drawn, and not this tab
                st.rerun(scope="fragment")
        st.rerun()


def _add(label: int, image: np.ndarray) -> None:
    """Save the drawing, and clear the sheet for the next digit."""
    drawn = canvas.sheet().image or b""
    try:
        kept = drawings.shrink(drawn)
        handwriting.add(cache.store(), visitor.writer(), label, image, kept)
    except MnistError as error:
        state.keep_error(error)
    else:
        _next_sheet()


def _skip(label: int) -> None:
    skipped: Counter[int] = state.get(_SKIPPED, Counter())
    skipped[label] += 1
    _next_sheet()


def _next_sheet() -> None:
    sheet = canvas.sheet()
    sheet.clear()
    sheet.undone = []


def _show_own(own: list[Sample]) -> None:
    """Draw the digits of this person, with a way to delete some."""
    words = f"Your {plural(len(own), 'digit')} (writer {own[0].writer})"
    box = st.expander(words, on_change="rerun", key=_OWN)
    if not box.open:
        return
    with box:
        gallery.gallery(
            [each.image for each in own],
            [f"{at}" for at in range(1, len(own) + 1)],
            [f"Your {each.label}" for each in own],
            56,
        )
        names = {each.id: f"{at}. {each.label}" for at, each in enumerate(own, 1)}
        chosen = st.pills(
            "Choose digits to delete",
            list(names),
            selection_mode="multi",
            format_func=lambda at: names.get(at, ""),
            key=_DELETE,
            wrap=True,
        )
        st.button(
            "Delete",
            icon=":material/delete:",
            key="handwriting_delete_now",
            disabled=not chosen,
            on_click=_delete,
            args=(chosen,),
        )


def _delete(ids: list[int]) -> None:
    try:
        handwriting.remove(cache.store(), ids, visitor.writer())
    except MnistError as error:
        state.keep_error(error)
    state.put(_DELETE, [])
