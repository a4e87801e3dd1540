"""The query parameters of the page: the only module that names `st.query_params`.

Each change by the server would become an entry in the browser's history. So nothing is written
before the browser is prepared to keep entries for moves and edits alone, in the first run of a
session. Until then changes wait, but `get` returns them already.
"""

import streamlit as st

from mnist_core.network.settings import SETTINGS
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import short_repr
from ui.session import state

WORKSPACE, HIDE, LESSON, LANGUAGE = "workspace", "hide", "lesson", "language"
RUN, RUNS, GROUP = "run", "runs", "group"
NETWORK, SET, IMAGE = "network", "set", "image"
IDEA, CHALLENGE = "idea", "challenge"
DATA_TAB, LOOK_TAB, TUNE_TAB, COMPARE_TAB = "data_tab", "look_tab", "tune_tab", "compare_tab"
LEARN_TAB, RESULTS_TAB, HANDWRITING_TAB = "learn_tab", "results_tab", "handwriting_tab"

_BOUND = {SET, IMAGE, DATA_TAB, TUNE_TAB, COMPARE_TAB, LEARN_TAB, RESULTS_TAB, HANDWRITING_TAB}
"""Parameters that a widget has bound to its value."""

OF_SESSION = {WORKSPACE, HIDE, LESSON, LANGUAGE}
"""Parameters of the whole session: each page writes them again."""

PAGE_PARAMETERS = _BOUND | OF_SESSION | {RUN, RUNS, GROUP, LOOK_TAB, IDEA, CHALLENGE}
PAGE_PARAMETERS |= {"embed", "embed_options"}  # Streamlit's own
"""All query parameters but those that describe a network and its training."""


_PREPARED, _WAITING = "address_prepared", "address_waiting"


def begin() -> None:
    """Write the waiting changes, now that the browser is prepared."""
    waiting = _waiting()
    state.put(_PREPARED, True)
    state.pop(_WAITING)
    _change(waiting)


def is_written() -> bool:
    """Whether the browser is prepared, so that changes are written at once."""
    return state.has(_PREPARED)


def _waiting() -> dict[str, str | None]:
    """Return the changes that wait for the browser; None removes a parameter."""
    return state.get(_WAITING, dict[str, str | None]())


def get(name: str) -> str | None:
    """Return the value of a query parameter, None if the address does not have it."""
    waiting = _waiting()
    return waiting[name] if name in waiting else st.query_params.get(name)


def put(name: str, value: str | None) -> None:
    """Give a query parameter this value; None removes it."""
    if not is_written():
        state.put(_WAITING, _waiting() | {name: value})
    elif value is None:
        st.query_params.pop(name, None)
    elif get(name) != value:
        st.query_params[name] = value


def query() -> dict[str, str]:
    """Return all query parameters."""
    known = st.query_params.to_dict() | _waiting()
    return {name: value for name, value in known.items() if value is not None}


def spec_query() -> dict[str, str]:
    """Return the query parameters that describe a network and its training."""
    return {name: value for name, value in query().items() if name not in PAGE_PARAMETERS}


def unknown() -> MnistError | None:
    """Return an error about a parameter that the app does not know, None if it knows all.

    The parameters of a link with a network are checked where the network is read.
    """
    names = spec_query().keys() - {NETWORK, *SETTINGS}
    if not names or has_network():
        return None
    return MnistError(
        f"this app's address takes parameters such as run, network or lesson; received "
        f"{short_repr(min(names), 40)}: check its spelling or leave it out"
    )


def has_network() -> bool:
    """Whether the address describes a network."""
    return get(NETWORK) is not None


def put_spec(spec: dict[str, str]) -> None:
    """Make the address describe this network and its training. spec: query parameters."""
    _change({**dict.fromkeys(spec_query().keys() - spec), **spec})


def _change(values: dict[str, str | None]) -> None:
    """Give all these parameters their values; None removes a parameter."""
    if not is_written():
        state.put(_WAITING, _waiting() | values)
        return
    for name in [name for name, value in values.items() if value is None]:
        st.query_params.pop(name, None)
    st.query_params.update({name: value for name, value in values.items() if value is not None})


def clear() -> None:
    """Remove all query parameters, except those that a widget is bound to."""
    for name in query().keys() - _BOUND:
        put(name, None)


def resend() -> None:
    """Send the server's query parameters to the browser.

    If a link leads to the page that is already open, Streamlit runs it with the link's query, but
    the browser keeps the old query and would restore it with the next click or refresh.
    """
    st.query_params.update()
