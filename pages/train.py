"""Step 3: start a training run, and watch, stop or resume it."""

import streamlit as st

from ui.session import cache, drafts, selection, teacher_link
from ui.views.train import import_model, live, start
from ui.widgets import live_view, makers, run_picker

all_runs = sorted(cache.store().runs(), key=lambda run: not run.sees_test)
picked = selection.picked_run(all_runs)
# In a class, other people's runs are shown only if picked, such as by the link Watch.
runs = [run for run in all_runs if makers.is_mine(run) or (picked and run.id == picked.id)]
draft = drafts.current().working_spec()
if draft:
    drafts.write_link(draft)
run = selection.chosen_run(runs)
live_view.forget()  # the whole page is redrawn, so its live view needs everything
if run and (run.is_active or live_view.is_open(run)):
    run_picker.explain_missing(runs)
    live.header(run)
    live.watch(run)
    if not run.is_active:
        live.after_training(run)
        live.show_diagnosis(run, cache.store().epochs(run.id))
    with st.expander("Start, import, or watch another run", icon=":material/add:"):
        start.show(draft)
        if not teacher_link.is_hidden("train.bring"):
            import_model.show_expander()
        run_picker.select_run(runs)
    st.stop()

st.title("Train")
st.write(
    "Batch by batch, the network guesses and moves its weights a little toward the right answers, "
    "even if you leave the page."
)
start.show(draft)
run = run_picker.pick_run(runs)
if run is None:
    st.info("Start a run above to see its curves here.", icon=":material/show_chart:")
elif run.origin:
    import_model.result(run)
else:
    live.state_line(run)
    live.after_training(run)
    live.show_rest(run)
if not teacher_link.is_hidden("train.bring"):
    import_model.show_expander()
