"""Challenges: the boards, with rows of the database and with the real engine."""

import pytest

from mnist_core.engine import examples
from mnist_core.network import presets
from mnist_core.storage.runs import Store
from tests.helpers import wait_until, words
from ui.session import cache


@pytest.fixture
def store() -> Store:
    return Store()


def make(store: Store, preset: str, accuracy: float, **columns) -> int:
    spec = presets.find(preset)
    run = store.create_run(spec, queued=False)
    store.update(
        run.id, **{"state": "finished", "test_accuracy": accuracy, "seconds": 9.0} | columns
    )
    return run.id


def test_a_board_without_runs_says_what_is_to_beat(page):
    examples.install()
    at = page("learn", learn_tab="Challenges")
    assert not at.exception
    assert "Be the first" in words(at)
    assert "27,562 parameters" in words(at)  # the example note-5
    links = [node.proto.label for node in at.get("page_link")]
    assert "Our record: under-2000, 99\u00a0% with fewer than 2,000 parameters" in links


def test_the_newest_run_has_a_place_or_a_reason(page, store):
    make(store, "note-1", 0.9920)
    small = make(store, "note-5", 0.9860)
    newest = make(store, "note-5", 0.9700)
    at = page("learn", learn_tab="Challenges")
    assert not at.exception
    table = at.dataframe[0].value
    assert list(table["Place"]) == [1, 2]
    assert table["Run"][0] == f"■ Run {small}"
    assert table["Score"][0] == "27,562 parameters"
    assert f"run, number {newest}, is not on the leaderboard" in words(at)
    at.pills(key="learn_challenge").set_value("sixty-seconds").run()
    assert not at.exception
    assert [row.split(" ·")[0] for row in at.dataframe[0].value["Run"]] == [
        f"● Run {small - 1}", f"■ Run {small}", f"◆ Run {newest}",
    ]  # fmt: skip
    assert f"run, number {newest}, is in place 3 of 3" in words(at)


def test_an_unknown_challenge_is_named_as_it_stands(page):
    at = page("learn", learn_tab="Challenges", challenge="[here](x)")
    assert not at.exception
    assert "“\\[here\\](x)”" in at.warning[0].value  # no link


def test_turned_digits_are_measured_by_the_app(page, engine, monkeypatch):
    """The example's network as a run of one's own, measured in the worker."""
    examples.install()
    store = Store()
    example = next(run for run in store.examples() if run.name == "note-5")
    run_id = make(store, "note-5", example.test_accuracy or 0)
    for name in ("checkpoint", "weights"):
        store.put(run_id, name, store.get(example.id, name) or b"")
    cache.engine()
    at = page("learn", learn_tab="Challenges", challenge="rotation")
    assert not at.exception
    assert "has not been measured yet" in words(at)
    at.button(key="learn_measure").click().run()
    assert not at.exception
    from mnist_core.execution import jobs

    wait_until(lambda: jobs.result(store, store.run(run_id), "robustness") is not None)
    at.run()
    assert not at.exception
    figure = float(at.dataframe[0].value["Score"][0].split("\u00a0")[0])
    assert 60 < figure < 98.7  # upright it reads 98.70 % right; turned, fewer
