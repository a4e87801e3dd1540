"""The tab For teachers: a form that makes a link which opens the app as a class needs it."""

import streamlit as st

from mnist_core.network import presets
from mnist_core.network.spec import Spec
from mnist_core.teaching.lessons.lesson import Lesson
from ui.session import drafts, links, navigation, selection, state, teacher_link, visitor
from ui.views.learn import class_workspace, lesson_catalog
from ui.views.learn.ideas.catalog import IDEAS
from ui.views.learn.link_contents import LinkContents, address, problems, seen, summary

ABOUT = (
    "Prepare the app for your class: choose what a link opens, which network it prepares, and "
    "which pages, tabs and panels it hides. The link itself holds all of this: nothing is "
    "stored, and no account is needed."
)
FOCUS = (
    "Hiding is for focus, not a lock: *Show everything* in the sidebar brings everything back. "
    "Until then, hidden parts stay hidden on every page, even after a refresh."
)
TABS = {
    "results": (
        "Overview",
        "Confusion",
        "Mistakes",
        "Calibration",
        "One image",
        "Settings",
        "Export",
    ),
    "look": tuple(teacher_link.PARTS["look"].values()),
    "compare": ("Runs", "Curves", "Settings", "Trade-off", "Two runs", "Ensemble"),
    "tune": tuple(teacher_link.PARTS["tune"].values()),
    "learn": ("Ideas", "Lessons", "Challenges", "For teachers"),
    "handwriting": ("Write", "Wall", "Results", "For teachers"),
}
"""The tabs of each page as addresses name them; a test compares them with the pages."""

DRAFT, PRESET, LESSON, NOTHING = "As on Build", "A preset", "The lesson's", "None"
_BUILD = [f"build.{part}" for part in teacher_link.PARTS["build"] if part not in ("code", "link")]
RECIPES = {
    "Keep only the training settings": [n for n in _BUILD if n != "build.training"],
    "Keep only the layers": [n for n in _BUILD if n != "build.layers"],
    "Hide Compare and Tune": ["page.compare", "page.tune"],
}
"""Presets for a class, with the parts of pages that each hides."""

_HIDE, _LESSON, _NETWORK = "learn_teacher_hide", "learn_teacher_lesson", "learn_teacher_network"
_ALL = (*presets.PRESETS.values(), *presets.NOTE_4.presets)
_PRESETS = {p.name: p for p in _ALL if not p.source}  # a link holds no trained weights


@st.fragment
def show() -> None:
    """Draw the tab into the current container."""
    class_workspace.show()
    st.write(ABOUT)
    left, right = st.columns([3, 2], gap="large")
    with left:
        page, tab, idea = _place()
        lesson = _lesson()
        spec = _network(lesson)
        language = selection.chosen_language() if lesson else None
        name = lesson and lesson.name
        contents = LinkContents(page, tab, idea, name, spec, _hide(), language=language)
    with right, st.container(border=True):
        _result(contents)


def _place() -> tuple[str, str | None, str | None]:
    """Draw the choice of the page to open; return the page, its tab and its idea, if any."""
    st.header("What the link opens")
    with st.container(horizontal=True):
        page = st.selectbox(
            "Page",
            list(navigation.BY_NAME),
            list(navigation.BY_NAME).index("build"),
            format_func=lambda name: navigation.BY_NAME[name].title,
            key="learn_teacher_page",
            persist_state="session",
        )
        tab = idea = None
        if page in TABS:
            tab = st.selectbox(
                "Tab",
                TABS[page],
                None,
                key=state.key("learn_teacher_tab", page),
                placeholder="the first one",
                persist_state="session",
            )
        if tab == "Ideas":
            titles = {idea.name: idea.title for idea in IDEAS}
            idea = st.selectbox(
                "Idea",
                list(titles),
                None,
                format_func=titles.__getitem__,
                key="learn_teacher_idea",
                placeholder="the first one",
                persist_state="session",
            )
    return page, tab, idea


