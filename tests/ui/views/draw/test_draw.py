"""The Draw page. A stand-in for the browser's sheet draws with Pillow; one for the engine answers.

The sheet's stand-in does what the real one was seen to do: it forgets its strokes when it is not
shown, and sends its image after a stroke or a new start, but not when it is first shown.
"""

import io
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from streamlit.elements.lib import policies
from streamlit.testing.v1 import AppTest

from mnist_core.dataset import mnist, preprocessing
from mnist_core.engine import examples
from mnist_core.engine.status import READY, STARTING
from mnist_core.evaluation.prediction import read
from mnist_core.network.presets import find
from mnist_core.storage import artifacts
from mnist_core.storage.runs import Store
from tests.helpers import MAIN_SCRIPT, messages
from tests.ui.browser_sheet import Sheet
from ui.charts import draw as charts
from ui.session import cache
from ui.widgets import canvas

ONE = [(160, 40), (160, 260)]
SEVEN = [[(90, 60), (230, 60)], [(230, 60), (140, 260)]]


class Engine:
    """Answers by run id; remembers the images that it was asked about."""

    def __init__(self) -> None:
        self.now, self.answers, self.seen = READY, {}, []

    def status(self):
        return self.now

    def probabilities(self, workspace, run, images):
        self.seen.append(images[0])
        return np.array([self.answers[run.id]], np.float32)


def sure_of(digit: int, share: float = 0.9, runner_up: int = 9) -> np.ndarray:
    values = np.full(10, 0.02 * (1 - share))
    values[runner_up] = 0.84 * (1 - share)
    values[digit] = share
    return values


@pytest.fixture
def sheet(monkeypatch) -> Sheet:
    sheet = Sheet()
    module = SimpleNamespace(st_canvas=sheet.show)
    monkeypatch.setitem(sys.modules, "streamlit_drawable_canvas", module)
    return sheet


@pytest.fixture
def answering(monkeypatch) -> Engine:
    engine = Engine()
    monkeypatch.setattr(cache, "engine", lambda: engine)
    return engine


@pytest.fixture
def page(sheet, answering) -> AppTest:
    """The page with one run, which is sure of a 7."""
    add_run(answering, "first", sure_of(7))
    return open_page()


def add_run(engine: Engine, name: str, answer: np.ndarray) -> int:
    store = Store()
    run = store.create_run(find("note-5"), name, queued=False)
    store.update(run.id, test_accuracy=0.987)
    engine.answers[run.id] = answer
    return run.id


def open_page() -> AppTest:
    at = AppTest.from_file(MAIN_SCRIPT, default_timeout=20).run()
    return run(at.switch_page("../../pages/draw.py"))


def run(at: AppTest) -> AppTest:
    at.run()
    assert not at.exception
    return at


def choose(at: AppTest, source: str) -> AppTest:
    at.segmented_control(key="draw_source").set_value(source)
    return run(at)


def press(at: AppTest, name: str) -> AppTest:
    at.button(key=f"draw_{name}").click()
    run(at)  # the sheet is told; in a browser it answers with a run of its own
    return run(at)


def bars(at: AppTest) -> int:
    return len(answers(at))


def answers(at: AppTest) -> list[str]:
    """What the networks read, a sentence per figure."""
    alts = [chart.proto.alt for chart in at.get("plotly_chart")]
    return [alt.partition("one per digit. ")[2] for alt in alts if "ten bars" in alt]


def answer(at: AppTest) -> str:
    """What the only network reads, "" where there is no figure."""
    return "".join(answers(at))


def test_without_a_trained_network_the_way_there_is_shown(sheet, answering):
    Store().create_run(find("note-5"), queued=False)
    at = open_page()
    assert "No network can read digits yet" in messages(at)
    assert [link.proto.label for link in at.get("page_link")] == ["Go to Train"]


def test_a_blank_sheet_asks_for_a_digit(page, answering):
    assert messages(page) == "Draw a digit, and its ten bars appear here."
    assert page.button(key="draw_undo").disabled
    assert page.button(key="draw_clear").disabled
    assert not answering.seen


