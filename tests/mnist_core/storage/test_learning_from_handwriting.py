"""The digits of a class that a run learns from: whose they are, and whether they are still here."""

import numpy as np
import pytest

from mnist_core.dataset.digit_set import DigitSet, is_for_testing
from mnist_core.evaluation.run import Run
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Split, Transfer
from mnist_core.network.transfer import weight_shapes
from mnist_core.storage import handwriting
from mnist_core.storage.handwriting import OWN, CollectionError, Sample
from mnist_core.storage.runs import Store
from mnist_core.utils.npz import fingerprint, pack
from tests.mnist_core.digit_sets import sample


def write(store: Store, *people: str) -> list[Sample]:
    """Each person writes a digit, in this order; all look different."""
    return [
        handwriting.add(
            store, person, number % 10, np.pad(np.full((26, 26), number + 1, np.uint8), 1), b""
        )
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
    run = store.create_run(Spec(network=parse("F"), split=split))
    new = handwriting.is_new(handwriting.learned_marks(store, run.id), OWN, written)
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
        with pytest.raises(CollectionError, match="to learn from are missing: they were deleted"):
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
    with pytest.raises(CollectionError, match="needs at least 2 writers"):
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
    with pytest.raises(CollectionError, match="already has a set named 'last year'"):
        handwriting.add_set(store, "last year", brought)
    for name in (" \n", "Our class", "class"):
        with pytest.raises(CollectionError, match="needs a name of its own, other than"):
            handwriting.add_set(store, name, brought)
    handwriting.remove(store, handwriting.ids(store, "last year"))
    assert handwriting.imported(store) == []


def known_writers(store: Store, run: Run, collection: str = OWN) -> set[int]:
    """The writers of a collection from whom a run has learned, as is known from its marks."""
    found = handwriting.samples(store, collection=collection)
    new = handwriting.is_new(handwriting.learned_marks(store, run.id), collection, found)
    return {each.writer for each, is_new in zip(found, new, strict=True) if not is_new}


def trained(store: Store, spec: Spec, value: float) -> Run:
    """A run with weights, made up."""
    run = store.create_run(spec, queued=False)
    shapes = weight_shapes(spec.network).items()
    weights = {name: np.full(shape, value, np.float32) for name, shape in shapes}
    store.save_weights(run.id, b"", pack(weights), fingerprint(weights), 1.0)
    return store.run(run.id)


def going_on(run: Run, split: Split) -> Spec:
    return Spec(
        network=run.spec.network, split=split, transfer=Transfer(source=run.weights_hash or "")
    )


@pytest.mark.both_databases
def test_a_run_knows_the_writers_of_the_runs_that_it_goes_on_from(url):
    store = Store("a", url)
    write(store, *"abcdeabcde")
    first = trained(store, Spec(network=parse("F"), split=choose(store)), 0.1)
    assert known_writers(store, first) == {1, 3, 4, 5}
    second = trained(store, going_on(first, Split()), 0.2)
    handwriting.add_set(store, "last year", sample(20, 4))
    third = trained(store, going_on(second, choose(store, "last year")), 0.3)
    store.delete_run(first.id)
    store.delete_run(second.id)
    last = store.create_run(going_on(third, Split()))
    assert known_writers(store, last) == known_writers(store, third) == {1, 3, 4, 5}
    assert known_writers(store, last, "last year") == {1, 3, 4}
    assert known_writers(store, store.create_run(Spec(network=parse("F")))) == set()


def test_digits_that_were_exported_and_imported_again_hide_no_writer(url):
    store = Store("a", url)
    written = write(store, *"abcdeabcde")
    again = DigitSet(
        np.stack([each.image for each in written]),
        np.array([each.label for each in written], np.uint8),
        np.array([each.writer + 20 for each in written], np.int32),
        (b"",) * len(written),
    )
    handwriting.add_set(store, "copy", again)
    run = store.create_run(Spec(network=parse("F"), split=choose(store, "copy")))
    copied = {writer - 20 for writer in known_writers(store, run, "copy")}
    assert known_writers(store, run) == copied != set()
    other = Store("b", url)
    handwriting.add_set(other, "ours", again)
    run = other.create_run(Spec(network=parse("F"), split=choose(other, "ours")))
    assert {writer - 20 for writer in known_writers(other, run, "ours")} == copied


def test_a_part_stays_as_it_is_while_others_write(url):
    store = Store("a", url)
    write(store, *"abcde")
    before = choose(store).handwriting
    write(store, *"bbbbbbccfghijklm")
    after = choose(store).handwriting
    assert before is not None
    assert after is not None
    assert set(before.writers) <= set(after.writers)


def test_a_run_of_digits_that_are_not_here_is_not_made(url):
    store = Store("a", url)
    write(store, *"abab")
    split = choose(store)
    handwriting.remove(store, handwriting.ids(store)[:1])
    for other in (store, Store("b", url)):
        with pytest.raises(CollectionError, match="digits to learn from are missing"):
            other.create_run(Spec(network=parse("F"), split=split))
        assert other.runs() == []


def test_a_person_keeps_the_number_when_all_digits_are_gone(url):
    store = Store("a", url)
    write(store, *"ab")
    handwriting.remove(store, handwriting.ids(store))
    assert [each.writer for each in write(store, *"bcb")] == [2, 3, 2]
