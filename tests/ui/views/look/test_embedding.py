"""The tabs Embedding and Suspect labels, on an example with places made of its pixels."""

import json

import numpy as np
import pytest
import streamlit as st
from sklearn.neighbors import NearestNeighbors
from streamlit.testing.v1 import AppTest

from mnist_core.dataset import mnist
from mnist_core.engine import examples
from mnist_core.evaluation.report import Report
from mnist_core.evaluation.run import Run
from mnist_core.execution import jobs
from mnist_core.insight.label_errors import VERDICTS, find_label_errors
from mnist_core.insight.neighbors import Space, place_on_map
from mnist_core.storage import artifacts, handwriting
from mnist_core.storage.runs import Store
from mnist_core.storage.workspaces import EXAMPLES
from mnist_core.utils.text import with_article
from tests.helpers import checked, numbers, wait_until, words
from ui.charts import digits
from ui.charts import embedding as charts
from ui.session import cache
from ui.views.look import class_digits, embedding

DIRECTIONS = 8


@pytest.fixture(scope="module")
def embedded() -> dict[str, np.ndarray]:
    """What the job "embedding" would keep of a network whose hidden layer is the pixels."""
    data, rng = mnist.load(), np.random.default_rng(4)
    components = np.linalg.qr(rng.normal(size=(784, DIRECTIONS)))[0].T.astype(np.float32)
    train, test = (
        np.concatenate(
            [
                part.reshape(-1, 784) @ components.T / np.float32(255)
                for part in np.split(images, 10)
            ]
        )
        for images in (data.x_train, data.x_test)
    )
    return {
        "mean": np.zeros(784, np.float32),
        "components": components,
        "explained": np.linspace(0.2, 0.01, DIRECTIONS),
        "train": (train / 32).astype(np.float16),
        "test": (test / 32).astype(np.float16),
        "scale": np.asarray(32, np.float32),
        "fitted": np.asarray(60_000),
    }


@pytest.fixture
def run() -> Run:
    """The example that is shown first."""
    st.cache_resource.clear()  # the runs of other tests have the same numbers
    examples.install()
    return Store().examples()[0]


@pytest.fixture(autouse=True)
def _pixels_are_features(monkeypatch):
    monkeypatch.setattr(
        cache, "answer", lambda question, run, image: image.reshape(1, 784) / np.float32(255)
    )


def keep(run: Run, name: str, arrays: dict[str, np.ndarray]) -> None:
    """As a worker leaves it."""
    store = Store(EXAMPLES)
    jobs.enqueue(store, run.id, name)
    assert jobs.claim(store, run.id, name)
    jobs.store_result(store, run, name, arrays)


def its_report(run: Run) -> Report:
    report = artifacts.load_report(Store(), run.id)
    assert report is not None
    return report


def opened(page, tab: str, **state) -> AppTest:
    at = page("look")
    at.query_params["look_tab"] = tab
    for key, value in state.items():
        at.session_state[key] = value
    return checked(at.run())


def captions(at: AppTest) -> list[str]:
    return [caption for images in at.image for caption in images.captions if caption]


def traces(at: AppTest) -> list[dict]:
    """What the map draws."""
    return json.loads(at.get("plotly_chart")[0].proto.spec)["data"]


def drawn(at: AppTest, symbol: str | None) -> np.ndarray:
    """The rows of the test set that are drawn with a symbol."""
    return np.concatenate(
        [
            numbers(trace["customdata"])
            for trace in traces(at)
            if "customdata" in trace and trace["marker"].get("symbol") == symbol
        ]
    )


def nearest(embedded, query: np.ndarray) -> list[str]:
    """The captions of the ten nearest training images, as scikit-learn finds them."""
    fitted = NearestNeighbors(n_neighbors=10).fit(Space.unpack(embedded).train)
    (distances,), (rows,) = fitted.kneighbors(query[None])
    labels = mnist.load().y_train[rows]
    return [f"{label} · {distance:.3g}" for label, distance in zip(labels, distances, strict=True)]


def test_it_begins_by_itself(page, run):
    at = opened(page, "Embedding")
    assert jobs.find(Store(), run.id, "embedding")
    assert "64 numbers" in words(at)
    assert not at.get("plotly_chart")


def test_every_mistake_is_a_cross(page, run, embedded):
    keep(run, "embedding", embedded)
    at = opened(page, "Embedding")
    report = its_report(run)
    assert set(drawn(at, "x")) == set(report.mistakes)
    rows = np.concatenate([drawn(at, "x"), drawn(at, None)])
    assert len(np.unique(rows)) == embedding.SHOWN
    assert f"all {report.wrong:,} mistakes" in words(at)
    assert len(at.get("plotly_chart")[0].proto.spec) < 100_000