def test_while_the_engine_starts_the_page_says_so(page, sheet, answering):
    answering.now = STARTING
    sheet.draw(ONE)
    assert "the worker is starting" in messages(run(page))
    assert bars(page) == 0
    answering.now = READY
    assert "This is a 7" in answer(run(page))
    assert bars(page) == 1


def test_the_network_receives_the_drawing_as_mnist_would_have_it(page, sheet, answering):
    for stroke in SEVEN:
        sheet.draw(stroke)
        run(page)
        np.testing.assert_array_equal(
            answering.seen[-1], preprocessing.prepare_drawing(sheet.picture())[0].image
        )
    assert answer(page) == "This is a 7 (90.0\u00a0%). The runner-up is a 9 (8.4\u00a0%)."
    shown = [text.value for text in [*page.markdown, *page.caption]]
    for number, step in enumerate(preprocessing.prepare_drawing(sheet.picture())[0].steps, 1):
        assert f"**{number}. {step.name}**" in shown
        assert step.explanation in shown
    assert len(page.get("image")) == 6  # five steps, and what goes in


def test_a_stroke_is_read_while_it_is_drawn_and_is_no_stroke_to_undo_yet(page, sheet, answering):
    for points in (ONE, SEVEN[0]):
        sheet.draw_a_part(points)
        assert "This is a 7" in answer(run(page))
        assert page.button(key="draw_undo").disabled
    first, second = answering.seen[-2:]
    assert (first != second).any()
    sheet.draw(SEVEN[0])
    assert not run(page).button(key="draw_undo").disabled
    sheet.draw_a_part(SEVEN[1])
    run(page)
    press(page, "undo")  # the stroke before it stays
    assert [stroke["points"] for stroke in sheet.strokes] == [SEVEN[0]]
    sheet.draw_a_part(SEVEN[1])
    run(page)
    assert "Draw a digit" in messages(press(page, "clear"))
    assert page.button(key="draw_redo").disabled is False


def test_the_best_of_the_own_networks_reads_and_not_the_last(page, answering):
    store = Store()
    last = add_run(answering, "last", sure_of(1))
    store.update(last, test_accuracy=0.738)
    at = open_page()
    assert at.multiselect[0].value == [1]
    assert "Your best network reads the digit." in [caption.value for caption in at.caption]
    at.query_params["run"] = str(last)
    assert run(at).multiselect[0].value == [last]
    assert "The network that you chose reads the digit." in [
        caption.value for caption in at.caption
    ]


def test_a_run_picked_on_another_page_reads_but_one_that_was_only_shown_does_not(page, answering):
    Store().update(add_run(answering, "last", sure_of(1)), test_accuracy=0.738)

    def script() -> None:
        import streamlit

        from ui.session import cache
        from ui.widgets import answer, run_picker

        runs = cache.store().runs()
        run_picker.pick_run(runs)
        streamlit.query_params.clear()  # as a link of the sidebar does
        reader, why = answer.choose_reader(runs, ()) or (runs[0], "")
        streamlit.write(f"{reader.name}: {why}")

    at = run(AppTest.from_function(script))
    assert at.selectbox[0].value == 2
    assert at.markdown[0].value == "first: Your best network reads the digit."
    at.selectbox[0].set_value(1)
    run(at)
    at.selectbox[0].set_value(2)
    assert run(at).markdown[0].value == "last: The network that you chose reads the digit."


def test_the_best_example_reads_until_there_is_a_network_of_ones_own(sheet, answering):
    examples.install()
    at = open_page()
    best = max(Store().examples(), key=lambda example: example.test_accuracy or 0)
    assert best.name == "fast"
    assert at.multiselect[0].value == [best.id]
    assert any("An example network reads" in caption.value for caption in at.caption)


def test_the_pen_has_three_widths(page, sheet, monkeypatch):
    widths, show = [], sheet.show
    module = sys.modules["streamlit_drawable_canvas"]
    monkeypatch.setattr(
        module, "st_canvas", lambda **given: widths.append(given["stroke_width"]) or show(**given)
    )
    for name in canvas.PENS:
        page.segmented_control(key="draw_pen").set_value(name)
        run(page)
        assert widths[-1] == canvas.PENS[name]
    assert widths[-3:] == sorted(set(widths[-3:]))


