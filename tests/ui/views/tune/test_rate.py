"""The tab Learning rate of the page Tune, with curves of known shape, and once for real."""

import numpy as np
import pytest

from mnist_core.engine.status import STARTING
from mnist_core.evaluation.history import Progress
from mnist_core.evaluation.run import INACTIVE_STATES, Run
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Split, Training
from mnist_core.storage.runs import Store
from mnist_core.training import learning_rate_finder
from tests.helpers import click, wait_until, words
from ui.session import cache

TAB = {"tune_tab": "Learning rate"}
SPEC = Spec(
    network=parse("C4 M F D16"),
    training=Training(batch_size=64),
    split=Split(kind="last", count=500, limit=2000),
)
QUICK = {"network": "C4 M F D16", "split": "last", "count": "500", "limit": "2000"}


class Engine:
    """One that never gets ready."""

    def status(self):
        return STARTING

    def wake(self):
        pass

    def speed(self):
        return None


@pytest.fixture
def resting(monkeypatch) -> None:
    monkeypatch.setattr(cache, "engine", lambda: Engine())


def finished(spec: Spec = SPEC, flat: bool = False) -> Run:
    """A test that is over, its least loss at a rate of 0.1."""
    store, test = Store(), learning_rate_finder.range_test(spec)
    run = store.create_run(test, "learning-rate test")
    steps = 400
    rates = learning_rate_finder.rates(10, steps, steps)
    loss = 0.3 + 2 / (1 + (rates / 0.01) ** 2) + np.maximum(0, rates / 0.1 - 1)
    loss = (np.full(steps, 2.3) if flat else loss).astype(np.float32)
    progress = Progress(1, 1, steps, steps, 1.0, 0.5, 1e4, 0.0, 0, loss, loss)
    store.record_progress(run.id, [progress])
    store.update(run.id, state="finished", planned=1, seconds=12.0)
    return store.run(run.id)


@pytest.mark.usefixtures("resting")
def test_without_a_test_there_is_the_draft_and_a_start(page):
    at = page("tune", **TAB, **QUICK, optimizer="sgd")
    assert "sgd with learning rate" in words(at)
    assert "No test yet" in words(at)
    click(at, "Start the test")
    [run] = Store().runs()
    assert learning_rate_finder.is_range_test(run.spec)
    assert (run.state, run.spec.network) == ("queued", SPEC.network)
    assert "Waiting" in at.get("progress")[0].proto.text
    click(at, "Stop")
    assert Store().run(run.id).state == "stopped"


@pytest.mark.usefixtures("resting")
def test_a_draft_that_cannot_work_is_not_tested(page):
    at = page("tune", **TAB, network="M M M M M F")
    assert "cannot be trained yet" in words(at)
    assert not [b for b in at.button if b.label == "Start the test"]


@pytest.mark.usefixtures("resting")
def test_the_suggestion_goes_to_build(page):
    run = finished()
    at = page("tune", **TAB, **QUICK, epochs="7")
    found = learning_rate_finder.suggest(
        learning_rate_finder.recorded_curve(run, Store().batches(run.id)[0])
    )
    assert found
    assert 0.05 < found.lowest < 0.2
    assert f"Suggestion: ◆ {found.tenth:.2g}" in words(at)
    at.radio[0].set_value("steepest").run()
    click(at, f"Use {found.steepest:.2g} in Build")
    assert "Build has the learning rate" in words(at)
    draft = at.session_state["draft"]
    assert draft.training.learning_rate == pytest.approx(found.steepest, rel=0.05)
    assert draft.training.epochs == 7
    at.switch_page("../../pages/build.py").run()
    assert not at.exception
    [box] = [n for n in at.number_input if n.label == "learning_rate"]
    assert box.value == pytest.approx(found.steepest, rel=0.05)


@pytest.mark.usefixtures("resting")
def test_earlier_tests_can_be_chosen_and_another_network_is_said(page):
    first = finished()
    second = finished(SPEC.model_copy(update={"network": parse("F D32")}))
    at = page("tune", **TAB, **QUICK)
    assert at.selectbox(key="tune_rate_run").value == second.id
    assert "a different network or optimizer" in words(at)
    at.selectbox(key="tune_rate_run").set_value(first.id).run()
    assert "a different network or optimizer" not in words(at)


@pytest.mark.usefixtures("resting")
def test_what_is_recommended_depends_on_the_optimizer(page):
    finished(SPEC.model_copy(update={"training": Training(optimizer="sgd")}))
    at = page("tune", **TAB, **QUICK, optimizer="sgd")
    assert "Suggestion: ▼" in words(at)
    assert at.radio[0].value == "steepest"


@pytest.mark.usefixtures("resting")
def test_a_loss_that_never_fell_suggests_nothing(page):
    finished(flat=True)
    at = page("tune", **TAB, **QUICK)
    assert "has not fallen" in words(at)
    assert not at.radio


@pytest.mark.usefixtures("resting")
def test_build_offers_no_range_test_even_if_a_link_asks_for_it(page):
    at = page("build", network="F D32", schedule="range_test", learning_rate="10")
    assert not at.exception
    [box] = [s for s in at.selectbox if s.label == "schedule"]
    assert box.value == "constant"
    assert "range_test" not in box.options


@pytest.mark.slow
@pytest.mark.usefixtures("engine")
def test_a_test_for_real(page):
    store = Store()
    at = click(page("tune", **TAB, **QUICK), "Start the test")
    run = next(run for run in store.runs() if learning_rate_finder.is_range_test(run.spec))
    wait_until(lambda: store.run(run.id).state in INACTIVE_STATES)
    at.run()
    assert store.run(run.id).state == "finished"
    assert "Suggestion" in words(at)
    assert "the loss diverged" in words(at)
