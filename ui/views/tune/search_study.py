"""A study on the page Tune: progress, trials, Optuna's plots, and the best trial."""

from collections import Counter
from collections.abc import Callable

import pandas as pd
import streamlit as st

from mnist_core.evaluation.tables import to_csv
from mnist_core.experiments import studies
from mnist_core.experiments.search_space import Study, full_spec, params_of, spec_of
from mnist_core.experiments.studies import StudyProgress, Trial
from mnist_core.storage.runs import Store
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import accuracy_in_context, plural
from ui.session import cache, drafts, navigation, polling, state
from ui.views.tune import search_plots
from ui.views.tune import search_text as text
from ui.widgets import messages, planning, run_progress

LOOK_EVERY_S, DRAW_EVERY_S = 1.5, 5
_WORDS = {
    "complete": "complete",
    "pruned": "pruned",
    "failed": "failed",
    "running": "in training",
    "waiting": "waiting",
    "paused": "paused",
}


def show(group_id: int) -> None:
    """Draw a study in three parts, which poll the store while it runs."""
    try:
        view = studies.read(cache.store(), group_id)
    except MnistError as error:
        messages.show_error(error)
        return
    moving = _moves(view)
    st.fragment(_watch, run_every=LOOK_EVERY_S if moving else None)(group_id, moving)
    st.fragment(search_plots.show, run_every=DRAW_EVERY_S if moving else None)(group_id)
    st.fragment(_trials, run_every=LOOK_EVERY_S if moving else None)(group_id)


def _moves(view: StudyProgress) -> bool:
    return view.group.state == "running" or any(trial.state == "running" for trial in view.trials)


def _watch(group_id: int, moving: bool) -> None:
    """Draw the progress of a study, the button to stop or resume it, and the best trial."""
    view = search_plots.read(group_id)
    _progress(view)
    _transport(view)
    if view.best:
        _best(view, view.best)
    # Only a rerun of the tab starts or ends the polling. It comes last: a click is not lost by it.
    if _moves(view) != moving:
        st.rerun()


def _progress(view: StudyProgress) -> None:
    counts = Counter(trial.state for trial in view.trials)
    over = sum(counts[name] for name in search_plots.OVER)
    parts = [f"{counts[name]} {words}" for name, words in _WORDS.items() if counts[name]]
    details = f": {', '.join(parts)}" if parts else ""
    st.progress(
        min(1.0, over / view.study.total), f"{over} of {view.study.total} trials done{details}."
    )
    for trial in view.trials:
        if trial.state == "running":
            run = polling.run(trial.run_id)
            st.caption(
                f":material/play_circle: Trial {trial.number}: {run_progress.state_text(run)}"
            )
    if _moves(view) and not counts["running"]:
        _why_it_waits(view)
    if view.group.state == "failed" or (view.group.reason and not _moves(view)):
        st.error(messages.sentence(view.group.reason or "it failed"), icon=":material/error:")


def _why_it_waits(view: StudyProgress) -> None:
    """Draw why no trial trains: a worker starts, or other runs go first."""
    waiting = [trial for trial in view.trials if trial.state == "waiting"]
    status = cache.engine().status()
    if waiting:
        run = polling.run(waiting[0].run_id)
        st.caption(f"Trial {waiting[0].number}. {run_progress.state_text(run)}")
    elif not status.ready:
        st.caption(f":material/hourglass: Waiting: {status.words}.")
    else:
        st.caption(":material/hourglass: Choosing the next trial.")


def _transport(view: StudyProgress) -> None:
    """Draw the button that stops a running study or resumes another."""
    if view.group.state == "running":
        st.button(
            "Stop",
            icon=":material/stop:",
            key="tune_search_stop",
            on_click=_ask,
            args=(studies.stop, view.group.id),
        )
    elif view.group.state in ("stopped", "failed"):
        st.button(
            "Resume",
            icon=":material/play_arrow:",
            key="tune_search_resume",
            on_click=_ask,
            args=(studies.resume, view.group.id),
        )


def _ask(action: Callable[[Store, int], None], group_id: int) -> None:
    """Stop or resume a study; another tab may have finished or deleted it in the meantime."""
    try:
        action(cache.store(), group_id)
    except MnistError as error:
        state.keep_error(error)
    cache.engine().wake()
    st.rerun()  # the whole page, which then starts or ends to poll


