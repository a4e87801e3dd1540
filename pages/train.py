"""Step 3: start a training run, and watch, stop or resume it."""

import streamlit as st

from mnist_core.network.notation import write
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import plural
from ui.session import cache, drafts, navigation, polling, state, teacher_link
from ui.views.train import import_model, live
from ui.widgets import hosting, planning, run_picker

st.title("Train")
st.write(
    "Batch by batch the network sees images, guesses, and moves its weights a little towards the "
    "right answer. Leave the page if you like: training goes on."
)
store = cache.store()
draft = drafts.current().working_spec()
with st.container(border=True, horizontal=True, vertical_alignment="center"):
    if draft:
        drafts.write_link(draft)
        st.markdown(
            f"**From Build:** `{write(draft.network)}`, {plural(draft.training.epochs, 'epoch')}",
            width="stretch",
        )
        if st.button("Start training", type="primary", icon=":material/play_arrow:"):
            try:
                planning.start(draft)
            except MnistError as error:
                state.keep_error(error)
            st.rerun()
    else:
        st.markdown("What stands on the page Build cannot be trained yet.", width="stretch")
    st.page_link(navigation.path("build"), label="Change it", icon=":material/layers:")
if draft:
    hosting.announce_run(draft)

if not teacher_link.is_hidden("train.bring"):
    elsewhere = st.expander(
        "Trained elsewhere? Bring it in",
        icon=":material/upload_file:",
        key=import_model.key(),
        on_change="rerun",
    )
    if elsewhere.open:
        with elsewhere:
            import_model.show()
run = run_picker.pick_run(sorted(store.runs(), key=lambda run: not run.sees_test))
if run is None:
    st.info("No runs yet. Start one above; its curves appear here.", icon=":material/show_chart:")
    st.stop()
if run.origin:
    import_model.result(run)
    st.stop()


moves = polling.is_moving(run)


@st.fragment(run_every=live.LOOK_EVERY_S if moves else None)
def watch(run_id: int) -> None:
    seen = polling.run(run_id)
    live.controls(seen)
    if polling.is_moving(seen) != moves:  # only a whole rerun starts or ends the polling
        st.rerun()


@st.fragment(run_every=live.DRAW_EVERY_S if moves else None)
def draw(run_id: int) -> None:
    seen = polling.run(run_id)
    if seen.steps:
        live.show(seen)
    elif seen.state == "failed":
        live.show_diagnosis(seen, [])
    elif not polling.is_moving(seen):
        st.info("This run has not begun, so there is nothing to see of it.")


watch(run.id)
draw(run.id)
