"""The tab Write: a person writes the digits that the page asks for."""

from collections import Counter

import numpy as np
import streamlit as st

from mnist_core.dataset import drawings
from mnist_core.dataset.images import DigitError
from mnist_core.dataset.prompts import next_prompt
from mnist_core.storage import handwriting
from mnist_core.storage.handwriting import Sample
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import plural, with_article
from ui.session import cache, state, visitor
from ui.widgets import canvas, controls, gallery, messages, touch

CONSENT = (
    "You write digits with a finger, a pen or a mouse. Each one is kept in this workspace with its "
    "label and a **number for you**, without your name. Everybody in the workspace can see and "
    "download it. You can take back your own digits at any time."
)
ROUNDS = (1, 2, 3)
_AGREED, _SKIPPED, _ROUNDS = "handwriting_agreed", "handwriting_skipped", "handwriting_rounds"
_BACK = "handwriting_back"


@st.fragment
def show() -> None:
    """Draw the sheet for the next digit, and the digits that this person has written."""
    store = cache.store()
    if refused := state.take_error():
        messages.show_error(refused)
    if not state.get(_AGREED):
        st.write(CONSENT)
        st.button("I agree, let me write", type="primary", on_click=state.put, args=(_AGREED, True))
        return
    own = [each for each in handwriting.samples(store) if each.made_by == visitor.writer()]
    if not handwriting.is_open(store):
        st.info("This class takes no more digits.", icon=":material/lock:")
    else:
        _ask(own)
    if own:
        _show_own(own)


def _ask(own: list[Sample]) -> None:
    """Draw what to write, the sheet, and the buttons that save or skip."""
    rounds: int = state.get(_ROUNDS, ROUNDS[0])
    written = Counter(each.label for each in own)
    skipped: Counter[int] = state.setdefault(_SKIPPED, Counter())
    prompt = next_prompt(visitor.writer(), rounds, written, skipped)
    if prompt is None:
        st.success(
            f"Thank you! You have written {plural(len(own), 'digit')}.", icon=":material/check:"
        )
    else:
        left, right = st.columns(2, gap="large")
        with left:
            st.header(f"Write {with_article(prompt[0])}")
            try:
                found = canvas.draw("handwriting", small=True)
                wrong = None
            except MnistError as error:
                found, wrong = (), error
        with left if touch.on_phone() else right:
            _save(prompt[0], found, wrong)
            of = rounds * 10
            done = min(of, sum(min(count, rounds) for count in written.values()))
            st.progress(done / of, f"{done} of {of} digits")
    controls.choice("How many of each digit?", ROUNDS, _ROUNDS)


def _save(label: int, found: tuple[canvas.Digit, ...], wrong: MnistError | None) -> None:
    """Draw the buttons below a drawing. wrong: why it shows no digit."""
    if wrong is None and len(found) > 1:
        wrong = DigitError(f"the sheet must have one digit; received {len(found)}: clear it")
    if wrong:
        messages.show_error(wrong)
    if found and not wrong:
        alt = f"Your {label}, as the network gets it"
        st.image(gallery.enlarge(found[0].image), alt, 112, alt=alt)
    with st.container(horizontal=True):
        st.button(
            "Save",
            icon=":material/check:",
            type="primary",
            key="handwriting_save",
            disabled=not found or wrong is not None,
            on_click=_add,
            args=(label, found[0].image if found else None),
        )
        st.button(
            "Skip",
            icon=":material/skip_next:",
            key="handwriting_skip",
            on_click=_skip,
            args=(label,),
        )


def _add(label: int, image: np.ndarray) -> None:
    """Keep the drawing in a callback, and clear the sheet for the next digit."""
    sheet = canvas.sheet()
    try:
        drawing = drawings.shrink(sheet.image or b"")
        handwriting.add(cache.store(), visitor.writer(), label, image, drawing)
    except MnistError as error:
        state.keep_error(error)
        return
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
    """Draw the digits of this person, with a way to take some back."""
    with st.expander(f"Your digits ({len(own)}); you are writer {own[0].writer}"):
        gallery.gallery(
            [each.image for each in own],
            [f"{at}" for at in range(1, len(own) + 1)],
            [f"Your {each.label}" for each in own],
            56,
        )
        names = {each.id: f"{at}. {each.label}" for at, each in enumerate(own, 1)}
        chosen = st.pills(
            "Which do you take back?",
            list(names),
            selection_mode="multi",
            format_func=lambda at: names.get(at, ""),
            key=_BACK,
            wrap=True,
        )
        st.button(
            "Take back",
            icon=":material/undo:",
            key="handwriting_take_back",
            disabled=not chosen,
            on_click=_take_back,
            args=(chosen,),
        )


def _take_back(ids: list[int]) -> None:
    handwriting.remove(cache.store(), ids, visitor.writer())
    state.put(_BACK, [])
