"""The Results page: its figures against NumPy, its filters and cells; no training."""

from types import SimpleNamespace
from urllib.parse import parse_qsl

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import softmax
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, log_loss
from streamlit.testing.v1 import AppTest

from mnist_core.dataset import mnist
from mnist_core.engine import examples
from mnist_core.engine.status import READY
from mnist_core.evaluation.history import Epoch
from mnist_core.evaluation.report import Report
from mnist_core.evaluation.run import Run
from mnist_core.network.presets import find
from mnist_core.network.settings import change_settings
from mnist_core.network.spec import Network, Spec
from mnist_core.network.transfer import weight_shapes
from mnist_core.storage.runs import Store
from mnist_core.utils.npz import fingerprint, pack
from tests.helpers import MAIN_SCRIPT, checked, linked_images, words
from ui.session import cache


def open_page(tab: str = "Overview", **state) -> AppTest:
    at = AppTest.from_file(MAIN_SCRIPT, default_timeout=20).run()
    at.switch_page("../../pages/results.py")
    for key, value in {"results_tab": tab, **state}.items():
        at.session_state[key] = value
    return checked(at.run())


def open_address(page: str, query: str) -> AppTest:
    """A page as a link opens it. query: as the address has it."""
    at = AppTest.from_file(MAIN_SCRIPT, default_timeout=20)
    at.query_params.update(parse_qsl(query))
    at.switch_page(f"../../pages/{page}.py")
    return checked(at.run())


