"""The digits of a class that a run learns from: whose they are, and whether they are still here."""

import numpy as np
import pytest

from mnist_core.dataset.digit_set import is_for_testing
from mnist_core.network.spec import Split
from mnist_core.storage import handwriting
from mnist_core.storage.handwriting import OWN, CollectionError, Sample
from mnist_core.storage.runs import Store
from tests.mnist_core.digit_sets import sample


def write(store: Store, *people: str) -> list[Sample]:
    """Each person writes a digit, in this order; all look different."""
    return [
        handwriting.add(store, person, number % 10, np.full((28, 28), number, np.uint8), b"")
        for number, person in enumerate(people)
    ]


def choose(store: Store, collection: str = OWN) -> Split:
    return Split(handwriting=handwriting.choose_to_learn(store, collection))


@pytest.mark.both_databases
def test_it_learns_from_some_writers_and_none_of_the_others(url):
    store = Store("a", url)
    written = write(store, *"annnabbbbccdeeeee")
    split = choose(store)
    learned, own = handwriting.learned_digits(store, split), split.handwriting
    assert learned is not None
    assert own is not None
    kept = [each for each in written if each.writer in own.writers]
    np.testing.assert_array_equal(learned.images, [each.image for each in kept])
    np.testing.assert_array_equal(learned.labels, [each.label for each in kept])
    assert (own.images, own.last) == (len(kept), written[-1].id)
    writers = np.array([each.writer for each in written])
    new = handwriting.is_new(split, OWN, writers)
    np.testing.assert_array_equal(new, is_for_testing(writers))
    assert not set(writers[new]) & set(own.writers)


@pytest.mark.both_databases
def test_what_is_written_later_changes_nothing(url):
    store = Store("a", url)
    write(store, *"abcabc")
    split = choose(store)
    before = handwriting.learned_digits(store, split)
    write(store, *"abcdef")
    write(Store("b", url), *"abc")
    handwriting.add_set(store, "last year", sample(12, 3))
    handwriting.check_learned(store, split)
    after = handwriting.learned_digits(store, split)
    assert after is not None
    assert before is not None
    assert after.source == before.source
    assert choose(store) != split


def test_a_deleted_digit_is_told(url):
    store = Store("a", url)
    written = write(store, *"abcabc")
    split = choose(store)
    own = split.handwriting
    assert own is not None
    spared, learned = (
        next(each for each in written if (each.writer in own.writers) is learned)
        for learned in (False, True)
    )
    handwriting.remove(store, [spared.id])
    handwriting.check_learned(store, split)
    assert handwriting.learned_digits(store, split) is not None
    handwriting.remove(store, [learned.id])
    for look in (handwriting.check_learned, handwriting.learned_digits):
        with pytest.raises(CollectionError, match="no longer here as they were chosen: some were"):
            look(store, split)


def test_another_workspace_has_none_of_them(url):
    store = Store("a", url)
    write(store, *"abc")
    write(Store("b", url), *"abd")
    split = choose(store)
    assert handwriting.learned_digits(store, split) is not None
    with pytest.raises(CollectionError, match="or they are in another workspace"):
        handwriting.learned_digits(Store("b", url), split)


@pytest.mark.parametrize("people", ["", "a", "aaaa"])
def test_it_needs_two_writers(url, people):
    store = Store("a", url)
    write(store, *people)
    with pytest.raises(CollectionError, match="needs 2 writers or more"):
        handwriting.choose_to_learn(store)


@pytest.mark.both_databases
def test_an_imported_set_stays_apart(url):
    store = Store("a", url)
    (mine,) = write(store, "anna")
    brought = sample(20, 4)
    assert handwriting.add_set(store, " last\nyear ", brought) == 20
    assert handwriting.imported(store) == ["last year"]
    assert handwriting.imported(Store("b", url)) == []
    assert handwriting.ids(store) == [mine.id]
    found = handwriting.samples(store, collection="last year")
    assert [each.id for each in found] == handwriting.ids(store, "last year")
    np.testing.assert_array_equal([each.image for each in found], brought.images)
    assert [each.writer for each in found] == brought.writers.tolist()
    drawn = handwriting.drawings(store, "last year")
    assert [drawn[each.id] for each in found] == list(brought.drawings)
    split = choose(store, "last year")
    assert handwriting.is_new(split, OWN, np.array([1, 2, 3, 4])).all()
    assert not handwriting.is_new(split, "last year", brought.writers).all()
    with pytest.raises(CollectionError, match="received 'last year', which is here already"):
        handwriting.add_set(store, "last year", brought)
    with pytest.raises(CollectionError, match="must have a name; received none"):
        handwriting.add_set(store, " \n", brought)
    handwriting.remove(store, handwriting.ids(store, "last year"))
    assert handwriting.imported(store) == []
