"""Links into the app for people to copy, and whether a link leads to what is already shown."""

from urllib.parse import quote, urlencode

import streamlit as st

from mnist_core.network.query import from_query
from ui.session import address, drafts, state, visitor


def here() -> str:
    """Return the address of this page without its query."""
    return (st.context.url or "").split("?")[0]


def link() -> str:
    """Return the address of this page, with the query that restores what it shows."""
    return link_to(here(), address.query())


def link_to(page: str, query: dict[str, str]) -> str:
    """Return an address with a query. page: the address of a page without a query.

    The address opens the present class workspace, and never the visitor's own.
    """
    shared = {name: value for name, value in query.items() if name != address.WORKSPACE}
    return with_query(page, shared | visitor.class_query())


def with_query(page: str, query: dict[str, str]) -> str:
    """Return an address with this query and nothing else."""
    return f"{page}?{urlencode(query, safe=',', quote_via=quote)}" if query else page


def is_open(query: dict[str, str]) -> bool:
    """Whether this page and the draft already show what a link with this query leads to."""
    for name in query.keys() & address.PAGE_PARAMETERS:
        shown = address.get(name)
        if str(state.get(name) if shown is None else shown) != query[name]:
            return False
    spec = {name: query[name] for name in query.keys() - address.PAGE_PARAMETERS}
    return not spec or drafts.current().working_spec() == from_query(spec)
