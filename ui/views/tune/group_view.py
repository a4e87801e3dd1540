"""A group of runs on the page Tune: progress, learning curves and a table of its runs.

The tabs Repeat, k-fold and Hidden layers share it.
"""

from collections.abc import Callable

import streamlit as st

from mnist_core.evaluation.report import about_loss
from mnist_core.evaluation.statistics import Spread
from mnist_core.evaluation.tables import to_csv
from mnist_core.experiments import group_progress
from mnist_core.experiments.group_progress import GroupProgress
from mnist_core.storage import groups
from mnist_core.storage.groups import Group, Kind
from mnist_core.storage.runs import Store
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import duration, one_line, percent, plural
from ui.charts import run_groups
from ui.session import cache, navigation, selection, state
from ui.views.tune import start
from ui.widgets import chart, controls, run_progress

LOOK_EVERY_S = 2.0


def show(kind: Kind, draw: Callable[[GroupProgress], None]) -> None:
    """Draw the list of groups of a kind, and the chosen one, live. draw: draws its results."""
    every = groups.list_groups(cache.store(), kind)
    if not every:
        st.info("None yet. Start one above to see its results here.", icon=":material/info:")
        return
    group = choose(every, "Experiment", lambda group: f"No. {group.id}: {one_line(group.name)}")
    moving = group_progress.read(cache.store(), group).moves

    @st.fragment(run_every=LOOK_EVERY_S if moving else None)
    def now() -> None:
        found = group_progress.read(cache.store(), group)
        _progress(found)
        _name_aside(found)
        draw(found)
        _each(found)
        # Only a whole rerun starts or ends the polling. It comes last: a click is not lost by it.
        if found.moves != moving:
            st.rerun()

    now()


def choose(every: list[Group], words: str, label: Callable[[Group], str]) -> Group:
    """Draw a box with groups of one kind, the newest first; return the chosen one."""
    chosen = selection.chosen_group(every) or every[0]
    selection.choose_group(chosen)
    known = {group.id: group for group in every}
    key = state.key("tune", chosen.kind, "group")
    state.put(key, chosen.id)
    controls.in_line(
        st.selectbox,
        words,
        list(known),
        format_func=lambda group_id: label(known[group_id]),
        key=key,
        on_change=_take,
        args=(key, known),
        width=560,
    )
    return chosen


def _take(key: str, known: dict[int, Group]) -> None:
    """Choose the picked group, unless it has been deleted meanwhile."""
    picked = state.get(key)
    if isinstance(picked, int) and picked in known:
        selection.choose_group(known[picked])


def _progress(found: GroupProgress) -> None:
    """Draw the progress bar of all runs, with the button to stop or resume them."""
    every = [member.run for member in found.members if member.run]
    through = len(found.members) - sum(member.moves for member in found.members)
    if found.moves:
        shares = [run_progress.done(run) if run.is_active else 1.0 for run in every]
        st.progress(sum(shares) / len(shares), f"{_done(found)}. {_now(found)}")
    elif len(found.scores) < len(found.members):
        st.progress(len(found.scores) / len(found.members), f"{_done(found)}; none in training.")
    if found.moves:
        rest = len(found.members) - through
        _button(
            found,
            f"Stop the remaining {rest}" if rest > 1 else "Stop the run",
            "stop",
            group_progress.stop,
        )
    elif resting := group_progress.resumable_runs(found):
        _button(
            found,
            f"Resume {plural(len(resting), 'run')}",
            "play_arrow",
            group_progress.resume,
        )


def _button(
    found: GroupProgress, words: str, icon: str, action: Callable[[Store, GroupProgress], None]
) -> None:
    key = state.key("tune", found.experiment.kind, icon)
    if st.button(words, icon=f":material/{icon}:", key=key):
        try:
            action(cache.store(), found)
        except MnistError as error:
            state.keep_error(error)
        cache.engine().wake()
        st.rerun()


def _delete(found: GroupProgress) -> None:
    """Draw the confirmation of a deletion, which is possible only while no run trains."""
    key = state.key("tune", found.experiment.kind, "delete")
    with st.popover(
        "Delete",
        icon=":material/delete:",
        disabled=found.moves,
        help="Stop the runs first." if found.moves else None,
        on_change="rerun",
        key=state.key(key, found.group.id),
    ) as box:
        if box.open:
            runs = plural(sum(member.run is not None for member in found.members), "run")
            st.write(f"Delete the experiment and its {runs} permanently?")
            if st.button(f"Delete {runs}", icon=":material/delete_forever:", key=key):
                groups.delete(cache.store(), found.group.id)
                st.rerun()


def _done(found: GroupProgress) -> str:
    return f"{len(found.scores)} of {len(found.members)} done"


