"""Digits of a class: whose they are, limits, and what is kept when others write at once."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec
from mnist_core.storage import handwriting, quota
from mnist_core.storage.handwriting import CollectionError
from mnist_core.storage.quota import QuotaError
from mnist_core.storage.runs import Store
from tests.mnist_core.digit_sets import sample


def image(value: int) -> np.ndarray:
    return np.full((28, 28), value, np.uint8)


@pytest.mark.both_databases
def test_a_digit_comes_back_with_its_writer(url):
    store = Store("a", url)
    drawn = [
        handwriting.add(store, person, label, image(label), bytes([label]))
        for person, label in (("anna", 7), ("ben", 3), ("anna", 0))
    ]
    found = handwriting.samples(store)
    assert [(one.writer, one.made_by, one.label) for one in found] == [
        (1, "anna", 7),
        (2, "ben", 3),
        (1, "anna", 0),
    ]
    assert [one.id for one in found] == [one.id for one in drawn] == handwriting.ids(store)
    assert all(np.array_equal(one.image, image(one.label)) for one in found)
    assert handwriting.drawings(store) == {one.id: bytes([one.label]) for one in found}
    assert [one.label for one in handwriting.samples(store, after=found[1].id)] == [0]
    assert handwriting.samples(Store("b", url)) == []


def test_the_numbers_of_writers_begin_anew_in_each_workspace(url):
    for workspace in "ab":
        store = Store(workspace, url)
        assert handwriting.add(store, "anna", 1, image(1), b"").writer == 1
        assert handwriting.add(store, "ben", 1, image(1), b"").writer == 2


def test_one_takes_back_only_what_one_wrote(url):
    store = Store("a", url)
    mine, theirs = (handwriting.add(store, who, 5, image(5), b"") for who in ("anna", "ben"))
    other = handwriting.add(Store("b", url), "anna", 5, image(5), b"")
    every = [mine.id, theirs.id, other.id]
    assert handwriting.remove(store, every, "anna") == 1
    assert handwriting.ids(store) == [theirs.id]
    assert handwriting.remove(store, every) == 1  # the teacher
    assert handwriting.ids(Store("b", url)) == [other.id]
    assert handwriting.add(store, "anna", 5, image(5), b"").id not in every


@pytest.mark.both_databases
def test_a_closed_collection_takes_nothing(url):
    store = Store("a", url)
    assert handwriting.is_open(store)
    handwriting.set_open(store, False)
    assert not handwriting.is_open(store)
    assert handwriting.is_open(Store("b", url))
    with pytest.raises(CollectionError, match="ask your teacher to reopen"):
        handwriting.add(store, "anna", 1, image(1), b"")
    assert handwriting.ids(store) == []
    handwriting.set_open(store, True)
    handwriting.add(store, "anna", 1, image(1), b"")


def test_a_hosted_server_has_limits_for_a_person_and_a_class(url, hosted):
    hosted(max_digits_per_writer=2, max_digits=3)
    store = Store("a", url)
    for _ in range(2):
        handwriting.add(store, "anna", 1, image(1), b"")
    with pytest.raises(QuotaError, match="at most 2 digits per person, and you have saved 2"):
        handwriting.add(store, "anna", 1, image(1), b"")
    last = handwriting.add(store, "ben", 1, image(1), b"")
    with pytest.raises(QuotaError, match="at most 3 digits per class"):
        handwriting.add(store, "ben", 1, image(1), b"")
    handwriting.remove(store, [last.id], "ben")
    handwriting.add(store, "ben", 1, image(1), b"")


def test_a_full_server_takes_no_digit_and_deletes_no_run_for_one(url, hosted):
    hosted(max_handwriting_mb=0.002, max_database_mb=0.001)
    store = Store("a", url)
    run = store.create_run(Spec(network=parse("F")), queued=False, state="finished")
    for workspace in "abc":  # the limit is for all workspaces together
        handwriting.add(Store(workspace, url), "anna", 1, image(1), b"12345")
    with pytest.raises(QuotaError, match=r"at most 0\.002 MB of handwriting"):
        handwriting.add(store, "anna", 1, image(1), b"")
    quota.make_room(store.database)
    assert store.run(run.id)


@pytest.mark.both_databases
def test_a_set_comes_in_whole_or_not_at_all(url, hosted):
    store = Store("a", url)
    hosted(max_digits=8)
    handwriting.add_set(store, "last year", sample(5))
    with pytest.raises(QuotaError, match="at most 8 imported digits per class; received 4"):
        handwriting.add_set(store, "again", sample(4))
    assert handwriting.imported(store) == ["last year"]


def test_the_number_of_a_writer_is_never_given_to_another_one(url):
    store = Store("a", url)
    first = handwriting.add(store, "anna", 1, image(1), b"")
    handwriting.remove(store, [first.id])
    assert handwriting.add(store, "ben", 1, image(1), b"").writer == 2


@pytest.mark.both_databases
def test_thirty_people_at_once_get_thirty_numbers(url):
    store = Store("a", url)

    def write(person: int) -> None:
        for label in range(2):
            handwriting.add(store, str(person), label, image(person), b"")

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(write, range(30)))
    found = handwriting.samples(store)
    assert len(found) == 60
    assert len({(one.writer, one.made_by) for one in found}) == 30
    assert sorted({one.writer for one in found}) == [*range(1, 31)]