@pytest.mark.parametrize("colour", ["True digit", "Read as"])
def test_colours_are_digits(page, run, embedded, colour):
    keep(run, "embedding", embedded)
    at = opened(page, "Embedding", look_embedding_colour=colour)
    report = its_report(run)
    digits = report.labels if colour == "True digit" else report.predicted
    for trace in traces(at):
        if "customdata" in trace:
            assert set(digits[numbers(trace["customdata"])]) <= {int(trace["name"])}


def test_points_lie_at_their_places(page, run, embedded):
    keep(run, "embedding", embedded)
    at = opened(page, "Embedding", look_embedding_map="PCA in 3-D")
    space = Space.unpack(embedded)
    for trace in traces(at):
        if "customdata" in trace:
            places = np.stack([numbers(trace[axis]) for axis in "xyz"], axis=1)
            rows = numbers(trace["customdata"])
            np.testing.assert_allclose(places, space.test[rows, :3], rtol=1e-5)
    two, three = (100 * embedded["explained"][:n].sum() for n in (2, 3))
    assert f"The first two directions hold {two:.0f}\u00a0% of the variance" in words(at)
    assert f"all three hold {three:.0f}\u00a0%" in words(at)


def test_a_number_chooses_an_image(page, run, embedded):
    keep(run, "embedding", embedded)
    at = opened(page, "Embedding")
    checked(at.number_input("look_embedding_row").set_value(18).run())
    report = its_report(run)
    assert f"Its label is **{report.labels[18]}**" in words(at)
    assert captions(at) == nearest(embedded, Space.unpack(embedded).test[18])
    ring = next(trace for trace in traces(at) if trace.get("name") == "The image you look at")
    assert numbers(ring["x"])[0] == pytest.approx(Space.unpack(embedded).test[18, 0])


def test_a_digit_of_ones_own(page, run, embedded):
    keep(run, "embedding", embedded)
    at = opened(page, "Embedding", look_embedding_own=True, look_image=5)
    star = next(trace for trace in traces(at) if trace.get("name") == "Your digit")
    image = mnist.load().x_test[5].reshape(784) / 255
    place = embedded["components"] @ image
    np.testing.assert_allclose([numbers(star[axis])[0] for axis in "xy"], place[:2], rtol=1e-4)
    assert captions(at)[:10] == nearest(embedded, place)
    tested = Space.unpack(embedded).test
    by_hand = np.linalg.norm(tested - place.astype(np.float32), axis=1).argsort()[:5]
    assert [int(one.split("#")[1].split()[0]) for one in captions(at)[10:15]] == by_hand.tolist()
    first = its_report(run).mistakes[0]
    assert [head.value for head in at.header] == ["Your digit", f"Test image {first:,}"]
    assert "surest of" in words(at)


@pytest.fixture
def ours(run, monkeypatch) -> list[int]:
    """The rows of test images that a class has written, three of them misread."""
    report = its_report(run)
    rows = [*report.mistakes[:3].tolist(), 5, 18]
    data = mnist.load()
    for row in rows:
        handwriting.add(Store(), f"{row}", int(report.labels[row]), data.x_test[row], b"")
    known = {data.x_test[row].tobytes(): report.probabilities[row] for row in rows}
    monkeypatch.setattr(
        cache, "features", lambda run, images: images.reshape(-1, 784) / np.float32(255)
    )
    monkeypatch.setattr(
        cache,
        "probabilities",
        lambda run, images: np.stack([known[image.tobytes()] for image in images]),
    )
    return rows


def squares(at: AppTest) -> dict[str, tuple[float, float, str]]:
    """Where the digits of the class are, with their symbols, by their words."""
    found = {}
    for trace in traces(at):
        if isinstance(trace.get("marker", {}).get("symbol"), list):
            points = zip(numbers(trace["x"]), numbers(trace["y"]), strict=True)
            signs = trace["marker"]["symbol"]
            for words, (x, y), sign in zip(trace["text"], points, signs, strict=True):
                found[words] = (x, y, sign)
                assert words.split(": a")[1].lstrip("n ").startswith(trace["name"])
    return found


def test_without_a_class_there_is_no_toggle(page, run, embedded):
    keep(run, "embedding", embedded)
    labels = [toggle.label for toggle in opened(page, "Embedding").toggle]
    assert "Our handwriting" not in labels


