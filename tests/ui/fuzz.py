"""Hostile addresses, and what a page makes of them. For the tests and for long runs."""

from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from mnist_core.engine.status import STARTING
from mnist_core.network.settings import SETTINGS
from mnist_core.teaching.challenges import CHALLENGES
from tests.helpers import MAIN_SCRIPT
from ui.session import navigation, teacher_link
from ui.views.learn.ideas.catalog import IDEAS

PARAMETERS = {
    "home": ("lesson", "hide", "embed", "embed_options", "workspace"),
    "data": ("set", "image"),
    "build": ("network", "hide", "workspace", *SETTINGS),
    "train": ("network", "run", "epochs"),
    "results": ("run", "results_tab", "image"),
    "look": ("run", "look_tab", "image", "set"),
    "draw": ("run", "hide"),
    "compare": ("runs", "compare_tab"),
    "tune": ("tune_tab", "group", "network"),
    "learn": ("learn_tab", "idea", "challenge", "lesson", "language", "hide"),
}
"""What each page reads of its address, with some that all of them read."""

GOOD = (
    *("C8 M F D16", "note-1", "F D8 C4", "M M M M M M", "first-network", "training", "test"),
    *("One image", "Embedding", "Suspect labels", "Robustness", "Challenges", "For teachers"),
    *("k-fold", "Learning rate", "Hidden layers", "Tradeoff", "Curves", "Two runs"),
    *(IDEAS[0].name, IDEAS[-1].name, next(iter(CHALLENGES)), *list(teacher_link.NAMES)[:12:3]),
)
BAD = (
    *("", "²", "٣", "１", "-1", "0", "1", "2", "1_0", " 1", "1,1,,²", "9" * 16, "9" * 20, "1e999"),
    *("9" * 5000, "x" * 100_000, "C8 " * 5000, "C64same " * 40 + "F", "nan", "None", "\0", "🙂"),
    *("[a](http://b.c)", "**a**", ":material/home:", "$x$", "../../etc/passwd", "class-", "a,b,,"),
)
values = st.one_of(
    st.sampled_from(GOOD),
    st.sampled_from(BAD),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),  # no address has surrogates
)
_value = st.one_of(values, st.lists(values, min_size=2, max_size=3))


@st.composite
def addresses(draw: st.DrawFn) -> tuple[str, dict[str, str | list[str]]]:
    """A page and what stands in its address; a parameter may be there more than once."""
    page = draw(st.sampled_from(list(PARAMETERS)))
    names = st.one_of(st.sampled_from(PARAMETERS[page]), values.filter(bool))
    query = draw(st.dictionaries(names, _value, min_size=1, max_size=4))
    return page, query


class Engine:
    """One that never gets ready: an address asks nothing of it."""

    def status(self):
        return STARTING

    def speed(self):
        return None


def open_page(page: str, query: dict[str, str | list[str]]) -> AppTest:
    """A page, run once, with that in its address."""
    at = AppTest.from_file(MAIN_SCRIPT, default_timeout=60)
    at.query_params.update(query)
    return at.switch_page(str(navigation.path(page))).run()


def failure(at: AppTest) -> str:
    """What a page should not have: an exception, or a message that has no end."""
    told = [*at.error, *at.warning, *at.info]
    long = [message.value[:80] for message in told if len(message.value) > 1000]
    return "; ".join(
        [error.message + "\n".join(error.stack_trace) for error in at.exception] + long
    )
