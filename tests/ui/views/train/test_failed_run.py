"""A run that failed before it had any figures, on every page that a link may lead to."""

import pytest

from mnist_core.network.presets import find
from mnist_core.network.settings import change_settings
from mnist_core.storage.runs import Store
from tests.helpers import running, words

NAN = "the loss stopped being a number"
REASONS = {NAN: True, "the worker ran out of memory": False}


@pytest.fixture(params=REASONS)
def failed(request):
    store = Store()
    spec = change_settings(find("note-5"), {"learning_rate": 5.0})
    run = store.create_run(spec, "wild", queued=False, state="failed", reason=request.param)
    return store.run(run.id)


def test_train_says_so_once_and_offers_what_helps(failed, page):
    at = running(page("train", run=str(failed.id)))
    said, labels = words(at), [button.label for button in at.button]
    assert "has not begun" not in said
    diverged = REASONS[failed.reason]
    assert ("Try it: learning_rate = 0.5" in labels) is diverged
    assert any(label.startswith("Resume") for label in labels) is not diverged


def test_results_say_that_it_failed(failed, page):
    said = words(running(page("results", run=str(failed.id))))
    assert f"Run {failed.id} failed: {failed.reason}" in said
    assert "come once it has been trained" not in said


def test_look_inside_says_what_a_link_leads_to(failed, page):
    said = words(running(page("look", run=str(failed.id))))
    assert (
        f"Run {failed.id} in the link has no test result. Its state: failed ({failed.reason})"
        in said
    )
    assert "deleted" not in said
    assert "may have been deleted" in words(running(page("look", run="999")))


def test_an_unknown_parameter_of_an_address_is_told(page):
    assert "received 'runn': check its spelling" in words(running(page("results", runn="3")))
    assert "check its spelling" not in words(running(page("results", run="3")))
    assert "check its spelling" not in words(running(page("build", epochs="3")))