def _now(found: GroupProgress) -> str:
    """Return which runs train, and about how long the rest takes."""
    training = [m for m in found.members if m.run and m.run.state == "running"]
    shares = [(m.spec, 1 - run_progress.done(m.run)) for m in found.members if m.run and m.moves]
    seconds = start.seconds(shares)
    lines = [f"{_capital(m.name)}: {run_progress.state_text(m.run)}" for m in training if m.run]
    if not lines:
        waits = next(m.run for m in found.members if m.run and m.moves)
        lines = [run_progress.state_text(waits)]
    if seconds:
        lines.append(f"About {duration(seconds / max(1, len(training)))} left in all.")
    return " ".join(lines)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _name_aside(found: GroupProgress) -> None:
    """Draw a note that lists the runs left out because they failed, were stopped or are deleted."""
    if found.aside:
        lines = "\n".join(f"- {_capital(m.name)} {m.aside}." for m in found.aside)
        st.warning(f"Not counted below:\n\n{lines}", icon=":material/warning:")


def mean_text(spread: Spread) -> str:
    """Return a mean as 98.45 ± 0.40 %, without the deviation if there is only one run."""
    if spread.deviation is None:
        return percent(spread.mean)
    return f"{100 * spread.mean:.2f} ± {100 * spread.deviation:.2f}\u00a0%"


def metrics(*metrics: tuple[str, str, str]) -> None:
    """Draw metrics side by side, each given as label, value and context."""
    with st.container(horizontal=True):
        for label, value, context in metrics:
            with st.container(width=262, gap=None):  # three fit beside an open sidebar
                st.metric(label, value)
                st.caption(context)


def learning_curves(found: GroupProgress, each: bool) -> None:
    """Draw the curves of loss and accuracy side by side, once an epoch is done.

    each: a thin line per run instead of a band.
    """
    if not any(member.epochs for member in found.comparable):
        return
    drawn = (
        "each thin line is a run, each thick line the mean of the runs that got this far"
        if each
        else "each line is the mean of the runs that got this far, its band ± one standard "
        "deviation"
    )
    for column, metric in zip(st.columns(2), ("loss", "accuracy"), strict=True):
        column.markdown(f"**{metric.capitalize()}**")
        with column:
            chart.show(
                run_groups.curves(found, metric, each),
                f"{metric} of training and validation over the epochs: {drawn}",
                state.key("tune", found.experiment.kind, metric),
            )
    st.caption(f"{_capital(drawn)}.")


_SHARE = st.column_config.NumberColumn(format="%.2f %%")
_LOSS = st.column_config.NumberColumn(format="%.4f")
_COLUMNS = {
    "name": st.column_config.TextColumn("run"),
    "val_accuracy": _SHARE,
    "val_loss": _LOSS,
    "test_accuracy": _SHARE,
    "test_loss": _LOSS,
    "seconds": st.column_config.NumberColumn(format="%.0f"),
}


def _each(found: GroupProgress) -> None:
    """Draw the table of the runs, with links to their results, the downloads and the deletion."""
    kind, table = found.experiment.kind, found.table()
    unseen = ["counts"] + ([] if kind == "repeat" else ["test_accuracy", "test_loss"])
    unseen += [] if table["val_loss"].any() else ["val_accuracy", "val_loss"]
    shares = {name: 100 * table[name] for name in ("val_accuracy", "test_accuracy")}
    st.markdown("**Run by run**")
    st.dataframe(
        table.assign(**shares).drop(columns=unseen),
        hide_index=True,
        height="content" if len(table) <= 10 else 400,
        column_config=_COLUMNS,
        placeholder="–",
        key=state.key("tune", kind, "table"),
        alt="Each run with its state, epochs, accuracy, loss and seconds",
    )
    if "test_loss" not in unseen and (words := about_loss(found.members[0].spec)):
        st.caption(words)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _link(found)
        for words, make in (("Runs", found.table), ("Epochs", found.history)):
            name = f"{kind}-{found.group.id}-{words.lower()}.csv"
            st.download_button(
                f"{words} as CSV",
                to_csv(make()),
                name,
                key=state.key("tune", kind, words),
                icon=":material/download:",
                on_click="ignore",
            )
        _delete(found)


def _link(found: GroupProgress) -> None:
    """Draw a box with the evaluated runs, and a link to the results of the chosen one."""
    ready = {
        member.name: member.run
        for member in found.members
        if member.run and member.run.test_accuracy is not None
    }
    if ready:
        key = state.key("tune", found.experiment.kind, "open", found.group.id)
        name = st.selectbox("Run", list(ready), key=key, width=260)
        st.page_link(
            navigation.path("results"),
            label="See its results",
            icon=":material/fact_check:",
            query_params=selection.query_of(ready[name]),
        )
