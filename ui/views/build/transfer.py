"""Transfer learning on the page Build: the run to start from, frozen layers, chosen digits."""

import streamlit as st

from mnist_core.evaluation.run import Run
from mnist_core.network.layers import CLASSES
from mnist_core.network.presets import PRESETS
from mnist_core.network.spec import Network, Spec, Transfer
from mnist_core.network.transfer import check_transfer, shared_layers, weight_shapes
from mnist_core.network.value import SpecError
from mnist_core.storage import handwriting
from mnist_core.storage.database import StoreError
from mnist_core.storage.handwriting import CollectionError
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import plain_markdown, plural
from ui.session import cache, drafts, navigation, state, teacher_link
from ui.widgets import messages, planning, run_picker

TITLE = "Transfer learning: trained weights, chosen digits, your handwriting"
RANDOM = "Random weights (default)"
ABOUT = (
    "A trained network already has filters for strokes and curves. Start from its weights, freeze "
    "the layers to keep, and train the rest on other digits or on a few images. A layer whose size "
    "you change starts from random weights."
)
FROZEN = (
    "Training does not change these layers; a frozen batch normalization layer uses its stored "
    "mean and variance. Freeze layers when you have few images."
)
HANDWRITING = (
    "Train on this set together with MNIST's images, or on this set alone. Every fifth writer (2, "
    "7, 12, ...) is kept for testing."
)
TOO_FEW = (
    "this preset learns from your class's handwriting, and needs at least two writers: collect "
    "digits on the page Our handwriting, or learn from MNIST alone"
)
DIGITS = "Other digits are left out of training and validation."


def edit(draft: drafts.Draft) -> None:
    """Draw the panel, collapsed unless the draft has such settings, and update the draft."""
    if teacher_link.is_hidden("build.transfer"):
        return
    begun = any((draft.transfer, draft.split.digits, draft.split.handwriting))
    box = st.expander(TITLE, begun, key=_key(draft, "transfer"), on_change="rerun")
    if not box.open:
        return
    with box:
        st.caption(ABOUT)
        source = _edit_source(draft)
        _edit_frozen(draft, source)
        st.pills(
            "Digits to learn",
            range(CLASSES),
            selection_mode="multi",
            default=draft.split.learned,
            key=_key(draft, "digits"),
            help=DIGITS,
        )
        _edit_handwriting(draft)


def learned(draft: drafts.Draft) -> dict[str, object]:
    """Return the fields of a split that the panel sets: the digits and the handwriting."""
    digits = state.get(_key(draft, "digits"), draft.split.learned)
    return {
        "digits": tuple(digit for digit in digits if digit in range(CLASSES)),
        "handwriting": draft.split.handwriting,
    }


def check(draft: drafts.Draft, spec: Spec) -> None:
    """Raise SpecError unless a spec's handwriting and starting weights exist and fit."""
    store = cache.store()
    if draft.wants_handwriting and not spec.split.handwriting:
        raise SpecError(TOO_FEW)
    try:
        handwriting.check_learned(store, spec.split)
    except CollectionError as error:
        raise SpecError(str(error)) from None
    if draft.transfer:
        draft.wanted = ""  # another run was chosen
    if draft.wanted:
        raise SpecError(
            f"this preset starts from a trained {draft.wanted}, and you have none yet: train "
            f"{draft.wanted} first, or start from random weights"
        )
    if spec.transfer is None:
        return
    if source := store.source(spec):
        check_transfer(spec, weight_shapes(source.spec.network))
        return
    try:
        store.start_shapes(spec)
    except StoreError as error:
        raise SpecError(str(error)) from None


def offer_ways_out(draft: drafts.Draft) -> None:
    """Draw buttons that fix missing or unsuitable starting weights and handwriting."""
    if draft.split.handwriting or draft.wants_handwriting:
        with st.container(horizontal=True):
            st.button("Learn from MNIST alone", on_click=draft.learn_mnist_alone, type="primary")
            st.page_link(navigation.path("handwriting"), icon=":material/draw:")
    if not (draft.transfer or draft.wanted):
        return
    with st.container(horizontal=True):
        if draft.wanted and st.button(f"Train {draft.wanted} first", type="primary"):
            try:
                planning.start(PRESETS[draft.wanted].spec)
            except MnistError as error:
                messages.show_error(error)
            else:
                st.switch_page(navigation.path("train"))
        st.button("Start from random weights", on_click=draft.start_at_random)


