"""The model card: its figures against scikit-learn, and what it admits."""

import html
import re

import pytest
from markdown_it import MarkdownIt
from sklearn.metrics import recall_score

from mnist_core.exporting.card import of_run as card_of
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Split
from mnist_core.storage import handwriting
from mnist_core.storage.artifacts import load_report
from mnist_core.storage.runs import Store
from tests.mnist_core.digit_sets import sample
from tests.mnist_core.exporting.trained_runs import trained


def test_the_card_says_what_scikit_learn_says(small):
    store, run_id = small
    card = card_of(store, run_id)
    read = load_report(store, run_id)
    assert read
    for digit, recall in enumerate(recall_score(read.labels, read.predicted, average=None)):
        assert f"| {digit} | {100 * recall:.2f}\u00a0% |" in card
    assert f"{read.wrong:,} wrong of 10,000; 95 % interval" in card
    assert "used 1,500 of the 60,000 training images; validation used the 500 after them." in card
    assert "better than they are" not in card
    assert "CC BY-SA 3.0" in card
    assert "2 of 2 epochs" in card


def test_the_card_names_a_leak_and_what_is_not_known(url):
    store, run_id = trained(url, "F", "test")
    assert "**validation used the 10,000 test images**" in card_of(store, run_id)
    reason = "trained elsewhere with adam; its epochs are not known"
    store.update(run_id, origin="a.keras", reason=reason)
    card = card_of(store, run_id)
    assert "The images that it was trained on are not known here." in card
    assert f"Its weights came from the file 'a.keras': {reason}." in card
    assert "optimizer" not in card
    waiting = store.create_run(store.run(run_id).spec)
    assert "has not been measured on the test images" in card_of(store, waiting.id)


NAMES = ["a | b [x](http://y.z) <b>c</b>", r"`a` \| *b*"]


def handwriting_card(name: str, alone: bool, **split) -> str:
    """The card of a run that learns from an imported set of this name."""
    store = Store()
    handwriting.add_set(store, name, sample(40, 5))
    own = handwriting.choose_to_learn(store, name, mnist=not alone)
    spec = Spec(network=parse("F"), split=Split(handwriting=own, **split))
    return card_of(store, store.create_run(spec, queued=False).id)


@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_a_set_stays_one_cell_of_plain_text(name):
    shown = MarkdownIt("commonmark").enable("table").render(handwriting_card(name, alone=True))
    rows = [re.findall("<td>(.*?)</td>", row) for row in re.findall(r"(?s)<tr>(.*?)</tr>", shown)]
    [value] = [row[1] for row in rows if row[:1] == ["handwriting"]]
    assert "<" not in value
    assert html.unescape(value).replace("\u2060", "").endswith(f" of {name}")


@pytest.mark.parametrize(
    ("alone", "kind", "told"),
    [
        (True, "last", "Training used no MNIST image; validation used 500 MNIST images. "),
        (
            True,
            "test",
            "Training used no MNIST image; **validation used the 10,000 test images**. ",
        ),
        (True, "none", "Training used no MNIST image; validation used no images. "),
        (
            False,
            "last",
            "Training used 1,500 of the 60,000 training images; validation used the 500 after them",
        ),
    ],
)
def test_the_card_says_what_trained_beside_handwriting(alone, kind, told):
    card = handwriting_card("ours", alone, kind=kind, count=500, limit=2000)
    assert told in card
    assert 'It was trained on 32 handwritten digits by 4 writers of the set "ours"' in card
