"""A hosted server through its pages: what it allows, what will go, and workspaces for classes."""

import re

import pytest
import segno
import streamlit as st

from mnist_core.network import presets
from mnist_core.storage import classes
from mnist_core.storage.quota import Usage, usage
from mnist_core.storage.runs import Store
from mnist_core.storage.workspaces import (
    is_class_token,
    is_token,
    new_class_token,
    new_token,
    workspace_of,
)
from mnist_core.utils.paths import PROJECT
from mnist_core.utils.server_settings import ServerSettings
from tests.helpers import words
from ui.session import address, cache, visitor

HOSTING = PROJECT / "docs" / "hosting.md"
FAST = presets.find("fast")
LIMITS = {
    name: field.default
    for name, field in ServerSettings.model_fields.items()
    if name.startswith("max_")
}


@pytest.fixture
def me(hosted, monkeypatch):
    """me(max_runs=2): a visitor of a hosted server, whose browser keeps cookies; their store."""

    def come(**limits: float) -> Store:
        hosted(**limits)
        token = new_token()
        monkeypatch.setattr(visitor, "cookie", lambda: token)
        return Store(workspace_of(token))

    return come


def resting(store: Store, count: int) -> list[int]:
    runs = [store.create_run(FAST, f"r{n}", queued=False) for n in range(count)]
    return [run.id for run in runs]


def test_alone_on_a_laptop_nothing_of_it_is_shown(page):
    at = page("home")
    assert not at.exception
    assert not [found.value for found in at.header if "server" in found.value]
    assert address.WORKSPACE not in at.query_params


def test_the_limits_are_on_the_home_page_with_what_is_used(page, me):
    store = me(max_runs=7, max_epochs=12, max_seconds=90, max_database_mb=5)
    resting(store, 2)
    store.create_run(FAST)
    at = page("home")
    at.session_state["hosted_limits"] = True
    at.run()
    assert not at.exception
    table = at.dataframe[-1].value.set_index("What")
    assert len(table) == len(set(table.index)) == len(LIMITS)
    assert table.loc["Epochs per run", "Limit"] == "12"
    assert table.loc["Seconds of training per run", "Limit"] == "90"
    assert table.loc["MB of runs, all workspaces", "Limit"] == "5"
    assert tuple(table.loc["Runs per workspace"]) == ("7", "3")
    assert tuple(table.loc["Queued runs per workspace"])[1] == "1"
    assert usage(store.database, store.workspace) == Usage(waiting=1, runs=3)


def test_what_will_go_is_said_before_it_goes(page, me):
    store = me(max_runs=3)
    oldest, pinned, _ = resting(store, 3)
    store.update(oldest, pinned=True)
    assert f"for this run, 1 run will be deleted ({pinned})" in words(page("build"))
    at = page("train")
    assert f"for this run, 1 run will be deleted ({pinned})" in words(at)
    next(b for b in at.button if b.label == "Start training").click().run()
    assert not at.exception
    left = {run.id for run in store.runs()}
    assert oldest in left
    assert pinned not in left
    assert len(left) == 3


def test_nothing_is_said_while_there_is_room(page, me):
    resting(me(max_runs=3), 2)
    assert "will be deleted" not in words(page("train"))


def test_a_full_queue_is_told_and_keeps_what_was_chosen(page, me):
    store = me(max_queued=1)
    at = page("train", network="C4 M F", epochs="3")
    start = next(b for b in at.button if b.label == "Start training")
    start.click().run()
    next(b for b in at.button if b.label == "Start training").click().run()
    assert not at.exception
    assert "at most 1 run of a workspace may wait" in words(at)
    assert len(store.runs()) == 1
    assert "`C4 M F`, 3 epochs" in words(at)


def test_too_many_epochs_are_refused_before_anything_is_queued(page, me):
    store = me(max_epochs=5)
    for name in ("build", "train"):
        at = page(name, network="C4 M F", epochs="6")
        assert [w for w in at.warning if "at most 5 epochs" in w.value], name
        start = "Start training" if name == "train" else "Train this network"
        next(b for b in at.button if b.label == start).click().run()
        assert not at.exception
        assert "at most 5 epochs; this one would have 6" in words(at)
        assert not store.runs()


def test_a_network_over_the_limit_is_refused_on_build(page, me):
    me(max_parameters=10_000)
    at = page("build", network="F D128")
    assert not at.exception
    assert "at most 10,000 parameters" in words(at)


def test_a_class_is_made_shared_and_left(page, me):
    store = me()
    resting(store, 1)
    at = page("learn", learn_tab="For teachers")
    next(b for b in at.button if b.label == "Create a class workspace").click().run()
    assert not at.exception
    token = at.query_params[address.WORKSPACE]
    assert token in at.code[0].value
    class_store = Store(workspace_of(token))
    class_store.create_run(FAST, "everybody's")
    at.switch_page("../../pages/compare.py").run()
    assert "everybody's" in str(at.dataframe[0].value)
    next(b for b in at.button if b.label == "Back to my workspace").click().run()
    assert not at.exception
    assert "everybody's" not in str(at.dataframe[0].value)
    assert address.WORKSPACE not in at.query_params
    assert [run.name for run in store.runs()] == ["r0"]