@pytest.fixture
def probabilities() -> np.ndarray:
    """Ten probabilities a test image, right for about four in five."""
    rng = np.random.default_rng(7)
    logits = rng.normal(size=(10_000, 10))
    logits[np.arange(10_000), mnist.load().y_test] += 3
    logits *= 3
    return (np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def run(probabilities):
    """An evaluated run of two epochs in this test's database."""
    store = Store()
    run = store.create_run(find("note-2"), "made up")
    for number in (1, 2):
        store.record_epoch(run.id, Epoch(number, 0.5, 0.8, 0.4, 0.9, 1e-3, 2.0), b"")
    report = Report(probabilities, mnist.load().y_test)
    data = pack({"probabilities": probabilities})
    columns = {"test_accuracy": report.accuracy, "test_loss": report.loss}
    columns |= {"state": "finished", "seconds": 75.0}
    store.put(run.id, "predictions", data, **columns)
    return store.run(run.id)


def captions(at: AppTest) -> list[str]:
    return [image["caption"] for image in linked_images(at)]


def proportion_interval(right: int) -> tuple[float, float]:
    """Wilson's 95 % interval of `right` of 10,000, as SciPy computes it."""
    found = binomtest(right, 10_000).proportion_ci(0.95, method="wilson")
    return found.low, found.high


def test_without_runs_it_says_where_to_begin():
    at = open_page()
    assert "No runs yet" in words(at)
    assert {link.proto.page for link in at.get("page_link")} == {"build", "train"}


def test_a_run_that_waits_says_so():
    Store().create_run(find("note-5"))
    at = open_page()
    assert "is queued" in words(at)
    assert not at.metric


def test_figures_are_numpys(run, probabilities):
    at = open_page()
    labels = mnist.load().y_test
    wrong = int((probabilities.argmax(axis=1) != labels).sum())
    second = np.sort(probabilities, axis=1)[:, -2]
    missed = int((probabilities[np.arange(10_000), labels] < second).sum())
    loss = -np.log(probabilities[np.arange(10_000), labels].astype(float)).mean()
    (accuracy,) = at.metric  # the one large figure
    assert (accuracy.label, accuracy.value) == ("Test accuracy", f"{100 - wrong / 100:.2f}\u00a0%")
    low, high = proportion_interval(10_000 - wrong)
    assert f"{wrong:,} wrong of 10,000" in words(at)
    assert f"95\u00a0% interval: {100 * low:.2f}\u00a0% to {100 * high:.2f}\u00a0%" in words(at)
    assert f"Top-2 accuracy **{100 - missed / 100:.2f}\u00a0%**: {missed:,} missed" in words(at)
    assert f"Test loss **{loss:.4f}**" in words(at)
    assert "2 of 20 epochs · seed 0 · 1 min 15 s in training" in words(at)


def test_the_table_has_the_same_figures_as_the_page(run, probabilities):
    table = open_page().dataframe[0].value
    right = (probabilities.argmax(axis=1) == mnist.load().y_test).mean()
    assert table["recall"][11] == pytest.approx(100 * right)  # weighted recall is accuracy
    assert table["support"][11] == 10_000


def test_a_test_set_that_validated_is_named(run):
    assert "used the test images for validation" in words(open_page())


def test_the_most_frequent_mistake_is_open_first(run, probabilities):
    at = open_page("Confusion")
    matrix = confusion_matrix(mnist.load().y_test, probabilities.argmax(axis=1))
    np.fill_diagonal(matrix, 0)
    label, read = np.unravel_index(matrix.argmax(), matrix.shape)
    assert at.selectbox("results_true").value == label
    assert at.selectbox("results_read").value == read
    assert len(captions(at)) == min(40, matrix.max())


def test_the_lists_choose_a_cell_and_its_pages(run, probabilities):
    at = open_page("Confusion")
    at.selectbox("results_true").select(7)
    checked(at.selectbox("results_read").select(7).run())
    labels = mnist.load().y_test
    rows = np.flatnonzero((labels == 7) & (probabilities.argmax(axis=1) == 7))
    rows = rows[np.argsort(-probabilities[rows, 7], kind="stable")]
    assert f"{len(rows):,} of 1,028 images" in words(at)
    assert [int(text.split("#")[1]) for text in captions(at)] == rows[:40].tolist()
    at.session_state["results_cell_page"] = 2
    checked(at.run())
    assert [int(text.split("#")[1]) for text in captions(at)] == rows[40:80].tolist()


def test_filters_of_the_mistakes(run, probabilities):
    at = open_page("Mistakes", results_mistakes_page=9)
    at.selectbox("results_of").select(4)
    at.slider("results_least").set_value(70)
    checked(at.run())
    labels, read = mnist.load().y_test, probabilities.argmax(axis=1)
    fits = (labels == 4) & (read != 4) & (probabilities.max(axis=1) >= 0.7)
    assert 0 < fits.sum() <= 40  # a single page, though page 9 was open
    assert f"**{fits.sum():,} of {(read != labels).sum():,} mistakes**" in words(at)
    shown = captions(at)
    assert {int(text.split("#")[1]) for text in shown} == set(np.flatnonzero(fits))
    assert all(text.startswith("4 → ") for text in shown)
    checked(at.segmented_control("results_order").set_value("Least confident").run())
    assert captions(at) == shown[::-1]


def test_filters_that_nothing_fits_say_so(run):
    at = open_page("Mistakes", results_of=3, results_as=3)
    assert "No mistake matches" in words(at)


def test_each_mistake_is_a_link_to_its_image_in_look_inside(run):
    at = open_page("Mistakes")
    image = linked_images(at)[3]
    row = int(image["caption"].split("#")[1])
    label = image["caption"].split()[0]
    digit = "an 8" if label == "8" else f"a {label}"
    assert f"Test image {row}: {digit} read as" in image["alt"]
    page, _, query = image["address"].partition("?")
    asked = {"run": str(run.id), "look_tab": "Feature maps", "image": str(row)}
    assert (page, dict(parse_qsl(query))) == ("look", asked)


def test_a_link_opens_its_image_and_the_address_follows(run):
    at = open_address("results", f"run={run.id}&results_tab=One+image&image=9999")
    assert at.number_input("results_index").value == 9_999
    checked(at.number_input("results_index").set_value(12).run())
    assert at.query_params["image"] == "12"
    image, *_ = linked_images(at)
    assert dict(parse_qsl(image["address"].partition("?")[2]))["image"] == "12"


@pytest.mark.parametrize("image", ["10000", "-1", "x", "9" * 5000])
def test_a_link_to_an_image_that_does_not_exist_shows_the_first(run, image):
    at = AppTest.from_file(MAIN_SCRIPT, default_timeout=20)
    at.query_params.update(results_tab="One image", image=image)
    at.switch_page("../../pages/results.py")
    assert at.run().number_input("results_index").value == 0
    assert "must be a test image" in at.error[0].value


def test_one_image(run, probabilities):
    at = open_page("One image", results_index=9_999)
    label, read = mnist.load().y_test[9_999], probabilities[9_999].argmax()
    verdict = "Right" if label == read else "Wrong"
    assert f"**{verdict}**: the label is {label}" in words(at)


def test_the_first_ten_predictions_stand_beside_their_labels(run, probabilities):
    _, *images = linked_images(open_page("One image"))
    pairs = [image["caption"].split(" → ") for image in images]
    assert " ".join(label for label, _ in pairs) == "7 2 1 0 4 1 4 9 5 9"
    assert [int(read) for _, read in pairs] == probabilities[:10].argmax(axis=1).tolist()


def test_one_image_that_was_read_wrong(run, probabilities):
    labels = mnist.load().y_test
    index = int(np.flatnonzero(probabilities.argmax(axis=1) != labels)[0])
    at = open_page("One image", results_index=index)
    assert f"**Wrong**: the label is {labels[index]}" in words(at)


def test_calibration_tells_mean_confidence(run, probabilities):
    at = open_page("Calibration")
    assert f"**{100 * probabilities.max(axis=1).mean():.2f}\u00a0%** sure" in words(at)


def test_temperature_scaling_uses_validation_images_alone(page, probabilities, monkeypatch):
    examples.install()
    [note_5] = [run for run in Store().examples() if run.name == "note-5"]
    images, labels = mnist.load().x_train[-12_000:], mnist.load().y_train[-12_000:]  # a fifth
    logits = np.random.default_rng(8).normal(size=(12_000, 10))
    logits[np.arange(12_000), labels] += 2

    def asked(workspace, run, given):
        assert np.array_equal(given, images)
        return softmax(logits, axis=1).astype(np.float32)

    engine = SimpleNamespace(status=lambda: READY, probabilities=asked)
    monkeypatch.setattr(cache, "engine", lambda: engine)
    at = page("results", results_tab="Calibration", run=str(note_5.id))
    assert "Best temperature" not in words(at)
    checked(at.toggle("results_temperature").set_value(True).run())
    best = minimize_scalar(
        lambda t: log_loss(labels, softmax(logits / t, axis=1)), bounds=(0.05, 20), method="bounded"
    ).x
    assert f"**$T$ = {best:.2f}**" in words(at)
    assert "12,000 validation images" in words(at)


def test_without_validation_images_there_is_no_temperature(run):
    at = open_page("Calibration")
    assert at.toggle("results_temperature").disabled
    assert "has none" in at.toggle("results_temperature").help


def test_every_setting_stands_there(run):
    at = open_page("Settings")
    assert '"optimizer": "adam"' in at.code[0].value
    assert "peak learning rate" not in words(at)


def test_what_was_changed_while_it_trained_stands_beside_the_settings(run):
    Store().update(run.id, learning_rate=0.01)
    assert "peak learning rate was changed to 0.01 during training" in words(open_page("Settings"))


def test_a_file_name_beside_the_settings_is_no_markdown(run):
    Store().update(run.id, origin="[a](//b.c).h5")
    at = open_page("Settings")
    assert any(r"\[a\]" in one.value for one in at.markdown)
    assert not any("[a](//b.c)" in one.value for one in at.markdown)


def test_the_digits_it_learned_and_what_it_forgot(probabilities):
    store, labels = Store(), mnist.load().y_test
    low, high = labels < 5, labels >= 5

    def evaluated(spec: Spec, read: np.ndarray) -> Run:
        run = store.create_run(spec, queued=False)
        report = Report(read, labels)
        data = pack({"probabilities": read})
        store.put(run.id, "predictions", data, test_accuracy=report.accuracy, state="finished")
        return store.run(run.id)

    weights = {
        name: np.zeros(shape, np.float32)
        for name, shape in weight_shapes(find("note-5").network).items()
    }
    before = evaluated(change_settings(find("note-5"), {"digits": "0-4"}), probabilities)
    columns = {"weights_hash": fingerprint(weights)}
    store.put(before.id, "weights", pack(weights), **columns)
    swapped = np.where(low[:, None], probabilities[:, ::-1], probabilities)
    changes = {"digits": "5-9", "source": fingerprint(weights)}
    after = evaluated(change_settings(find("note-5"), changes), swapped)
    shown = words(open_address("results", f"run={after.id}"))
    right = probabilities.argmax(axis=1) == labels
    wrong = int((~right[high]).sum())
    assert f"{wrong:,} wrong of 4,861" in shown
    bounds = binomtest(int(right[high].sum()), 4861).proportion_ci(0.95, method="wilson")
    assert f"95\u00a0% interval: {100 * bounds.low:.2f}\u00a0% to {100 * bounds.high:.2f}" in shown
    assert "trained only on the digits **5\u20139**" in shown
    old = 100 * right[low].mean()
    new = 100 * (swapped.argmax(axis=1) == labels)[low].mean()
    assert "Catastrophic forgetting" in shown
    assert f"read {old:.2f}\u00a0% of the 5,139 test images of 0\u20134 correctly" in shown
    assert f"This run reads only {new:.2f}\u00a0%" in shown
    other_head = find("note-5").network.model_dump()
    other_head["layers"][-2]["units"] = 32  # it began at random, and never knew the old digits
    fresh = change_settings(Spec(network=Network.model_validate(other_head)), changes)
    assert "forgetting" not in words(open_address("results", f"run={evaluated(fresh, swapped).id}"))
    first = words(open_address("results", f"run={before.id}"))
    assert "trained only on the digits **0\u20134**" in first
    assert "forgetting" not in first
    at = open_address("results", f"run={before.id}")
    (way,) = [e.proto for e in at.get("page_link") if "Start a new run" in e.proto.label]
    assert f"source={fingerprint(weights)}" in way.query_string