def _network(lesson: Lesson | None) -> Spec | None:
    """Draw the choice of the network to prepare; return its spec. lesson: the one to open."""
    state.setdefault(_NETWORK, DRAFT)  # not a widget default, since a lesson sets it too
    source = st.segmented_control(
        "Prepared network and settings",
        [DRAFT, PRESET, LESSON, NOTHING],
        required=True,
        key=_NETWORK,
        persist_state="session",
    )
    if source == NOTHING:
        st.caption(
            "Students keep what they had before, or start with the app's first network; a new "
            "lesson brings its own network."
        )
        return None
    if source == LESSON:
        if lesson is None or lesson.start is None:
            words = "No lesson that prepares a network is chosen above, so the link brings none."
            st.caption(words)
            return None
        spec = lesson.start
    elif source == PRESET:
        name = st.selectbox(
            "Preset",
            list(_PRESETS),
            format_func=lambda name: f"{name}: {_PRESETS[name].title}",
            key="learn_teacher_preset",
            persist_state="session",
        )
        spec = _PRESETS[name].spec
    else:
        spec = drafts.current().working_spec()
        st.page_link(navigation.path("build"), label="Change it on Build", icon=":material/layers:")
    if spec is None:
        words = "The network on Build cannot be trained yet, so the link leaves it out."
        st.warning(words, icon=":material/warning:")
    else:
        st.markdown(summary(spec))
    return spec


def _lesson() -> Lesson | None:
    """Draw the choice of the lesson to open; return it."""
    shelf = lesson_catalog.all_lessons()
    titles = {lesson.name: lesson.title for lesson in shelf.lessons}
    name = st.selectbox(
        "Lesson",
        list(titles),
        None,
        format_func=titles.__getitem__,
        key=_LESSON,
        placeholder="none",
        on_change=_with_its_network,
        persist_state="session",
    )
    return shelf.find(name) if name else None


def _with_its_network() -> None:
    """Select the lesson's prepared network when a lesson is chosen."""
    name: str | None = state.get(_LESSON, None)
    lesson = lesson_catalog.all_lessons().find(name) if name else None
    if lesson and lesson.start:
        state.put(_NETWORK, LESSON)
    elif state.get(_NETWORK) == LESSON:
        state.put(_NETWORK, DRAFT)


def _hide() -> tuple[str, ...]:
    """Draw the choice of parts to hide; return their names, in the order of the pages."""
    st.header("What the link hides")
    with st.container(horizontal=True):
        for number, (words, names) in enumerate(RECIPES.items()):
            key = state.key("learn_teacher_recipe", number)
            st.button(words, icon=":material/add:", key=key, on_click=_begin, args=(names,))
    chosen = st.multiselect(
        "Pages, tabs and panels",
        list(teacher_link.NAMES),
        format_func=teacher_link.label,
        key=_HIDE,
        placeholder="Nothing: choose here, or type a word such as layers",
        filter_mode="contains",
        select_all=False,  # or Enter would hide all parts that contain the typed word
        wrap=True,
        help="Hidden settings keep the values of the prepared network until someone opens "
        "another network from a preset, a lesson, a run or a link. A hidden page disappears "
        "from the sidebar.",
        persist_state="session",
    )
    st.caption(FOCUS)
    return tuple(name for name in teacher_link.NAMES if name in chosen)


def _begin(names: list[str]) -> None:
    """Hide these parts too; of several presets for Build, the last one applies."""
    chosen = state.get(_HIDE, list[str]())
    if names[0] in _BUILD:
        chosen = [name for name in chosen if name not in _BUILD]
    state.put(_HIDE, [*chosen, *(name for name in names if name not in chosen)])


def _result(contents: LinkContents) -> None:
    """Draw the link, a button to try it, and what students will see."""
    st.header("Your link")
    query = contents.query()
    st.code(links.link_to(address(contents.page), query), language=None, wrap_lines=True)
    long_key = visitor.long_link_query()
    if long_key and visitor.class_query() == long_key:
        st.caption(
            ":material/key: This link has the long key of your class, which also shows the names "
            "that students enter. Make a short link above before you hand it out."
        )
    st.page_link(
        navigation.path(contents.page),
        label="Try it",
        icon=":material/open_in_new:",
        # An empty parameter shows again what a link tried before has hidden.
        query_params={"hide": ""} | query,
        help="Opens the link here as a student would see it, with its network on Build.",
    )
    for problem in problems(contents):
        st.warning(problem, icon=":material/warning:")
    st.markdown(f"**What students see.** {seen(contents)}")