def test_the_maps_of_the_first_layer_can_be_shown(page, sheet, answering):
    answering.look = lambda question, workspace, run, images: {
        "conv2d_1": np.ones((26, 26, 8), np.float32),
        "dense_1": np.ones(10, np.float32),
    }
    sheet.draw(ONE)
    run(page).toggle(key="draw_maps").set_value(True)
    alts = [image.proto.imgs[0].alt for image in run(page).get("image")]
    assert alts[1] == "Output of conv2d_1 for this digit"
    (whose,) = [text.value for text in page.caption if text.value.startswith("The first layer")]
    assert whose.endswith("**Run 1** · first")


def test_undo_takes_back_one_stroke_after_the_other_and_clear_all(page, sheet, answering):
    for stroke in [*SEVEN, ONE]:
        sheet.draw(stroke)
        run(page)
    for left in (2, 1):
        st.cache_data.clear()  # so that the engine is asked again
        press(page, "undo")
        assert len(sheet.strokes) == left
        expected = preprocessing.prepare_drawing(sheet.picture())[0].image
        np.testing.assert_array_equal(answering.seen[-1], expected)
    press(page, "undo")
    assert "Draw a digit" in messages(page)
    sheet.draw(ONE)
    assert "This is a 7" in answer(run(page))
    press(page, "clear")
    assert "Draw a digit" in messages(page)
    assert sheet.strokes == []


def test_the_same_strokes_can_be_undone_twice(page, sheet):
    sheet.draw(SEVEN[0])
    run(page)
    for _ in range(2):
        sheet.draw(SEVEN[1])
        run(page)
        press(page, "undo")
        assert [stroke["points"] for stroke in sheet.strokes] == [SEVEN[0]]


def test_a_drawing_is_still_there_after_another_page(page, sheet):
    sheet.draw(ONE)
    run(page)
    run(page.switch_page("../../pages/home.py"))
    del page.session_state["draw_canvas"]  # as Streamlit does with real widgets
    sheet.forget()
    run(page.switch_page("../../pages/draw.py"))
    assert [stroke["points"] for stroke in sheet.strokes] == [ONE]
    assert "This is a 7" in answer(page)
    sheet.draw(SEVEN[0])
    run(page)
    assert bars(press(page, "undo")) == 1
    assert [stroke["points"] for stroke in sheet.strokes] == [ONE]


@pytest.fixture
def two_tabs(sheet, answering) -> AppTest:
    """The sheet in one of two tabs, of which the browser has a sheet each."""

    def script() -> None:
        import streamlit

        from ui.widgets import canvas

        tab = streamlit.radio("tab", ["left", "right"], key="tab")
        streamlit.write("blank" if canvas.draw(tab) is None else "a digit")

    return run(AppTest.from_function(script, default_timeout=20))


def test_another_tab_shows_the_drawing_so_that_a_stroke_adds_to_it(two_tabs, sheet):
    sheet.draw(SEVEN[0])
    run(two_tabs)
    for other, tab, stroke in (("left", "right", SEVEN[1]), ("right", "left", ONE)):
        sheet.forget()
        two_tabs.radio[0].set_value(tab)
        run(two_tabs)
        before = [*sheet.strokes]
        assert before
        assert two_tabs.markdown[0].value == "a digit"
        del two_tabs.session_state[f"draw_canvas_{other}"]  # as Streamlit does with real widgets
        sheet.draw(stroke)
        run(two_tabs)
        assert sheet.strokes[:-1] == before
    assert [stroke["points"] for stroke in sheet.strokes] == [*SEVEN, ONE]


def test_a_dot_is_refused_with_a_sentence(page, sheet):
    sheet.draw_a_part([(100, 100), (101, 100)], width=2)
    assert not run(page).error  # a stroke begins as a dot
    sheet.draw([(100, 100), (101, 100)], width=2)
    assert "at least 6 pixels high" in messages(run(page))
    assert bars(page) == 0


def test_a_sheet_that_our_page_never_sent_is_refused_before_it_is_decoded(page, sheet):
    sheet.draw(ONE)
    for forged, said in ((b"%!PS-Adobe-3.0 EPSF-3.0", "another kind"), (bomb(), "million pixels")):
        sheet.sent = ([{"forged": said}], forged)
        assert said in messages(run(page))
        assert bars(page) == 0


