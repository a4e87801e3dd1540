"""Start a training and watch it, stop it, go on with it."""

import streamlit as st

from mnist_core.errors import MnistError
from mnist_core.notation import write
from mnist_core.store import Run
from mnist_core.words import plural
from ui import bring, cache, controls, hidden, hosted, live, planning, registry, state

st.title("Train")
st.write(
    "Batch by batch the network sees images, guesses, and moves its weights a little towards the "
    "right answer. Leave the page if you like: training goes on."
)
store = cache.store()
draft = state.draft().working_spec()
with st.container(border=True, horizontal=True, vertical_alignment="center"):
    if draft:
        state.write_link(draft)
        st.markdown(
            f"**From Build:** `{write(draft.network)}`, {plural(draft.training.epochs, 'epoch')}",
            width="stretch",
        )
        if st.button("Start training", type="primary", icon=":material/play_arrow:"):
            try:
                planning.start(draft)
            except MnistError as error:
                state.refuse(error)
            st.rerun()
    else:
        st.markdown("What stands on the page Build cannot be trained yet.", width="stretch")
    st.page_link(registry.path("build"), label="Change it", icon=":material/layers:")
if draft:
    hosted.tell_run(draft)

if not hidden.is_hidden("train.bring"):
    elsewhere = st.expander(
        "Trained elsewhere? Bring it in",
        icon=":material/upload_file:",
        key=bring.key(),
        on_change="rerun",
    )
    if elsewhere.open:
        with elsewhere:
            bring.show()
run = controls.run_picker(sorted(store.runs(), key=lambda run: not run.sees_test))
if run is None:
    st.info("No runs yet. Start one above; its curves appear here.", icon=":material/show_chart:")
    st.stop()
if run.origin:
    bring.result(run)
    st.stop()


@st.fragment(run_every=live.LOOK_EVERY_S if live.moves(run) else None)
def watch(run: Run) -> None:
    seen = store.run(run.id)
    live.transport(seen)
    if live.moves(run) != live.moves(seen):  # only a whole rerun starts or ends the looking
        st.rerun()


@st.fragment(run_every=live.DRAW_EVERY_S if live.moves(run) else None)
def draw(run: Run) -> None:
    seen = store.run(run.id)
    if seen.steps:
        live.show(seen)
    elif not live.moves(seen):
        st.info("This run has not begun, so there is nothing to see of it.")


watch(run)
draw(run)