def words(spec: Spec) -> str:
    """Return in Markdown which weights a spec starts from and which handwriting it learns from.

    The weights must exist: see `check`.
    """
    own = spec.split.handwriting
    icon = ":material/lock:" if spec.frozen else ":material/account_tree:"
    told = [f"{icon} {start}" for start in [_start(spec)] if start]
    if own:
        mnist = f"{spec.split.mnist_images:,} MNIST images" if own.mnist else "no MNIST images"
        digits, writers = plural(own.images, "digit"), plural(len(own.writers), "writer")
        told.append(f":material/draw: Training images: {digits} by {writers}, and {mnist}.")
    return "  \n".join(told)


def _start(spec: Spec) -> str:
    """Return which layers start from which weights; empty if all start at random."""
    if spec.transfer is None:
        return ""
    source = cache.store().source(spec)
    shapes = weight_shapes(source.spec.network) if source else cache.store().start_shapes(spec)
    shared, others = shared_layers(spec.network, shapes)
    name = plain_markdown(run_picker.run_name(source)) if source else "a run that was deleted"
    anew = f" Random weights: {', '.join(others)}." if others else ""
    frozen = f" Frozen: {', '.join(spec.frozen)}." if spec.frozen else ""
    return f"Weights from {name}: {', '.join(shared)}.{anew}{frozen}"


def _edit_source(draft: drafts.Draft) -> Run | None:
    """Draw the choice of the run to start from and set it in the draft; return the run."""
    store = cache.store()
    runs: dict[str, Run] = {}
    for run in (*store.runs(), *store.examples()):
        if run.weights_hash and run.sees_test:
            runs.setdefault(run.weights_hash, run)
    now = draft.transfer.source if draft.transfer else None
    options = [None, *runs, *([now] if now and now not in runs else [])]

    def name(source: str | None) -> str:
        if source is None:
            return RANDOM
        return run_picker.run_label(runs[source]) if source in runs else f"Weights {source}"

    chosen = st.selectbox(
        "Start from",
        options,
        options.index(now),
        format_func=name,
        key=_key(draft, "source"),
    )
    if chosen not in options:  # a browser may send anything
        chosen = now
    if chosen != now:
        draft.transfer = Transfer(source=chosen, frozen=draft.frozen) if chosen else None
    return runs.get(chosen) if chosen else None


def _edit_handwriting(draft: drafts.Draft) -> None:
    """Draw the choice of the handwriting to train on and set it in the draft.

    The chosen digits stay fixed while others write, until the button adds the newest ones.
    """
    store, own = cache.store(), draft.split.handwriting
    written = [handwriting.OWN] if handwriting.ids(store) else []
    sets = (*written, *handwriting.imported(store))
    options = [(collection, mnist) for collection in sets for mnist in (True, False)]
    now = (own.collection, own.mnist) if own else None
    if now and now not in options:
        options.append(now)
    if not options:
        return

    def name(option: tuple[str, bool] | tuple[()]) -> str:
        if not option:
            return "None (default)"
        return f"{option[0] or 'Our class'}, {'with' if option[1] else 'without'} MNIST"

    key = _key(draft, "handwriting")
    st.selectbox(
        "Handwriting",
        [(), *options],
        options.index(now) + 1 if now else 0,
        format_func=name,
        key=key,
        on_change=_take_handwriting,
        args=(draft, key),
        help=HANDWRITING,
    )
    if own and handwriting.is_newer(store, own):
        st.button(
            "Add the newest digits",
            icon=":material/update:",
            on_click=_take_handwriting,
            args=(draft, key),
        )


def _take_handwriting(draft: drafts.Draft, key: str) -> None:
    """Set a draft's handwriting to the chosen set's present digits; refuse too few writers."""
    own, chosen = None, state.get(key)
    try:
        if isinstance(chosen, tuple) and chosen:
            own = handwriting.choose_to_learn(cache.store(), *chosen)
            draft.wants_handwriting = False
    except CollectionError as error:
        state.put(key, ())
        state.keep_error(error)
    draft.split = draft.split.model_copy(update={"handwriting": own})


def _edit_frozen(draft: drafts.Draft, source: Run | None) -> None:
    """Draw the choice of the layers to freeze and set it in the draft."""
    if draft.transfer is None or source is None:
        return
    try:
        network = Network(layers=tuple(layer for _, layer in draft.layers))
    except SpecError:
        return
    shared, _ = shared_layers(network, weight_shapes(source.spec.network))
    frozen = st.multiselect(
        "Frozen layers",
        shared,
        [name for name in shared if name in draft.frozen],
        key=_key(draft, f"frozen {source.id} {' '.join(shared)}"),
        help=FROZEN,
        placeholder="None: every layer is trained",
    )
    draft.transfer = Transfer(source=draft.transfer.source, frozen=tuple(frozen))


def _key(draft: drafts.Draft, name: str) -> str:
    return state.key(f"transfer{draft.edition}", name)
