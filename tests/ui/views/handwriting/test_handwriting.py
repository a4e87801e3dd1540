"""The page Our handwriting: writing, taking back, limits, figures and removal."""

import io
import sys
from collections import Counter
from types import SimpleNamespace
from urllib.parse import parse_qsl

import numpy as np
import pytest
import streamlit as st
from sklearn.metrics import accuracy_score, confusion_matrix
from streamlit.testing.v1 import AppTest

from mnist_core.dataset import preprocessing
from mnist_core.dataset.digit_set import DigitSet
from mnist_core.dataset.prompts import prompts
from mnist_core.exporting.digit_files import DIGIT_FORMATS
from mnist_core.network import query
from mnist_core.network.presets import PRESETS
from mnist_core.network.spec import Spec, Split, Transfer
from mnist_core.storage import handwriting
from mnist_core.storage.runs import Store
from tests.helpers import checked, click, figure, messages, words
from tests.mnist_core.digit_sets import sample
from tests.ui.browser_sheet import Sheet
from tests.ui.class_digits import fill, learned, learned_from_all
from ui.session import visitor


@pytest.fixture
def sheet(monkeypatch) -> Sheet:
    made = Sheet()
    canvas = SimpleNamespace(st_canvas=made.show)
    monkeypatch.setitem(sys.modules, "streamlit_drawable_canvas", canvas)
    monkeypatch.setattr(visitor, "writer", lambda: "anna")
    return made


@pytest.fixture
def writing(page, sheet) -> AppTest:
    """The tab Write, after the consent."""
    at = checked(page("handwriting"))
    assert not at.get("canvas")
    assert "instead of your name" in words(at)
    return checked(click(at, "I agree"))


def asked(at: AppTest) -> int:
    return int(at.header[0].value.split()[-1])


def draw(at: AppTest, sheet: Sheet, shift: int = 0) -> AppTest:
    sheet.draw([(90 + shift, 60), (230, 60), (140, 260)])
    return checked(at.run())


def test_each_digit_is_kept_with_its_label_and_its_picture(writing, sheet):
    order, picture = [digit for digit, _ in prompts("anna", 1)], b""
    for at_label, label in enumerate(order):
        assert asked(writing) == label
        assert f"{at_label} of 10 digits" in messages(writing) + words(writing) + progress(writing)
        assert writing.button("handwriting_save").disabled
        draw(writing, sheet, at_label)
        picture = sheet.picture()
        checked(writing.button("handwriting_save").click().run())
    assert "You have written 10 digits" in messages(writing)
    found = handwriting.samples(Store())
    assert [each.label for each in found] == order
    [expected] = preprocessing.prepare_drawing(picture)
    assert np.array_equal(found[-1].image, expected.image)
    assert handwriting.drawings(Store())[found[-1].id].startswith(b"\x89PNG")
    assert {each.writer for each in found} == {1}
    checked(writing.segmented_control("handwriting_rounds").set_value(2).run())
    assert asked(writing) == prompts("anna", 2)[10][0]


def progress(at: AppTest) -> str:
    return " ".join(str(each.proto.text) for each in at.get("progress"))


def test_a_skipped_digit_is_not_asked_for_and_the_sheet_is_blank_again(writing, sheet):
    first, second = (digit for digit, _ in prompts("anna", 1)[:2])
    assert asked(writing) == first
    draw(writing, sheet)
    checked(writing.button("handwriting_skip").click().run())
    assert asked(writing) == second
    assert writing.button("handwriting_save").disabled
    assert handwriting.ids(Store()) == []


def test_one_takes_back_a_digit_and_is_asked_for_it_again(writing, sheet):
    label = asked(writing)
    draw(writing, sheet)
    checked(writing.button("handwriting_save").click().run())
    handwriting.add(Store(), "ben", 3, np.ones((28, 28), np.uint8), b"")
    own, theirs = handwriting.ids(Store())
    assert asked(writing) != label
    writing.session_state["handwriting_own"] = True  # the box is open
    checked(writing.run())
    writing.button_group("handwriting_delete").set_value([own])
    checked(writing.run())
    checked(writing.button("handwriting_delete_now").click().run())
    assert handwriting.ids(Store()) == [theirs]
    assert asked(writing) == label


def test_two_digits_on_one_sheet_are_refused(writing, sheet):
    sheet.draw([(60, 60), (60, 240)])
    sheet.draw([(250, 60), (250, 240)])
    writing.run()
    assert "only one digit on the sheet; received 2" in messages(writing)
    assert writing.button("handwriting_save").disabled


