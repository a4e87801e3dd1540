"""What an address asks for: a test image, if there is one of that number."""

import pytest

from ui.session import address, selection, state


@pytest.fixture(autouse=True)
def values(monkeypatch) -> dict[str, object]:
    """The values of a session."""
    kept: dict[str, object] = {}
    monkeypatch.setattr(state, "get", lambda name, default=None: kept.get(name, default))
    return kept


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("0", 0),
        ("9999", 9999),
        ("00007", 7),
        ("10000", None),
        ("00000000099999", None),
        ("-1", None),
        ("7.0", None),
        ("seven", None),
        ("\u0663\u0663\u0663\u0663\u0663", None),
        (None, None),
    ],
)
def test_an_address_names_a_test_image_or_none(monkeypatch, asked, found):
    monkeypatch.setattr(address, "get", {address.IMAGE: asked}.get)
    assert selection.asked_image("box") == found


def test_an_address_that_the_page_wrote_itself_asks_for_nothing(monkeypatch, values):
    monkeypatch.setattr(address, "get", {address.IMAGE: "7"}.get)
    values[state.key("box", "written")] = "7"
    assert selection.asked_image("box") is None
