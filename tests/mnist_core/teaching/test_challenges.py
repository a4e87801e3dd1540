"""Boards of results: who takes part, in which order, and why others do not."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_core.evaluation.run import Run
from mnist_core.insight.distortions import DISTORTIONS
from mnist_core.network import presets
from mnist_core.network.query import from_query
from mnist_core.network.spec import Spec, Split, Training
from mnist_core.network.summary import check_limits
from mnist_core.storage.runs import Store
from mnist_core.teaching import challenges
from mnist_core.teaching.challenges import CHALLENGES, board

NOTE_5 = presets.find("note-5")
_COLUMNS: dict[str, Any] = dict.fromkeys(field.name for field in fields(Run))
_COLUMNS |= {"spec": NOTE_5, "state": "finished", "origin": "", "parameters": 27_562}
RUN = Run(**_COLUMNS)
"""What a board does not look at is missing."""


@pytest.fixture
def store(url) -> Store:
    return Store(url=url)


def make(store: Store, accuracy: float | None, spec: Spec = NOTE_5, **columns):
    """A finished run of a spec with that test accuracy."""
    run = store.create_run(spec, queued=False)
    store.update(
        run.id, **{"state": "finished", "test_accuracy": accuracy, "seconds": 9.0} | columns
    )
    return store.run(run.id)


def order(name: str, store: Store, rotations=None) -> list[tuple[int, int]]:
    """(place, run) of a board, from the top."""
    made = board(CHALLENGES[name], store.runs(), rotations)
    return [(place.place, place.run.id) for place in made.places]


def test_the_smallest_of_those_that_are_accurate_enough_wins(store):
    big = make(store, 0.9930, presets.find("note-1"))
    small = make(store, 0.9850)  # exactly the limit
    better = make(store, 0.9851)
    poor = make(store, 0.9849)
    assert order("smallest", store) == [(1, better.id), (2, small.id), (3, big.id)]
    made = board(CHALLENGES["smallest"], store.runs())
    assert made.places[0].score.figure == "27,562 parameters"
    assert "98.49" in made.outside[poor.id]


def test_a_preset_that_is_a_record_may_take_part(store):
    records = {name: each.record for name, each in CHALLENGES.items() if each.record}
    assert records == {"smallest": "under-2000", "sixty-seconds": "fast"}
    for accuracy, (name, preset) in zip((0.990, 0.991), records.items(), strict=True):
        run = make(store, accuracy, presets.find(preset), parameters=1_886)
        assert order(name, store)[0] == (1, run.id)


def test_a_minute_is_sixty_seconds(store):
    slow = make(store, 0.9999, seconds=60.1)
    quick = make(store, 0.9900, seconds=10.0)
    just = make(store, 0.9900, seconds=60.0)
    best = make(store, 0.9910, seconds=59.0)
    assert order("sixty-seconds", store) == [(1, best.id), (2, quick.id), (3, just.id)]
    assert "1 min 00 s" in board(CHALLENGES["sixty-seconds"], store.runs()).outside[slow.id]


@pytest.mark.parametrize(
    ("split", "takes_part"),
    [
        (Split(kind="none", limit=1000), True),
        (Split(kind="last", count=59_000), True),  # the first thousand train
        (Split(kind="none", limit=1001), False),
        (Split(kind="last", limit=1500, count=400), False),
        (Split(kind="fraction", limit=1200, fraction=0.2), True),
    ],
)
def test_a_thousand_images_are_counted_after_the_split(store, split, takes_part):
    spec = Spec(network=NOTE_5.network, training=Training(), split=split)
    make(store, 0.95, spec)
    assert bool(order("thousand-images", store)) == takes_part


def test_equals_share_a_place(store):
    one, two, three = make(store, 0.98), make(store, 0.98), make(store, 0.97)
    turned = {one.id: 0.9, two.id: 0.9, three.id: 0.8}
    assert order("rotation", store, turned) == [(1, one.id), (1, two.id), (3, three.id)]


def test_rotation_is_the_mean_up_to_45_degrees_and_unmeasured_runs_wait(store):
    levels = DISTORTIONS["rotated"].levels
    accuracy = [level / 1000 for level in levels]
    found = {"rotated": np.array([accuracy, np.zeros(len(levels))], np.float32)}
    assert challenges.rotation(found) == pytest.approx((0 + 10 + 20 + 30 + 45) / 5000)
    run = make(store, 0.98)
    assert "not been measured" in board(CHALLENGES["rotation"], store.runs()).outside[run.id]


@pytest.mark.parametrize("name", CHALLENGES)
@pytest.mark.parametrize(
    ("columns", "spec"),
    [
        ({"origin": "model.h5"}, NOTE_5),
        ({"trial": 0}, NOTE_5),
        ({"state": "running"}, NOTE_5),
        ({"test_accuracy": None}, NOTE_5),
        ({}, presets.find("note-2")),  # the test set validates
    ],
)
def test_who_may_not_take_part_is_told_why(store, name, columns, spec):
    run = make(store, 0.99, spec, **columns)
    made = board(CHALLENGES[name], store.runs(), {run.id: 0.9})
    assert not made.places
    assert made.outside[run.id] == challenges.exclusion_reason(run) != ""


def test_the_runs_of_others_and_deleted_ones_are_not_on_a_board(store):
    other = Store("somebody-else", store.database.url)
    make(other, 0.99)
    gone = make(store, 0.99)
    store.delete_run(gone.id)
    assert order("smallest", store) == []


@given(st.lists(st.tuples(st.integers(9_700, 10_000), st.floats(1, 90)), max_size=30))
def test_no_place_is_beaten_by_a_later_one(results):
    runs = [
        replace(RUN, id=number, test_accuracy=right / 10_000, seconds=seconds)
        for number, (right, seconds) in enumerate(results, 1)
    ]
    made = board(CHALLENGES["sixty-seconds"], runs)
    accuracies = [place.run.test_accuracy or 0 for place in made.places]
    assert accuracies == sorted(accuracies, reverse=True)
    assert len(made.places) + len(made.outside) == len(runs)
    assert all(place.run.seconds <= 60 for place in made.places)
    for place in made.places:  # its place is one more than the number of strictly better ones
        better = [p for p in made.places if p.score.rank < place.score.rank]
        assert place.place == 1 + len(better)


@pytest.mark.parametrize("challenge", CHALLENGES.values(), ids=lambda challenge: challenge.name)
def test_every_start_is_a_network_that_may_take_part(challenge):
    spec = from_query(challenge.start)
    check_limits(spec.network)
    assert spec.split.kind != "test"
    if challenge.name == "thousand-images":
        assert spec.split.images == 1000