def test_a_class_that_was_closed_meanwhile_says_so_and_keeps_the_drawing(writing, sheet):
    draw(writing, sheet)
    handwriting.set_open(Store(), False)
    writing.button("handwriting_save").click().run()
    assert "collection is closed" in messages(writing)
    assert handwriting.ids(Store()) == []
    handwriting.set_open(Store(), True)
    checked(writing.run())
    assert not writing.button("handwriting_save").disabled


def choose(at: AppTest) -> AppTest:
    run = next(run for run in Store().examples() if run.name == "note-5")
    at.selectbox("handwriting_reader").set_value(run.id)
    return checked(at.run())


def test_results_are_those_of_scikit_learn(page, reading):
    labels, read = fill(40)
    at = choose(checked(page("handwriting", handwriting_tab="Results")))
    accuracy = accuracy_score(labels, read)
    wrong = 40 - accuracy_score(labels, read, normalize=False)
    assert at.metric[0].value == f"{100 * accuracy:.1f}\u00a0%"
    assert f"{wrong:.0f} of 40 digits wrong, from 3 writers" in words(at)
    assert at.dataframe[0].value["wrong"].sum() == wrong
    assert at.dataframe[0].value["digits"].tolist() == [14, 13, 13]
    assert "With so few writers" in words(at)  # the interval reaches 98.7 %
    drawn = figure(at, 0)["data"][2]["text"]
    assert [*map(int, drawn)] == confusion_matrix(labels, read, labels=range(10)).ravel().tolist()
    assert reading.asked == [40]
    handwriting.add(Store(), "w0", 1, np.ones((28, 28), np.uint8), b"")
    checked(at.run())
    assert reading.asked == [40, 1]  # only what is new


def test_a_clear_gap_is_called_domain_shift(page, reading):
    labels, read = fill(240, 12)
    at = choose(checked(page("handwriting", handwriting_tab="Results")))
    gap = 98.7 - 100 * accuracy_score(labels, read)
    assert f"The gap is **{gap:.1f} points**" in words(at)
    assert "domain shift" in words(at)


def test_the_wall_tells_what_is_missing_and_what_is_read(page, reading):
    for label in (1, 1, 7):
        handwriting.add(Store(), "anna", label, np.full((28, 28), 1, np.uint8), b"")
    at = checked(page("handwriting", handwriting_tab="Wall"))
    assert "**3 digits** by **1 writer**" in words(at)
    assert "Still missing: 0, 2, 3, 4, 5, 6, 8, 9" in words(at)
    choose(at)
    assert "**66.7\u00a0%** correctly: 1 wrong" in words(at)


def test_the_teacher_closes_and_removes(page, reading):
    fill(9)
    at = checked(page("handwriting", handwriting_tab="For teachers"))
    checked(at.toggle("handwriting_open").set_value(False).run())
    assert not handwriting.is_open(Store())
    at.multiselect("handwriting_writers").set_value([2])
    checked(at.run())
    assert at.button("handwriting_delete_chosen").disabled
    at.checkbox("handwriting_sure").set_value(True)
    checked(at.run())
    checked(at.button("handwriting_delete_chosen").click().run())
    left = handwriting.samples(Store())
    assert {each.writer for each in left} == {1, 3}
    assert len(left) == 6


def test_what_is_exported_can_be_imported_as_a_set_of_its_own(page, reading):
    fill(12)
    samples = handwriting.samples(Store())
    arrays = DigitSet(
        np.stack([each.image for each in samples]),
        np.array([each.label for each in samples], np.uint8),
        np.array([each.writer for each in samples], np.int32),
        (b"",) * 12,
    )
    at = checked(page("handwriting", handwriting_tab="For teachers"))
    assert len(at.get("download_button")) == len(DIGIT_FORMATS) == 3
    assert not at.get("button_group")  # no choice of a set yet
    at.file_uploader("handwriting_file").upload("last.npz", DIGIT_FORMATS[".npz"].write(arrays))
    at.text_input("handwriting_name").set_value("Last *year*")
    click(at, "Import")
    assert "Added 12 digits" in messages(at)
    assert len(handwriting.ids(Store())) == 12
    found = handwriting.samples(Store(), collection="Last *year*")
    assert Counter(each.writer for each in found) == Counter(each.writer for each in samples)
    at.file_uploader("handwriting_file").upload("last.npz", DIGIT_FORMATS[".npz"].write(arrays))
    click(at, "Import")
    assert handwriting.imported(Store()) == ["Last *year*", "last.npz"]
    at.file_uploader("handwriting_file").upload("bad.npz", b"no set of digits")
    click(at, "Import")
    assert at.error
    assert len(handwriting.imported(Store())) == 2


