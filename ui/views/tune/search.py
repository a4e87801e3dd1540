"""The tab Search of the page Tune: define a hyperparameter study, and watch one."""

from random import randrange

import streamlit as st

from mnist_core.experiments import studies
from mnist_core.experiments.search_space import Study
from mnist_core.network.notation import write
from mnist_core.network.spec import Spec, Split
from mnist_core.storage import groups
from mnist_core.storage.groups import Group
from mnist_core.utils.errors import MnistError
from ui.session import cache, drafts, navigation, selection, state
from ui.views.tune import search_space, search_study
from ui.views.tune import search_text as text
from ui.widgets import hosting, messages

_NEW, _PICK = "tune_search_new", "tune_search_pick"


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
        search_study.show(_choose(studies))
    else:
        st.caption("No study yet: its trials, plots and best settings appear here.")


def _make() -> None:
    """Draw the form that makes a study from the draft and starts it."""
    draft = drafts.current()
    base = draft.working_spec()
    if base is None:
        st.info("What stands on the page Build cannot be trained yet.", icon=":material/info:")
        st.page_link(navigation.path("build"), label="Mend it", icon=":material/layers:")
        return
    _around(base)
    if base.split.kind in text.NO_JUDGE:
        st.warning(text.NO_JUDGE[base.split.kind], icon=":material/gavel:")
        count = min(10_000, base.split.images // 5)
        st.button(
            f"Let the last {count:,} training images judge",
            type="primary",
            on_click=_hold_out,
            args=(draft, base, count),
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


def _around(base: Spec) -> None:
    """Draw a summary of the spec that the study varies."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"Around the network on Build: `{write(base.network) or 'no hidden layer'}`. "
            f"{_judge(base.split)}",
            width="stretch",
        )
        st.page_link(navigation.path("build"), label="Change it", icon=":material/layers:")


def _judge(split: Split) -> str:
    """Return a sentence on which images the validation accuracy is measured."""
    match split.kind:
        case "last":
            return f"The last {split.count:,} of its {split.images:,} training images judge."
        case "fraction":
            held = split.images - split.boundary
            return f"The last {held:,} of its {split.images:,} training images judge."
        case "fold":
            return f"Fold {split.fold} of {split.folds} of its training images judges."
        case "test" | "none":
            return ""


def _hold_out(draft: drafts.Draft, base: Spec, count: int) -> None:
    split = Split(kind="last", count=count, limit=base.split.limit)
    draft.take(base.model_copy(update={"split": split}))


def _start(study: Study, name: str) -> None:
    try:
        # A new seed, as a second study with the same settings would repeat the same trials.
        drawn = study.model_copy(update={"seed": randrange(1_000_000)})
        group = studies.start(cache.store(), drawn, name)
    except MnistError as error:
        state.keep_error(error)
        return
    cache.engine().wake()
    selection.choose_group(group)
    state.put(_NEW, False)  # its widgets make room for what they began


def _choose(studies: list[Group]) -> int:
    """Draw a box with all studies, the newest first; return the number of the chosen one."""
    known = {group.id: group for group in studies}
    labels = {number: _label(group) for number, group in known.items()}
    chosen = selection.chosen_group(studies) or studies[0]
    selection.choose_group(chosen)
    state.put(_PICK, chosen.id)
    st.selectbox(
        "Study",
        list(labels),
        format_func=labels.__getitem__,
        key=_PICK,
        on_change=_take,
        args=(known,),
    )
    return chosen.id


def _take(known: dict[int, Group]) -> None:
    """Choose the study that was picked; a label that is out of date names none."""
    picked = state.get(_PICK)
    if isinstance(picked, int) and picked in known:
        selection.choose_group(known[picked])


def _label(group: Group) -> str:
    """Return the label of a study in a list: number, name, state and date."""
    parts = [f"Study {group.id}", group.name, group.state, f"{group.created_at:%d %b, %H:%M} UTC"]
    return " · ".join(part for part in parts if part)
