"""Step 2: the layers and the training settings; every edit takes effect immediately."""

import streamlit as st

from mnist_core.exporting.code import keras_code
from mnist_core.network.notation import about_output, course_notation
from mnist_core.network.spec import Network
from mnist_core.network.summary import summarize, summarize_valid
from mnist_core.network.value import SpecError
from ui.session import drafts, links, state, teacher_link
from ui.views.build import beginning, network, settings, train_bar, transfer
from ui.widgets import hosting, messages, planning

st.title(
    "Build a network",
    help="Stack layers from the image to the ten probabilities, then choose training settings.",
)
draft = drafts.current()
preset_box, notation_box = st.columns([7, 5])  # filled last, when the draft has all edits
drawing, rows = st.container(gap=None), st.container(gap="xsmall")
with rows:
    problem = network.show_layers(draft)
layers = tuple(layer for _, layer in draft.layers)

st.header("How it learns")
spec, refused = None, problem
try:
    draft.training = settings.edit_training(draft)
    draft.split = settings.edit_split(draft)
    spec = None if problem else draft.spec()
    if spec:
        transfer.check(draft, spec)
except SpecError as error:
    spec, refused = None, error
    messages.show_error(error)
    if draft.training.early_stopping and draft.split.kind == "none":
        st.button("Turn off early stopping", on_click=draft.stop_late, type="primary")
    transfer.offer_ways_out(draft)
summary = None if problem else summarize(Network(layers=layers), draft.frozen)
with drawing:
    network.show_diagram(draft, summary.rows if summary else summarize_valid(layers))
speed = planning.measured_speed(spec) if spec else None
if spec:
    planning.show_steps(spec, speed)
    if start := transfer.words(spec):
        st.markdown(start)
    hosting.announce_run(spec)
st.header("Network summary")
if summary:
    made = Network(layers=layers)
    network.show_summary(summary)
    st.caption(f"Notation of the course notes: `{course_notation(made)}`")
    if hint := about_output(made):
        st.caption(hint)
else:
    st.write("The summary appears once every layer is valid.")

with preset_box:
    if not teacher_link.is_hidden("build.presets"):
        beginning.choose_preset(draft)
with notation_box:
    if not teacher_link.is_hidden("build.notation"):
        beginning.edit_notation(draft)
with st.bottom:
    train_bar.show(spec, refused, speed)
if problem:
    drafts.write_broken_link(draft)
if spec:
    drafts.write_link(spec)
    for name in teacher_link.shown("build", ["Keras code", "Copy link"]):
        with st.expander(name, key=state.key("build", name), on_change="rerun") as part:
            if part.open and name == "Keras code":
                st.code(keras_code(spec), language="python")
            elif part.open:
                st.write("This link opens the same network and settings.")
                if spec.transfer or spec.split.handwriting:
                    st.write(
                        "The link works only in this workspace, since it does not contain "
                        "starting weights or handwriting."
                    )
                st.code(links.link(), language=None, wrap_lines=True)
