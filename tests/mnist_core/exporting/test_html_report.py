"""The HTML report, parsed: its figures against scikit-learn, and that it loads and runs nothing."""

from html.parser import HTMLParser

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from mnist_core.evaluation.history import Epoch
from mnist_core.exporting import html_report, svg
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec
from mnist_core.network.summary import summarize
from mnist_core.storage.artifacts import load_report, save_report
from mnist_core.storage.runs import Store
from ui.charts import style

EVIL = '<script>alert("1")</script><img src=x onerror=alert(2)>'
LOADING = {"src", "href", "srcset", "data", "action", "poster", "xlink:href"}


class Document(HTMLParser):
    """What a page is made of: its elements in order, and its text by element."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.tables: list[list[list[str]]] = []
        self.text = ""
        self.in_cell = False
        self.feed(page)

    def handle_starttag(self, tag, attrs) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self.in_cell = True

    def handle_endtag(self, tag) -> None:
        if tag in ("td", "th"):
            self.in_cell = False

    def handle_data(self, data) -> None:
        self.text += data
        if self.in_cell:
            self.tables[-1][-1][-1] += data


@pytest.fixture
def run_id(url) -> int:
    """A run with a name from somebody, one diverged epoch, and made-up answers."""
    store = Store(url=url)
    run = store.create_run(Spec(network=parse("C4 M F D16")), EVIL, queued=False)
    for number, loss in ((1, 0.9), (2, 0.4), (3, float("inf"))):
        store.record_epoch(run.id, Epoch(number, loss, 0.8, loss, 0.85, 1e-3, 2.0), b"")
    shares = np.random.default_rng(3).dirichlet(np.full(10, 0.2), 10_000)
    save_report(store, run.id, shares.astype(np.float32))
    store.update(run.id, state="finished", note=f"see {EVIL}")
    return run.id


def test_its_figures_are_those_of_the_stored_report(url, run_id):
    store = Store(url=url)
    page, report = Document(html_report.of_run(store, run_id)), load_report(store, run_id)
    assert report
    wrong = int((report.predicted != report.labels).sum())
    assert f"{100 - wrong / 100:.2f}\u00a0%" in page.text
    assert f"{wrong:,} wrong of 10,000 test images" in page.text
    digits, matrix, network, settings = page.tables
    assert [row[-1] for row in digits[1:11]] == [f"{n}" for n in np.bincount(report.labels)]
    counts = [[int(cell) for cell in row[1:]] for row in matrix[1:]]
    assert counts == confusion_matrix(report.labels, report.predicted).tolist()
    made = summarize(store.run(run_id).spec.network)
    assert [row[3] for row in network[1:]] == [f"{row.parameters:,}" for row in made.rows]
    assert ["optimizer", "adam"] in settings
    assert "model = keras.Sequential(" in page.text
    shown = [attributes["alt"] for tag, attributes in page.elements if tag == "img"]
    surest = report.mistakes[: html_report.MOST_MISTAKES]
    labels = report.labels[surest].tolist()
    digits = ["an 8" if label == 8 else f"a {label}" for label in labels]
    assert shown == [f"Test image {row}, {one}" for row, one in zip(surest, digits, strict=True)]


def test_it_loads_and_runs_nothing_and_a_name_is_only_text(url, run_id):
    page = Document(html_report.of_run(Store(url=url), run_id))
    assert EVIL in page.text  # parsed back, it is what the person wrote
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "link", "iframe", "object", "embed", "base", "form"}
    for tag, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on")], tag
        for name in LOADING & attributes.keys():
            assert (attributes[name] or "").startswith("data:image/png;base64,"), tag
    policies = [a["content"] for t, a in page.elements if t == "meta" and "http-equiv" in a]
    assert policies == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]


def test_a_run_without_results_says_so(url):
    store = Store(url=url)
    run = store.create_run(Spec(network=parse("F")))
    page = Document(html_report.of_run(store, run.id))
    assert "has not been measured on the test images" in page.text
    assert len(page.tables) == 2
    assert "svg" not in {tag for tag, _ in page.elements}


def epochs(*losses: float, validation: bool = True) -> list[Epoch]:
    return [
        Epoch(at, loss, 0.9, loss / 2 if validation else None, None, 1e-3, 1.0)
        for at, loss in enumerate(losses, 1)
    ]


def test_the_curves_stay_in_their_frame_and_have_the_colors_of_the_app():
    drawn = Document(svg.learning_curves("loss", epochs(3.0, 1.5, float("nan"), 0.75)))
    lines = [a for tag, a in drawn.elements if tag == "path" and a["class"] == "line"]
    assert {line["stroke"] for line in lines} == {style.TRAINING, style.VALIDATION}
    places = [a for tag, a in drawn.elements if tag == "circle"]
    assert len(places) == 6  # NaN has none
    for place in places:
        assert 46 <= float(place["cx"] or 0) <= 332
        assert 26 <= float(place["cy"] or 0) <= 186
    heights = [float(place["cy"] or 0) for place in places[:3]]
    floor = 186
    assert (floor - heights[0]) / (floor - heights[1]) == pytest.approx(2, abs=0.01)


def test_without_validation_one_line_and_without_values_none():
    assert "validation" not in svg.learning_curves("loss", epochs(1.0, 0.5, validation=False))
    assert svg.learning_curves("loss", epochs(float("nan"))) == ""
    assert svg.learning_curves("accuracy", []) == ""
