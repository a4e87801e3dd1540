"""Values of a session: keys, defaults, and what is left when they are cleared."""

from types import SimpleNamespace

import pytest

from ui.session import state


@pytest.fixture(autouse=True)
def values(monkeypatch) -> dict[str, object]:
    """The values of a session, as Streamlit has them."""
    streamlit = SimpleNamespace(session_state={})
    monkeypatch.setattr(state, "st", streamlit)
    return streamlit.session_state


def test_a_key_joins_words_and_numbers():
    assert state.key("look", "conv2d_1", 3) == "look_conv2d_1_3"


def test_a_value_has_a_default_until_it_is_put():
    assert state.get("count", 7) == 7
    state.put("count", 8)
    assert state.get("count", 7) == 8
    assert state.setdefault("count", 9) == 8
    state.increment("count")
    assert state.pop("count") == 9
    assert not state.has("count")
    state.increment("count")
    assert state.get("count") == 1


def test_a_required_value_must_be_there_and_of_its_kind():
    with pytest.raises(KeyError):
        state.require("token", str)
    state.put("token", 3)
    with pytest.raises(TypeError, match="token must be str; received int"):
        state.require("token", str)
    assert state.require("token", int) == 3


def test_all_but_some_values_are_cleared(values):
    values.update(own="token", draft=1, run=2)
    state.clear(keep=("own",))
    assert values == {"own": "token"}
