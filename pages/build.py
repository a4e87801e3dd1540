"""Step 2: the layers and the training settings; every edit takes effect at once."""

import streamlit as st

from mnist_core.exporting.code import keras_code
from mnist_core.network import repair
from mnist_core.network.notation import about_output, course_notation
from mnist_core.network.spec import Network
from mnist_core.network.summary import summarize
from mnist_core.network.value import SpecError
from mnist_core.storage import quota
from mnist_core.utils.errors import MnistError
from ui.session import drafts, links, navigation, teacher_link
from ui.views.build import beginning, network, settings
from ui.widgets import hosting, messages, planning

st.title("Build a network")
st.write(
    "Stack layers between the image and the ten probabilities, and choose how they learn. Shapes, "
    "parameters and code follow every change."
)
draft = drafts.current()
preset_box, notation_box = st.columns(2)  # filled last, when the draft has all edits
left, right = st.columns(2, gap="medium")
with left:
    st.subheader("Layers")
    network.show_layers(draft)
spec = None
with right:
    st.subheader("Network summary")
    layers = tuple(layer for _, layer in draft.layers)
    problem = repair.problem(layers, quota.network_limits())
    if problem:
        network.show_problem(draft, problem)
    else:
        made = Network(layers=layers)
        network.show_summary(summarize(made))
        st.caption(f"In the course notes: `{course_notation(made)}`")
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

with preset_box:
    if not teacher_link.is_hidden("build.presets"):
        beginning.choose_preset(draft)
with notation_box:
    if not teacher_link.is_hidden("build.notation"):
        beginning.edit_notation(draft)
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
