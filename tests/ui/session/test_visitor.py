"""Whose workspace a session is in where no cookie arrives: what the browser has stored decides."""

from collections.abc import Callable, Iterator

import pytest

from ui.session import address, state, visitor

AWAITS_BROWSER = visitor.awaits_browser  # the real one, which the pages' tests replace
OWN, OTHER, CLASS = "o" * 22, "t" * 22, "class-" + "c" * 22


@pytest.fixture
def begin(hosted, monkeypatch) -> Iterator[Callable[..., dict[str, str]]]:
    """begin(workspace=...): a new session with this in its address; return the address."""
    monkeypatch.setattr(visitor, "awaits_browser", AWAITS_BROWSER)
    hosted()

    def start(**query: str) -> dict[str, str]:
        state.clear()
        monkeypatch.setattr(address, "get", query.get)
        monkeypatch.setattr(
            address, "put", lambda name, value: query.update({name: value}) if value else None
        )
        visitor.enter()
        return query

    yield start
    state.clear()


def test_a_returning_visitor_is_recognized(begin):
    written = begin()
    assert visitor.awaits_browser()
    assert visitor.token_to_store() == visitor.own_token() != OWN
    state.put("draft", "of another workspace")
    visitor.recognize(OWN)
    visitor.enter()
    assert visitor.own_token() == OWN
    assert visitor.is_own()
    assert visitor.is_remembered()
    assert not visitor.awaits_browser()
    assert not state.has("draft")
    assert written == {}


def test_a_new_visitor_keeps_what_the_browser_has_just_stored(begin):
    begin()
    token = visitor.token_to_store()
    state.put("draft", "mine")
    visitor.recognize(token)
    assert visitor.own_token() == token
    assert visitor.is_remembered()
    assert state.has("draft")


@pytest.mark.parametrize("asked", [OTHER, CLASS])
def test_a_link_to_another_workspace_leaves_the_own_one_as_it_is(begin, asked):
    begin(workspace=asked)
    visitor.recognize(OWN)
    visitor.enter()
    assert visitor.own_token() == OWN
    assert not visitor.is_own()
    assert visitor.in_class() == (asked == CLASS)
    visitor.go_to(None)
    assert visitor.is_own()
    assert visitor.is_remembered()


@pytest.mark.parametrize("sent", [None, "", "short", 7, {"token": OWN}, CLASS, OWN + "x"])
def test_where_nothing_is_stored_the_address_is_the_key(begin, sent):
    written = begin(workspace=OTHER)
    visitor.recognize(sent)
    visitor.enter()
    assert visitor.own_token() == OTHER
    assert not visitor.is_remembered()
    assert written == {"workspace": OTHER}


def test_a_browser_is_believed_once(begin):
    begin()
    visitor.recognize(None)
    mine = visitor.own_token()
    visitor.go_to(CLASS)
    visitor.recognize(OTHER)
    assert visitor.own_token() == mine


def test_the_language_of_lessons_goes_along_into_a_class(begin):
    begin()
    visitor.recognize(OWN)
    state.put(address.LANGUAGE, "de")
    state.put("draft", "mine")
    visitor.enter()
    visitor.go_to(CLASS)
    assert state.get(address.LANGUAGE) == "de"
    assert not state.has("draft")


def test_a_cookie_decides_and_nothing_is_stored(begin, monkeypatch):
    monkeypatch.setattr(visitor, "cookie", lambda: OWN)
    begin()
    assert visitor.token_to_store() is None
    visitor.recognize(OTHER)
    assert visitor.own_token() == OWN
    assert visitor.is_remembered()


def test_a_server_on_a_laptop_awaits_nobody(monkeypatch):
    monkeypatch.setattr(visitor, "awaits_browser", AWAITS_BROWSER)
    assert not visitor.awaits_browser()
    assert visitor.token_to_store() is None
