"""Transfer learning on the page Build: the run to start from, frozen layers, chosen digits."""

import streamlit as st

from mnist_core.evaluation.run import Run
from mnist_core.network.layers import CLASSES
from mnist_core.network.presets import PRESETS
from mnist_core.network.spec import Handwriting, Network, Spec, Transfer
from mnist_core.network.transfer import check_transfer, shared_layers, weight_shapes
from mnist_core.network.value import SpecError
from mnist_core.storage import handwriting
from mnist_core.storage.database import StoreError
from mnist_core.storage.handwriting import CollectionError
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import plain_markdown, plural
from ui.session import cache, drafts, navigation, state, teacher_link
from ui.widgets import messages, planning, run_picker

RANDOM = "Random weights (default)"
ABOUT = (
    "A network trained on some digits already has filters for strokes and curves that other digits "
    "need, too. Start from its weights, freeze the layers you want to keep, and train the rest on "
    "other digits or on just a few images. A layer whose size you change starts from random "
    "weights."
)
FROZEN = (
    "Training does not change these layers. A frozen batch normalization uses its stored mean and "
    "variance. With few images, freezing can work better than training everything."
)
HANDWRITING = (
    "Adds digits of this set to the training images, or replaces them. About a fifth of its digits "
    "are kept for testing, and no writer is in both parts."
)
TOO_FEW = (
    "this preset learns from your class's handwriting, which needs two writers or more: write "
    "digits on the page Our handwriting, or learn from MNIST alone"
)
DIGITS = "Other digits are left out of training and validation."


def edit(draft: drafts.Draft) -> None:
    """Draw the panel, which is closed unless a draft brings such settings; change the draft."""
    if teacher_link.is_hidden("build.transfer"):
        return
    begun = any((draft.transfer, draft.split.digits, draft.split.handwriting))
    words, key = "Transfer learning: start from a trained network", _key(draft, "transfer")
    box = st.expander(words, begun, key=key, on_change="rerun")
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
    """Return digits and handwriting as chosen in the panel, or the draft's while it is closed."""
    digits = state.get(_key(draft, "digits"), draft.split.learned)
    return {
        "digits": tuple(digit for digit in digits if digit in range(CLASSES)),
        "handwriting": state.get(_key(draft, "handwriting"), draft.split.handwriting),
    }


def check(draft: drafts.Draft, spec: Spec) -> None:
    """Raise SpecError unless a spec's handwriting and starting weights are here, and these fit."""
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
            f"this preset starts from a trained {draft.wanted}, and you have none yet: train it "
            "first, or start from random weights"
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
    """Draw the buttons for a draft whose starting weights or handwriting are not here, or wrong."""
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
    """Return what a spec starts and learns from besides MNIST, in Markdown, a sentence each.

    The weights are here.
    """
    own = spec.split.handwriting
    told = [f":material/lock: {start}" for start in [_start(spec)] if start]
    if own:
        mnist = f"{spec.split.mnist_images:,} of MNIST" if own.mnist else "none of MNIST"
        ours = plain_markdown(_set(own))
        told.append(f":material/draw: Training images: {own.images:,} of {ours}, {mnist}.")
    return "  \n".join(told)


def _set(own: Handwriting) -> str:
    """Return the name of a set of handwriting, and how many people wrote it."""
    return f"{own.collection or 'our handwriting'} by {plural(len(own.writers), 'writer')}"


def _start(spec: Spec) -> str:
    """Return which layers start from which weights; empty for random ones."""
    if spec.transfer is None:
        return ""
    source = cache.store().source(spec)
    shapes = weight_shapes(source.spec.network) if source else cache.store().start_shapes(spec)
    shared, others = shared_layers(spec.network, shapes)
    name = plain_markdown(run_picker.run_name(source)) if source else "a run that was deleted"
    anew = f" Starting at random: {', '.join(others)}." if others else ""
    frozen = f" Frozen: {', '.join(spec.frozen)}." if spec.frozen else ""
    return f"Weights of {name} for {', '.join(shared)}.{anew}{frozen}"


def _edit_source(draft: drafts.Draft) -> Run | None:
    """Draw the choice of the run to start from, and give the draft its weights; return the run."""
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
    """Draw the choice of the handwriting to learn from, where two people or more have written."""
    store, now = cache.store(), draft.split.handwriting
    found: list[Handwriting] = []
    for collection in (handwriting.OWN, *handwriting.imported(store)):
        try:
            both = handwriting.choose_to_learn(store, collection)
        except CollectionError:
            continue
        found += [both, both.model_copy(update={"mnist": False})]
    if now and now not in found:
        found.append(now)
    if not found:
        return

    def name(own: Handwriting | None) -> str:
        if own is None:
            return "None (default)"
        mnist = "and MNIST" if own.mnist else "without MNIST"
        which = _set(own)
        return f"{which[0].upper()}{which[1:]}, {plural(own.images, 'digit')}, {mnist}"

    st.selectbox(
        "Handwriting",
        [None, *found],
        found.index(now) + 1 if now else 0,
        format_func=name,
        key=_key(draft, "handwriting"),
        help=HANDWRITING,
    )


def _edit_frozen(draft: drafts.Draft, source: Run | None) -> None:
    """Draw the choice of the layers to freeze, and give the draft those that there are."""
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