def test_digits_of_the_class_lie_among_the_test_images(page, run, embedded, ours):
    keep(run, "embedding", embedded)
    at = opened(page, "Embedding", look_embedding_class=True)
    assert "The network reads **40.0\u00a0%** of 5 digits correctly." in words(at)
    report, space, found = its_report(run), Space.unpack(embedded), squares(at)
    assert len(found) == 5
    for writer, row in enumerate(ours, 1):
        name = f"Writer {writer}: {with_article(int(report.labels[row]))}, "
        x, y, sign = found[f"{name}read as {report.predicted[row]}"]
        np.testing.assert_allclose([x, y], space.test[row, :2], atol=0.02)
        assert sign == ("square-open" if writer <= 3 else "square")
    assert "our handwriting" in [trace.get("name") for trace in traces(at)]
    assert not squares(checked(at.toggle(key="look_embedding_class").set_value(False).run()))


def test_digits_of_the_class_are_put_between_neighbors_on_tsne(page, run, embedded, ours):
    keep(run, "embedding", embedded)
    rows = np.arange(10_000)
    points = np.stack([rows, -rows], axis=1).astype(np.float32)
    keep(run, "tsne", {"points": points, "rows": rows})
    at = opened(page, "Embedding", look_embedding_class=True, look_embedding_map="t-SNE in 2-D")
    report, places = its_report(run), Space.unpack(embedded).test
    x, y, _ = squares(at)[f"Writer 4: a {report.labels[5]}, read as {report.predicted[5]}"]
    place = embedded["components"] @ (mnist.load().x_test[5].reshape(784) / np.float32(255))
    assert (x, y) == pytest.approx(place_on_map(place, places, points), rel=1e-3)


def test_a_large_class_shows_its_mistakes_and_some_others(page, run, embedded, ours, monkeypatch):
    monkeypatch.setattr(class_digits, "SHOWN", 4)
    keep(run, "embedding", embedded)
    at = opened(page, "Embedding", look_embedding_class=True)
    assert "of 5 digits correctly. The map shows 4 of the 5 digits." in words(at)
    assert len(squares(at)) == 4


def test_a_digit_without_a_point_stays_in_the_legend(embedded):
    labels = np.arange(10_000) % 9  # no 9
    report = Report(np.eye(10, dtype=np.float32)[np.where(labels == 3, 4, labels)], labels)
    places, rows = Space.unpack(embedded).test, np.arange(3_000)
    for sides in (2, 3):
        drawn = charts.cloud(report, rows, places[rows, :sides], labels, [""] * sides, "light")
        shown = [trace for trace in drawn.data if trace.showlegend is not False]
        assert [trace.name for trace in shown] == [*map(str, range(10)), "mistake"]
        assert all(len(trace.x) for trace in shown)  # Plotly leaves out what has no point


def test_tsne_is_made_on_request(page, run, embedded):
    keep(run, "embedding", embedded)
    at = opened(page, "Embedding", look_embedding_map="t-SNE in 2-D")
    assert jobs.find(Store(), run.id, "tsne") is None
    checked(at.button(f"look_ask_tsne_{run.id}").click().run())
    assert jobs.find(Store(), run.id, "tsne")
    jobs.cancel(Store(), run.id, "tsne")
    rows = np.arange(10_000)
    points = np.stack([rows, -rows], axis=1).astype(np.float32)
    keep(run, "tsne", {"points": points, "rows": rows})
    checked(at.run())
    for trace in traces(at):
        if "customdata" in trace:
            np.testing.assert_array_equal(numbers(trace["x"]), numbers(trace["customdata"]))


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ([0.9998, 0.0002], [">\u00a099.9\u00a0%", ""]),
        ([1, 0], [">\u00a099.9\u00a0%", ""]),
        ([0.951, 0.049], ["95.1\u00a0%", ""]),
        ([0.6, 0.4], ["60.0\u00a0%", "40.0\u00a0%"]),
    ],
)
def test_labels_of_ten_bars(shares, words):
    values = np.zeros(10, np.float32)
    values[:2] = shares
    assert [*digits.probabilities(values).data[0].text[:2]] == words


@pytest.fixture
def suspects(run) -> dict[str, np.ndarray]:
    """The example's own contradictions of the test set; of the training set, made up."""
    report = its_report(run)
    rows, probabilities, wrong = find_label_errors(report.probabilities, report.labels)
    found = {"test_rows": rows, "test_probabilities": probabilities, "test_wrong": wrong}
    labels = mnist.load().y_train
    made = np.eye(10, dtype=np.float32)[(labels + 1) % 10]
    chosen = np.array([59_999, 0, 1])
    found |= {"training_rows": chosen, "training_probabilities": made[chosen]}
    arrays = {name: np.asarray(array) for name, array in (found | {"training_wrong": 3}).items()}
    keep(run, "suspects", arrays)
    return arrays


