"""The start of a network on the page Build: a preset, or the short notation."""

import streamlit as st

from mnist_core.network import presets
from mnist_core.network.notation import parse_layers
from mnist_core.network.value import SpecError
from mnist_core.storage import handwriting
from mnist_core.storage.handwriting import CollectionError
from ui.session import cache, drafts, state

KNOWN = {p.name: p for p in (*presets.PRESETS.values(), *presets.NOTE_4.presets)}
CHANGED = "changed"
"""The option for an edited preset."""

_NOTATION, _PRESET = "build_notation", "build_preset"
_WRITTEN, _REFUSED = "build_written", "build_refused"


def choose_preset(draft: drafts.Draft) -> None:
    """Draw the preset selector, which also shows the preset that the draft is an edited copy of."""
    now = _preset(draft)
    base = draft.base = now or draft.base
    state.put(_PRESET, now or (CHANGED if base else None))

    def words(name: str) -> str:
        return f"{base} (edited)" if name == CHANGED else f"{name}: {KNOWN[name].title}"

    st.selectbox(
        "Start from a preset",
        [*([] if now or not base else [CHANGED]), *KNOWN],
        None,
        format_func=words,
        key=_PRESET,
        on_change=_start_from_preset,
        args=(draft,),
        placeholder="A course note, a classic network, or one of our recipes",
    )


def edit_notation(draft: drafts.Draft) -> None:
    """Draw the box with the layers in short notation, in step with every edit.

    Text that cannot be parsed stays in the box until the layers change.
    """
    text = draft.notation()
    if text != state.get(_WRITTEN):
        state.put(_WRITTEN, text)
        state.pop(_REFUSED)
    state.put(_NOTATION, state.get(_REFUSED, text))
    st.text_input(
        "Short notation",
        key=_NOTATION,
        on_change=_start_from_notation,
        args=(draft,),
        placeholder="C8 M C16 M F D64 Drop0.2",
        help="C8: convolution with 8 filters. M, A: max and average pooling. GAP: global average "
        "pooling. BN: batch normalization. Drop0.2: dropout. F: flatten. D64: dense. Options "
        "follow the number, as in C32k5same. The output layer is added automatically.",
    )


def _preset(draft: drafts.Draft) -> str | None:
    """Return the name of the preset that equals the draft, settings included; None if none does."""
    spec = draft.working_spec()
    if spec is None:
        return None
    return next((name for name, preset in KNOWN.items() if preset.is_preset_of(spec)), None)


def _start_from_preset(draft: drafts.Draft) -> None:
    if preset := KNOWN.get(state.get(_PRESET, "")):  # a browser may send anything
        draft.take(preset.spec)
        if preset.source:
            draft.transfer = cache.store().start_of(preset)
            draft.wanted = "" if draft.transfer else preset.source
            draft.base = preset.name
        if preset.handwriting:
            try:
                own = handwriting.choose_to_learn(cache.store())
            except CollectionError:
                draft.wants_handwriting = True
            else:
                draft.split = draft.split.model_copy(update={"handwriting": own})


def _start_from_notation(draft: drafts.Draft) -> None:
    state.pop(_REFUSED)
    text = state.get(_NOTATION, "").strip()
    if not text:  # Streamlit may also report this when the page has just been left
        return
    try:
        draft.replace_layers(parse_layers(text))
        draft.base = None
    except SpecError as error:
        state.put(_REFUSED, text)
        state.keep_error(error)
