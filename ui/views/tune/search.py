"""The tab Search of the page Tune: define a hyperparameter study, and watch one."""

from random import randrange

import streamlit as st

from mnist_core.experiments import studies
from mnist_core.experiments.search_space import Study
from mnist_core.network.spec import Spec, Split
from mnist_core.storage import groups
from mnist_core.storage.groups import Group
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import one_line
from ui.session import cache, clock, drafts, selection, state
from ui.views.tune import group_view, search_space, search_study, start
from ui.views.tune import search_text as text
from ui.widgets import hosting, messages

_NEW = "tune_search_new"


@st.fragment
def show() -> None:
    """Draw the tab into the current container."""
    st.write(text.ABOUT)
    if error := state.take_error():
        messages.show_error(error)
    studies = groups.list_groups(cache.store(), "study")
    new = st.expander(
        "A new study", not studies, key=_NEW, icon=":material/add:", on_change="rerun"
    )
    if new.open:
        with new:
            _make()
    if studies:
        search_study.show(group_view.choose(studies, "Study", _label).id)
    else:
        st.caption("No study yet.")


def _make() -> None:
    """Draw the form that makes a study from the draft and starts it."""
    base = start.from_build()
    if base is None:
        return
    if judge := _judge(base.split):
        st.caption(judge)
    if base.split.kind in text.NO_JUDGE:
        st.warning(text.NO_JUDGE[base.split.kind], icon=":material/gavel:")
        count = min(10_000, base.split.images // 5)
        st.button(
            f"Validate on the last {count:,} training images",
            type="primary",
            on_click=_hold_out,
            args=(base, count),
        )
        return
    left, right = st.columns([3, 2], gap="large")
    try:
        study, name = search_space.edit(base, left, right)
    except MnistError as error:
        with right:
            messages.show_error(error)
        return
    with right:
        search_space.show_cost(study)
        hosting.announce_deletions(study.total)
        st.button(
            "Start the study",
            type="primary",
            icon=":material/play_arrow:",
            key="tune_search_start",
            on_click=_start,
            args=(study, name),
        )


def _judge(split: Split) -> str:
    """Return a sentence on which images the validation accuracy is measured."""
    match split.kind:
        case "last" | "fraction":
            held_out, images = f"{split.held_out:,}", f"{split.images:,}"
            return f"Full training validates on the last {held_out} of {images} images."
        case "fold":
            return f"Full training validates on fold {split.fold} of {split.folds}."
        case "test" | "none":
            return ""


def _hold_out(base: Spec, count: int) -> None:
    kept = {name: getattr(base.split, name) for name in ("limit", "digits", "handwriting")}
    split = Split(kind="last", count=count, **kept)
    drafts.current().take(base.model_copy(update={"split": split}))


def _start(study: Study, name: str) -> None:
    try:
        # A new seed, as a second study with the same settings would repeat the same trials.
        drawn = study.model_copy(update={"seed": randrange(1_000_000)})
        group = studies.start(cache.store(), drawn, name or cache.store().describe(study.base))
    except MnistError as error:
        state.keep_error(error)
        return
    cache.engine().wake()
    selection.choose_group(group)
    state.put(_NEW, False)  # the form makes room for the study


def _label(group: Group) -> str:
    """Return the label of a study in a list: number, name, state and date."""
    parts = [
        f"Study {group.id}",
        one_line(group.name),
        group.state,
        clock.moment(group.created_at),
    ]
    return " · ".join(part for part in parts if part)
