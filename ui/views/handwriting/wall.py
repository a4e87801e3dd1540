"""The tab Wall: the digits of the class as they are written, for the projector."""

from collections import Counter

import streamlit as st

from mnist_core.evaluation.run import Run
from mnist_core.network.layers import CLASSES
from mnist_core.storage import handwriting
from mnist_core.storage.handwriting import Sample
from mnist_core.utils.errors import MnistError
from mnist_core.utils.server_settings import server_settings
from mnist_core.utils.text import percent, plural
from ui.session import address, cache, links, navigation, state, visitor
from ui.widgets import answer, class_digits, controls, messages, qr_code, run_picker
from ui.widgets import wall as widget

EVERY_S = 1
_ORDER, _READER = "handwriting_order", "handwriting_reader"
_NEWEST = "handwriting_newest"  # the newest run that learned from handwriting
LEARNED = (
    "The network was trained on digits by some of these writers, so only the other writers count."
)
OWN = (
    "This is your own workspace. Create a class workspace on **Learn**, and its link appears here "
    "as a QR code for your students."
)


def show() -> None:
    """Draw the wall, which follows the writers, and the way in for them."""
    left, right = st.columns([3, 1], gap="large")
    with left:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            order = controls.choice("Order", ("By digit", "By writer"), _ORDER)
            run = choose_reader()
        _follow(order, run)
    with right:
        _invite()


def choose_reader() -> Run | None:
    """Draw the choice of the network that reads; return its run.

    A new network that learned from handwriting is chosen by itself; before that, none is.
    """
    own, examples = answer.readers()
    runs = {run.id: run for run in [*own, *examples]}
    if state.get(_READER, None) not in (None, *runs):  # a run that was deleted
        state.pop(_READER)
    newest = next((run.id for run in own if run.spec.split.handwriting), None)
    if newest != state.get(_NEWEST):
        state.put(_NEWEST, newest)
        state.put(_READER, newest)
    chosen = st.selectbox(
        "Network",
        list(runs),
        None,
        format_func=lambda run_id: run_picker.run_tag(runs[run_id]),
        key=_READER,
        placeholder="Choose a network",
        persist_state="session",
    )
    return runs[chosen] if chosen is not None else None


@st.fragment(run_every=EVERY_S)
def _follow(order: widget.Order, run: Run | None) -> None:
    """Draw the current wall; a network marks it as soon as a worker is ready."""
    try:
        samples = class_digits.follow(class_digits.chosen_set())
        ready = cache.engine().status().ready
        predicted = _predicted(run if ready else None, samples)
    except MnistError as error:
        messages.show_error(error)
        return
    st.markdown(summary(samples, predicted))
    if run and not ready:
        st.caption("The network reads the digits as soon as a worker is ready.")
    if run and ready and len(predicted) < len(samples):
        st.caption(LEARNED)
    widget.show(samples, order, predicted)


def _predicted(run: Run | None, samples: list[Sample]) -> dict[int, int]:
    """Return what a run reads in each digit, by its id; nothing without a run or digits.

    Digits by writers from whom it has learned are left out.
    """
    if run is None or not samples:
        return {}
    new = class_digits.is_new([run], samples, class_digits.chosen_set())
    read = class_digits.probabilities(run, samples).argmax(axis=1).tolist()
    rows = zip(samples, read, new, strict=True)
    return {each.id: digit for each, digit, is_new in rows if is_new}


def summary(samples: list[Sample], predicted: dict[int, int]) -> str:
    """Return how many digits and writers there are, what is missing, and how many are read."""
    if not samples:
        return "No digits yet. They will appear here as people write them."
    writers = {each.writer for each in samples}
    counts = Counter(each.label for each in samples)
    missing = [str(digit) for digit in range(CLASSES) if not counts[digit]]
    words = f"**{plural(len(samples), 'digit')}** by **{plural(len(writers), 'writer')}**."
    if missing:
        words += f" Still missing: {', '.join(missing)}."
    if predicted:
        judged = [each for each in samples if each.id in predicted]
        right = sum(predicted[each.id] == each.label for each in judged)
        words += (
            f" The network reads **{percent(right / len(judged), 1)}** correctly: "
            f"{len(judged) - right} wrong."
        )
    return words


def _invite() -> None:
    """Draw the link for the writers, large enough for phones in the last row."""
    if server_settings().hosted and not visitor.in_class():
        st.info(OWN, icon=":material/groups:")
        st.page_link(
            navigation.path("learn"),
            label="Create a class workspace",
            icon=":material/group_add:",
            query_params={address.LEARN_TAB: "For teachers"},
        )
        return
    st.markdown(f"**Scan to join {visitor.name()}**" if visitor.in_class() else "**Scan to join**")
    qr_code.show(links.link_to(links.here(), {}))  # its first tab is Write
    if not handwriting.is_open(cache.store()):
        st.info("The collection is closed. Reopen it under **For teachers**.")