def table(view: StudyProgress) -> pd.DataFrame:
    """Return a row per trial: state, value, wrong images, settings, epochs, seconds and run."""
    rows = []
    for trial in view.trials:
        judged = spec_of(view.study, trial.params).split.held_out
        wrong = None if trial.value is None else round((1 - trial.value) * judged)
        rows.append(
            {"trial": trial.number, "state": trial.state, "val_accuracy": trial.value}
            | {"wrong": wrong, "of": judged}
            | trial.params
            | {"epochs": trial.epochs, "seconds": round(trial.seconds, 2)}
            | {"run": trial.run_number, "reason": trial.reason}
        )
    return pd.DataFrame(rows)


def _trials(group_id: int) -> None:
    """Draw the table of trials, with its download and the deletion of the study."""
    view = search_plots.read(group_id)
    if view.trials:
        _table(view)
    st.caption(f"Seed {view.study.seed} fixes the choices and all initial weights.")
    with st.container(horizontal=True):
        st.download_button(
            "Trials as CSV",
            lambda: to_csv(table(view)),
            f"study-{group_id}.csv",
            icon=":material/download:",
            key="tune_search_csv",
            on_click="ignore",
            disabled=not view.trials,
        )
        _delete(view)


def _delete(view: StudyProgress) -> None:
    number = view.group.id
    box = st.popover(
        "Delete",
        icon=":material/delete:",
        key=state.key("tune_search_delete", number),
        on_change="rerun",
    )
    if box.open:
        box.write(f"Delete study {number} and its {plural(len(view.trials), 'trial')} permanently?")
        if box.button("Yes, delete them", type="primary", key="tune_search_delete_yes"):
            studies.delete(cache.store(), number)
            st.rerun()


def _table(view: StudyProgress) -> None:
    shown = table(view).astype({"wrong": "Int64"})
    shown["val_accuracy"] = 100 * shown["val_accuracy"].astype("Float64")
    judged = int(shown["of"].iloc[0])
    # Relative to this page. The address has the id; what is shown is the number after the "#".
    shown["run"] = [f"train?run={trial.run_id}#{trial.run_number}" for trial in view.trials]
    columns = st.column_config
    st.dataframe(
        shown.drop(columns=["of"] if shown["reason"].any() else ["of", "reason"]),
        hide_index=True,
        key="tune_search_trials",
        column_config={
            "val_accuracy": columns.NumberColumn(format="%.2f %%"),
            "wrong": columns.NumberColumn(f"wrong of {judged:,}"),
            "learning_rate": columns.NumberColumn(format="%.3g"),
            "dropout": columns.NumberColumn(format="%.2f"),
            "rotation": columns.NumberColumn("rotation, degrees", format="%.1f"),
            "seconds": columns.NumberColumn(format="%.1f"),
            "run": columns.LinkColumn("curves", display_text=r"#(\d+)$"),
        },
        placeholder="–",
        alt=f"{plural(len(shown), 'trial')}: state, val_accuracy, settings, epochs and seconds",
    )


def _best(view: StudyProgress, best: Trial) -> None:
    """Draw the best trial: its accuracy with a caution, its changes, and links to use it."""
    trial_spec, winner = spec_of(view.study, best.params), full_spec(view.study, best.params)
    complete = sum(trial.state == "complete" for trial in view.trials)
    so_far = "Best so far" if _moves(view) else "Best of all"
    with st.container(border=True):
        left, right = st.columns([3, 2], gap="large")
        with left:
            st.markdown(
                f"**{so_far}: trial {best.number}**, val_accuracy "
                f"**{accuracy_in_context(best.value or 0, trial_spec.split.held_out)}**, after "
                f"{plural(best.epochs, 'epoch')}."
            )
            if complete > 1:
                st.caption(text.TOO_GOOD.format(plural(complete, "complete trial")))
            with st.container(horizontal=True, vertical_alignment="center"):
                if st.button(
                    "Train it in full",
                    type="primary",
                    icon=":material/play_arrow:",
                    help=text.IN_FULL,
                ):
                    planning.start(winner)
                    st.switch_page(navigation.path("train"))
                if st.button("Open in Build", icon=":material/layers:"):
                    drafts.current().take(winner)
                    st.switch_page(navigation.path("build"))
                st.page_link(
                    navigation.path("train"),
                    label="Its curves",
                    icon=":material/show_chart:",
                    query_params={"run": str(best.run_id)},
                )
        right.dataframe(
            _changes(view.study, best),
            hide_index=True,
            height="content",
            key="tune_search_changes",
            alt="The searched settings, at the start of the study and in its best trial",
        )


def _changes(study: Study, best: Trial) -> pd.DataFrame:
    """Return the searched settings, in the study's base and in the best trial."""
    old = params_of(study, study.base)
    rows = [
        {"setting": name, "at the start": _word(old[name]), "best": _word(value)}
        for name, value in best.params.items()
    ]
    return pd.DataFrame(rows)


def _word(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str("none" if value is None else value)
