"""Step 2: the layers and the training settings; every edit takes effect at once."""

import streamlit as st

from mnist_core.exporting.code import keras_code
from mnist_core.network import presets, repair
from mnist_core.network.notation import about_output, course_notation, parse_layers, write
from mnist_core.network.spec import Network
from mnist_core.network.summary import summarize
from mnist_core.network.value import SpecError
from mnist_core.storage import quota
from mnist_core.utils.errors import MnistError
from ui.session import drafts, links, navigation, state, teacher_link
from ui.views.build import network, settings
from ui.widgets import hosting, messages, planning

_NOTATION = "build_notation"
_PRESET = "build_preset"
KNOWN = {p.name: p for p in (*presets.PRESETS.values(), *presets.NOTE_4.presets)}


def start_from_preset() -> None:
    if preset := KNOWN.get(state.get(_PRESET, "")):  # a browser may send anything
        draft.take(preset.spec)


def start_from_notation() -> None:
    text = state.get(_NOTATION, "").strip()
    if not text:  # also what Streamlit may report of the box when the page has just been left
        return
    try:
        draft.replace_layers(parse_layers(text))
    except SpecError as error:
        state.keep_error(error)


st.title("Build a network")
st.write(
    "Stack layers between the image and the ten probabilities, and choose how they learn. Shapes, "
    "parameters and code follow every change."
)
draft = drafts.current()
left, right = st.columns(2)
if not teacher_link.is_hidden("build.presets"):
    left.selectbox(
        "Start from a preset",
        list(KNOWN),
        None,
        format_func=lambda name: f"{name}: {KNOWN[name].title}",
        key=_PRESET,
        on_change=start_from_preset,
        placeholder="A course note, a classic, or a recipe of ours",
    )
if not teacher_link.is_hidden("build.notation"):
    right.text_input(
        "Or from the short notation",
        key=_NOTATION,
        on_change=start_from_notation,
        placeholder="C8 M C16 M F D64 Drop0.2",
        help="C8: convolution with 8 filters. M, A: max and average pooling. GAP: global average "
        "pooling. BN: batch normalization. Drop0.2: dropout. F: flatten. D64: dense. Options "
        "follow the number, as in C32k5same. The output layer is always added.",
    )

left, right = st.columns(2, gap="medium")
with left:
    st.subheader("Layers")
    network.show_layers(draft)
spec = None
with right:
    st.subheader("What they come to")
    layers = tuple(layer for _, layer in draft.layers)
    problem = repair.problem(layers, quota.network_limits())
    if problem:
        network.show_problem(draft, problem)
    else:
        made = Network(layers=layers)
        network.show_summary(summarize(made))
        st.caption(f"In short: `{write(made)}`, in the course notes: `{course_notation(made)}`")
        if hint := about_output(made):
            st.caption(hint)
    st.subheader("How it learns")
    try:
        draft.training = settings.edit_training(draft)
        draft.split = settings.edit_split(draft)
        spec = None if problem else draft.spec()
    except SpecError as error:
        messages.show_error(error)
        if draft.training.early_stopping and draft.split.kind == "none":
            st.button("Switch early stopping off", on_click=draft.stop_late, type="primary")

if spec:
    drafts.write_link(spec)
    with right:
        planning.show_steps(spec)
        hosting.announce_run(spec)
        if st.button("Train this network", type="primary", icon=":material/play_arrow:"):
            try:
                planning.start(spec)
            except MnistError as error:
                messages.show_error(error)
            else:
                st.switch_page(navigation.path("train"))
    if names := teacher_link.shown("build", ["Keras code", "Copy link"]):
        for name, tab in zip(names, st.tabs(names), strict=True):
            with tab:
                if name == "Keras code":
                    st.code(keras_code(spec), language="python")
                else:
                    st.write("Whoever opens this link sees the same network and settings.")
                    st.code(links.link(), language=None, wrap_lines=True)