def bomb() -> bytes:
    """A file of some kB that is 320 MB in memory."""
    file = io.BytesIO()
    Image.new("1", (9000, 9000)).save(file, "PNG")
    return file.getvalue()


def test_a_photo_with_dark_ink_becomes_the_digit_that_it_shows(page, answering):
    original = mnist.load().x_test[0]
    paper = 230 - np.kron(original, np.ones((8, 8), np.uint8)) * np.float32(0.8)
    file = io.BytesIO()
    Image.fromarray(paper.astype(np.uint8)).save(file, "PNG")
    choose(page, "Upload").file_uploader(key="draw_file").upload("seven.png", file.getvalue())
    assert "This is a 7" in answer(run(page))
    likeness = np.corrcoef(answering.seen[-1].ravel(), original.ravel())[0, 1]
    assert likeness > 0.9
    alts = [image.proto.imgs[0].alt for image in page.get("image")]
    assert alts[0] == "Your picture in gray"  # then what goes in, and five steps
    assert len(alts) == 7


def test_an_upload_is_worked_out_once_and_for_its_own_session_alone(page, monkeypatch):
    seen, prepare = [], preprocessing.prepare
    monkeypatch.setattr(
        preprocessing, "prepare", lambda source: seen.append(source) or prepare(source)
    )
    file = io.BytesIO()
    Image.fromarray(np.kron(mnist.load().x_test[0], np.ones((8, 8), np.uint8))).save(file, "PNG")
    for at, times in ((page, 1), (open_page(), 2)):
        uploader = choose(at, "Upload").file_uploader(key="draw_file")
        uploader.upload("seven.png", file.getvalue())
        run(at)
        run(at)
        assert seen == [file.getvalue()] * times
        assert at.session_state["draw_upload"][0].steps
    other = io.BytesIO()
    Image.fromarray(np.kron(mnist.load().x_test[1], np.ones((8, 8), np.uint8))).save(other, "PNG")
    page.file_uploader(key="draw_file").set_value([("two.png", other.getvalue(), "image/png")])
    run(page)
    assert seen[2:] == [other.getvalue()]  # another file in its place
    page.file_uploader(key="draw_file").set_value(None)
    assert "Choose a picture" in messages(run(page))
    assert page.session_state["draw_upload"] is None


def test_two_digits_are_told_and_each_is_read(page, sheet, answering):
    sheet.draw([(40, 60), (110, 60), (60, 260)])
    sheet.draw([(250, 40), (240, 260)])
    run(page)
    assert "Your picture has 2 digits" in "\n".join(c.value for c in page.caption)
    assert bars(page) == 2
    first, second = answering.seen[-2:]
    assert first[:, :14].sum() > second[:, :9].sum()  # the 7 is wider than the 1
    which = next(c for c in page.segmented_control if "which" in str(c.key))
    assert "digit 1 of 2" in "\n".join(c.value for c in page.caption)
    which.set_value("2")
    assert "digit 2 of 2" in "\n".join(c.value for c in run(page).caption)


def test_an_upload_stays_until_it_is_removed(page, answering):
    file = io.BytesIO()
    Image.fromarray(np.kron(mnist.load().x_test[0], np.ones((8, 8), np.uint8))).save(file, "PNG")
    choose(page, "Upload").file_uploader(key="draw_file").upload("seven.png", file.getvalue())
    received = run(page).session_state["draw_upload"][0].image
    run(page.switch_page("../../pages/home.py"))
    run(page.switch_page("../../pages/draw.py"))
    assert page.file_uploader(key="draw_file").value is None
    assert "Your last picture" in [text.value for text in page.markdown]
    assert "This is a 7" in answer(page)
    np.testing.assert_array_equal(page.session_state["draw_upload"][0].image, received)
    assert "Choose a picture" in messages(press(page, "remove"))


@pytest.mark.parametrize(
    ("content", "rule"),
    [(b"nothing", "must be a whole file"), (bytes(25 * 2**20 + 1), "at most 25 MB")],
    ids=["no picture", "too large"],
)
def test_a_bad_file_gets_a_sentence(page, content, rule):
    choose(page, "Upload").file_uploader(key="draw_file").upload("digit.png", content)
    assert rule in messages(run(page))
    assert bars(page) == 0