def test_the_name_of_a_class_is_shown_as_it_was_written(page, me):
    me()
    token = new_class_token()
    at = page("learn", learn_tab="For teachers", workspace=token)
    letters = workspace_of(token)[:4].upper()
    assert f"Class workspace {letters}:" in words(at)
    at.text_input("learn_class_name").set_value(" 7b *physics* ").run()
    assert not at.exception
    shown = r"7b \*physics\*"
    assert f"Class workspace {shown}:" in words(at)
    assert f"You are in the class workspace **{shown}**" in words(at)
    assert f"Class workspace {shown}." in words(page("home", workspace=token))
    me()  # somebody else
    assert f"Class workspace {shown}:" in words(page("train", workspace=token))
    at.text_input("learn_class_name").set_value("").run()
    assert f"Class workspace {letters}:" in words(at)


def test_a_class_gets_a_short_link_and_its_qr_code(page, me):
    me()
    token = new_class_token()
    at = page("learn", learn_tab="For teachers", workspace=token)
    long = at.code[0].value
    assert long.endswith(token)
    warning = "Make a short link above before you hand it out."
    assert warning in words(at)
    at.button("learn_class_code").click().run()
    assert not at.exception
    assert warning not in words(at)
    code = classes.find(Store(workspace_of(token))).code
    assert code is not None
    assert at.code[0].value == long
    short = at.code[1].value
    assert short == long.replace(token, code)
    at.button("learn_class_show").click().run()
    assert not at.exception
    (image,) = at.image
    (element,) = image.proto.imgs
    drawn = segno.make(short, error="m").svg_data_uri(border=2, light="white")
    assert element.url == drawn
    other = page("learn", learn_tab="For teachers", workspace=code)
    assert [link.value for link in other.code if token in link.value] == []
    assert other.code[0].value == short


def test_no_visitor_turns_the_engine_off(page, me):
    """Whoever has a websocket can have Streamlit empty its caches, for everybody."""
    me()
    before = cache.engine()
    st.cache_resource.clear()
    st.cache_data.clear()
    assert cache.engine() is before


@pytest.mark.parametrize("opened", ["lent", None])
def test_a_class_is_made_where_the_address_names_a_workspace(page, me, monkeypatch, opened):
    """As it does in a lent one, and where the browser keeps no cookies."""
    me()
    named = {address.WORKSPACE: new_token()}
    if opened is None:
        monkeypatch.setattr(visitor, "cookie", lambda: None)
        monkeypatch.setattr(visitor, "new_token", lambda: named[address.WORKSPACE])
    at = page("learn", learn_tab="For teachers", **named)
    assert dict(at.query_params)[address.WORKSPACE] in (named[address.WORKSPACE], [*named.values()])
    next(b for b in at.button if b.label == "Create a class workspace").click().run()
    assert not at.exception
    assert is_class_token(at.query_params[address.WORKSPACE])
    assert "Class workspace" in words(at)


def test_a_browser_that_stores_nothing_is_told_that_a_link_is_all_there_is(page, me, monkeypatch):
    """Nobody can tell whether the address is its own or was sent by somebody who keeps it too."""
    me()
    monkeypatch.setattr(visitor, "cookie", lambda: None)
    at = page("home")
    assert is_token(at.query_params[address.WORKSPACE])
    assert "If somebody sent you this address, they see the same runs" in words(at)
    assert "Nobody else" not in words(at)
    assert "you need a saved link" in words(page("home", workspace=new_class_token()))


def test_the_documents_have_every_limit_with_its_default():
    rows = dict(
        re.findall(
            r"^\| `MNIST_(MAX_\w+)` \| ([\d,]+) \|", HOSTING.read_text(encoding="utf-8"), re.M
        )
    )
    limits = {name.upper(): default for name, default in LIMITS.items()}
    assert {name: int(value.replace(",", "")) for name, value in rows.items()} == limits


@pytest.mark.parametrize("name", sorted(ServerSettings.model_fields.keys() - LIMITS.keys()))
def test_the_documents_have_every_other_setting(name: str):
    assert f"`MNIST_{name.upper()}" in HOSTING.read_text(encoding="utf-8")


def test_containers_get_every_setting():
    given = (PROJECT / "compose.yaml").read_text(encoding="utf-8")
    for name in ServerSettings.model_fields:
        assert f"    MNIST_{name.upper()}: ${{MNIST_{name.upper()}:-" in given


def test_a_setting_that_is_none_is_told_and_not_traced(page, hosted):
    hosted(max_epochs="many")
    at = page("home")
    assert not at.exception
    assert "MNIST_MAX_EPOCHS is invalid" in words(at)
