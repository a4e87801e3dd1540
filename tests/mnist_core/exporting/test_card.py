"""The model card: its figures against scikit-learn, and what it admits."""

from sklearn.metrics import recall_score

from mnist_core.exporting.card import of_run as card_of
from mnist_core.storage.artifacts import load_report
from tests.mnist_core.exporting.trained_runs import trained


def test_the_card_says_what_scikit_learn_says(small):
    store, run_id = small
    card = card_of(store, run_id)
    read = load_report(store, run_id)
    assert read
    for digit, recall in enumerate(recall_score(read.labels, read.predicted, average=None)):
        assert f"| {digit} | {100 * recall:.2f}\u00a0% |" in card
    assert f"{read.wrong:,} wrong of 10,000; 95 % interval" in card
    assert "1,500 of the 60,000 training images trained it; the 500 after them validated." in card
    assert "flatter" not in card
    assert "CC BY-SA 3.0" in card
    assert "2 of 2 epochs" in card


def test_the_card_names_a_leak_and_what_is_not_known(url):
    store, run_id = trained(url, "F", "test")
    assert "**the 10,000 test images validated it**" in card_of(store, run_id)
    reason = "trained elsewhere with adam; its epochs are not known"
    store.update(run_id, origin="a.keras", reason=reason)
    card = card_of(store, run_id)
    assert "Which images trained it is not known here." in card
    assert f"Its weights came from the file 'a.keras': {reason}." in card
    assert "optimizer" not in card
    waiting = store.create_run(store.run(run_id).spec)
    assert "has not been measured on the test images" in card_of(store, waiting.id)