def test_an_imported_set_is_looked_at_in_place_of_the_class(page, reading):
    fill(9)
    handwriting.add_set(Store(), "Last year", sample(40, 5))
    at = checked(page("handwriting", handwriting_tab="Wall"))
    assert "**9 digits** by **3 writers**" in words(at)
    at.button_group("handwriting_set").set_value("Last year")
    assert "**40 digits** by **5 writers**" in words(checked(at.run()))
    handwriting.remove(Store(), handwriting.ids(Store(), "Last year"))
    assert "**9 digits** by **3 writers**" in words(checked(at.run()))


def test_only_writers_from_whom_it_has_not_learned_count(page, reading):
    labels, read = fill(40, 4)
    run = learned()
    own = run.spec.split.handwriting
    assert own is not None
    at = checked(page("handwriting", handwriting_tab="Results"))
    assert at.selectbox("handwriting_reader").value == run.id  # the newest that learned from them
    writers = [at_row % 4 + 1 for at_row in range(40)]
    tested = [at_row for at_row in range(40) if writers[at_row] not in own.writers]
    right = accuracy_score([labels[row] for row in tested], [read[row] for row in tested])
    assert f"trained on digits by {len(own.writers)} writers here. The test leaves" in words(at)
    assert at.metric[0].value == f"{100 * right:.1f}\u00a0%"
    assert at.dataframe[0].value["digits"].sum() == len(tested)


def test_a_fine_tuned_run_says_how_well_its_source_read_the_same_digits(page, reading):
    labels, read = fill(40, 4)
    example = next(run for run in Store().examples() if run.name == "fast")
    own = handwriting.choose_to_learn(Store())
    start = Transfer(source=example.weights_hash or "")
    spec = Spec(network=example.spec.network, split=Split(handwriting=own), transfer=start)
    run = Store().create_run(spec, "ours", queued=False)
    Store().update(run.id, test_accuracy=0.9, weights_hash=16 * "b")
    at = checked(page("handwriting", handwriting_tab="Results"))
    tested = [row for row in range(40) if row % 4 + 1 not in own.writers]
    worse = [(read[row] + row % 2) % 10 for row in tested]  # as the example reads
    right = accuracy_score([labels[row] for row in tested], worse)
    assert f"read **{100 * right:.1f}\u00a0%** of the same {len(tested)} digits" in words(at)


def test_without_new_writers_nobody_is_left_to_test_it(page, reading):
    learned_from_all()
    at = checked(page("handwriting", handwriting_tab="Results"))
    assert "no writer is left for a fair test" in messages(at)
    assert not at.metric


def test_a_network_is_fine_tuned_from_its_results(page, reading):
    fill(40, 4)
    at = choose(checked(page("handwriting", handwriting_tab="Results")))
    (link,) = [each for each in at.get("page_link") if "Fine-tune" in each.proto.label]
    spec = query.from_query(dict(parse_qsl(link.proto.query_string)))
    example = next(run for run in Store().examples() if run.name == "note-5")
    assert spec.transfer is not None
    assert (spec.network, spec.transfer.source) == (example.spec.network, example.weights_hash)
    assert spec.split.handwriting == handwriting.choose_to_learn(Store())
    assert PRESETS["our-class"].is_preset_of(spec)


def test_an_export_has_no_digit_that_was_deleted_meanwhile(page, reading, monkeypatch):
    fill(6)
    made = {}
    monkeypatch.setattr(
        st, "download_button", lambda label, data, *_, **__: made.update({label: data})
    )
    checked(page("handwriting", handwriting_tab="For teachers"))
    ids = handwriting.ids(Store())
    handwriting.remove(Store(), ids[:2])
    with np.load(io.BytesIO(made["our-handwriting.npz"]()), allow_pickle=False) as arrays:
        assert len(arrays["x_train"]) + len(arrays["x_test"]) == 4


def test_without_digits_every_tab_says_what_comes(page, reading):
    said = {"Wall": "No digits yet", "Results": "no digits yet", "For teachers": "no digits yet"}
    for tab, sentence in said.items():
        at = checked(page("handwriting", handwriting_tab=tab))
        assert sentence in words(at) + messages(at)
