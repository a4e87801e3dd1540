"""The home page: a way in for newcomers, the last runs for others."""

from mnist_core.engine import examples
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec
from mnist_core.storage.runs import Store


def test_a_newcomer_is_led_to_the_images(page):
    examples.install()
    at = page("home")
    assert not at.exception
    assert at.title[0].value == "MNIST, understood"
    assert list(at.dataframe[0].value["Network"]) == [
        "C8 M C16 M F D64 Drop0.2",
        "C16k5 M C48 M C64same F D128",
    ]
    at.button[0].click().run()
    assert not at.exception
    assert at.title[0].value == "The data"


def test_the_last_runs_are_listed_with_their_results(page):
    store = Store()
    run = store.create_run(Spec(network=parse("F D8")), "mine")
    store.update(run.id, state="finished", epochs=5, test_accuracy=0.987, test_loss=0.04)
    at = page("home")
    assert not at.exception
    row = at.dataframe[0].value.iloc[0]
    assert row["On the test set"] == "98.70\u00a0%: 130 wrong of 10,000"
    assert row["Parameters"] == 6_370
    assert "Draw" in at.button[0].label