def test_a_test_image_goes_in_as_it_is_with_its_label(page, answering):
    choose(page, "Test image").number_input(key="draw_test_image").set_value(1234)
    run(page)
    data = mnist.load()
    np.testing.assert_array_equal(answering.seen[-1], data.x_test[1234])
    verdict = "Right" if data.y_test[1234] == 7 else "Wrong"
    assert f"{verdict}: the label is {data.y_test[1234]}." in answer(page)
    assert len(page.get("image")) == 2


def test_any_other_test_image_can_be_taken(page, answering):
    choose(page, "Test image")
    rows = [press(page, "any").number_input(key="draw_test_image").value for _ in range(3)]
    assert len(set(rows)) > 1
    np.testing.assert_array_equal(answering.seen[-1], mnist.load().x_test[int(rows[-1] or 0)])


def test_taking_another_leaves_the_log_empty(page, monkeypatch):
    """Streamlit warns of a box with both a default and a number from elsewhere, and runs on."""
    warned = []
    logger = SimpleNamespace(warning=lambda *words, **_: warned.append(words))
    monkeypatch.setattr(policies, "_LOGGER", logger)
    monkeypatch.setattr(policies, "_shown_default_value_warning", False)
    monkeypatch.setattr(policies, "runtime", SimpleNamespace(exists=lambda: True))
    choose(page, "Test image")
    press(page, "any")
    assert not warned


def test_a_doubtful_reading_says_so_and_names_both(page, sheet, answering):
    answering.answers[1] = sure_of(4, share=0.55)
    sheet.draw(ONE)
    run(page)
    words = "Probably a 4 (55.0\u00a0%), but it could be a 9 (37.8\u00a0%)."
    assert answer(page) == words
    assert any(words in caption.value for caption in page.caption)
    assert "4?" in page.get("plotly_chart")[0].proto.spec


def test_up_to_three_runs_read_the_same_drawing(page, sheet, answering):
    more = [add_run(answering, "second", sure_of(1)), add_run(answering, "third", sure_of(2))]
    sheet.draw(ONE)
    run(page)
    assert page.multiselect[0].proto.max_selections == 3
    page.multiselect[0].set_value([1, *more])
    run(page)
    assert [words[:11] for words in answers(page)] == [f"This is a {read}" for read in (7, 1, 2)]
    page.multiselect[0].set_value([])
    assert "Choose a network" in messages(run(page))


def test_a_network_that_diverged_does_not_silence_the_others(page, sheet, answering):
    broken = add_run(answering, "broken", np.full(10, np.nan))
    run(page)
    page.multiselect[0].set_value([broken, 1])
    sheet.draw(ONE)
    run(page)
    assert "diverged" in page.error[0].value
    assert "This is a 7" in answer(page)


def test_a_run_deleted_meanwhile_is_no_longer_chosen(page, sheet, answering):
    second = add_run(answering, "second", sure_of(1))
    sheet.draw(ONE)
    run(page)
    page.multiselect[0].set_value([1, second])
    run(page)
    Store().delete_run(1)
    assert "This is a 1" in answer(run(page))


def test_the_real_engine_reads_a_hard_image_as_it_did_when_the_run_was_evaluated(engine, sheet):
    examples.install()
    run_id = Store().examples()[0].id
    report = artifacts.load_report(Store(), run_id)
    assert report is not None
    row = int(report.confidence.argmin())
    at = choose(open_page(), "Test image")
    at.number_input(key="draw_test_image").set_value(row)
    at.multiselect[0].set_value([run_id])
    assert read(report.probabilities[row]).sentence in answer(run(at))


@pytest.mark.parametrize("shape", [(28, 28), (20, 3), (3, 20), (400, 375), (1, 1)])
def test_a_framed_picture_keeps_its_shape_and_its_values(shape):
    picture = np.random.default_rng(0).integers(200, 255, shape, np.uint8)
    framed = charts.framed(picture)
    assert framed.shape == (charts.SIDE, charts.SIDE)
    shown = framed != charts.GREY
    height, width = np.ptp(np.argwhere(shown), axis=0) + 1
    assert height / width == pytest.approx(shape[0] / shape[1], rel=0.03)
    assert framed[shown].mean() == pytest.approx(picture.mean(), abs=1)