def test_suspects_are_looked_for_on_request(page, run):
    at = opened(page, "Suspect labels")
    assert jobs.find(Store(), run.id, "suspects") is None
    checked(at.button(f"look_ask_suspects_{run.id}").click().run())
    assert jobs.find(Store(), run.id, "suspects")


def test_suspects_come_surest_first_and_by_pair(page, run, suspects):
    at = opened(page, "Suspect labels")
    rows = suspects["test_rows"]
    assert [int(text.split("#")[1]) for text in captions(at)] == rows[:40].tolist()
    label = int(mnist.load().y_test[rows[0]])
    checked(at.selectbox("look_suspects_label").select(label).run())
    fits = rows[mnist.load().y_test[rows] == label]
    assert [int(text.split("#")[1]) for text in captions(at)] == fits[:40].tolist()


def test_verdicts_are_counted_and_lead_on(page, run, suspects):
    at = opened(page, "Suspect labels")
    rows = suspects["test_rows"].tolist()
    assert at.selectbox("look_suspects_pick").value == rows[0]
    checked(at.button(f"look_suspects_{VERDICTS[1]}").click().run())
    assert at.selectbox("look_suspects_pick").value == rows[1]
    checked(at.button(f"look_suspects_{VERDICTS[0]}").click().run())
    assert "with the network in **1 of 2**, with the label in 1" in words(at)
    assert f"Kept for image {rows[1]:,}: **the label is right**." in words(at)
    assert captions(at)[0].endswith("✓\u00a0network")
    assert captions(at)[1].endswith("✓\u00a0label")
    checked(at.selectbox("look_suspects_pick").set_value(rows[0]).run())
    checked(at.button(f"look_suspects_{VERDICTS[1]}").click().run())  # taken back
    assert "with the network in **0 of 1**" in words(at)
    assert f"Taken back: image {rows[0]:,}" in words(at)


def test_what_a_training_image_was_used_for(page, run, suspects):
    at = opened(page, "Suspect labels", look_suspects_set="Training images")
    assert at.selectbox("look_suspects_pick").value == 59_999
    trained = run.spec.split.kind == "none"
    assert ("**trained**" if trained else "**validation**") in words(at)
    checked(at.selectbox("look_suspects_pick").set_value(0).run())
    assert "**trained**" in words(at)


def test_a_network_that_guesses_is_named(page, run, embedded, suspects):
    Store(EXAMPLES).update(run.id, test_accuracy=0.11)
    keep(run, "embedding", embedded)
    for tab in ("Embedding", "Suspect labels"):
        assert "no more than half" in words(opened(page, tab))


def test_with_the_real_engine(page, engine, monkeypatch):
    monkeypatch.undo()
    st.cache_resource.clear()
    monkeypatch.setenv("MNIST_DATABASE_URL", engine._url)
    monkeypatch.setattr(cache, "engine", lambda: engine)
    examples.install()
    run = Store().examples()[0]
    at = opened(page, "Embedding", look_embedding_own=True, look_image=5)
    wait_until(lambda: jobs.result(Store(), run, "embedding"))
    checked(at.run())
    star = next(trace for trace in traces(at) if trace.get("name") == "Your digit")
    kept = jobs.result(Store(), run, "embedding")
    assert kept is not None
    space = Space.unpack(kept)
    found = [numbers(star[axis])[0] for axis in "xy"]
    np.testing.assert_allclose(found, space.test[5, :2], atol=0.02)
    handwriting.add(Store(), "anybody", 1, mnist.load().x_test[5], b"")
    at.session_state["look_embedding_class"] = True
    x, y, sign = squares(checked(at.run()))["Writer 1: a 1, read as 1"]
    np.testing.assert_allclose([x, y], space.test[5, :2], atol=0.02)
    assert sign == "square"


def test_a_highlighted_digit_stands_out_with_its_mistakes(page, run, embedded):
    keep(run, "embedding", embedded)
    at = opened(page, "Embedding", look_embedding_only=4)
    figure = json.loads(at.get("plotly_chart")[0].proto.spec)
    faint = {trace["name"] for trace in figure["data"] if trace.get("opacity") == charts.FAINT}
    assert faint == set("012356789")
