"""Tables and files of a run, read back by pandas and compared with NumPy."""

from io import StringIO

import numpy as np
import pandas as pd
import pytest

from mnist_core.evaluation import tables
from mnist_core.evaluation.history import Epoch
from mnist_core.evaluation.report import Report
from mnist_core.network import presets


@pytest.fixture(scope="module")
def report() -> Report:
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.full(10, 0.3), 2000).astype(np.float32)
    return Report(probabilities, rng.integers(0, 10, 2000))


def test_predictions_come_back_exactly(report):
    table = pd.read_csv(StringIO(tables.predictions_csv(report)))
    assert list(table) == [
        "index",
        "label",
        "predicted",
        "confidence",
        *(f"p{d}" for d in range(10)),
    ]
    np.testing.assert_array_equal(table["index"], np.arange(2000))
    np.testing.assert_array_equal(table["label"], report.labels)
    columns = table[[f"p{digit}" for digit in range(10)]].to_numpy(np.float32)
    np.testing.assert_array_equal(columns, report.probabilities)
    np.testing.assert_array_equal(columns.argmax(axis=1), table["predicted"])
    np.testing.assert_array_equal(columns.max(axis=1), table["confidence"].astype(np.float32))


def test_history_has_a_row_an_epoch():
    epochs = [Epoch(1, 0.5, 0.85, 0.1, 0.96, 1e-3, 2.5), Epoch(2, 0.2, 0.9, None, None, 1e-3, 2.4)]
    table = pd.read_csv(StringIO(tables.history_csv(epochs)))
    assert table["epoch"].tolist() == [1, 2]
    assert table["loss"].tolist() == [0.5, 0.2]
    assert table["val_accuracy"].isna().tolist() == [False, True]


def test_a_run_without_epochs_has_a_history_of_names_only():
    assert tables.history_csv([]).startswith("epoch,loss,accuracy,val_loss")
    assert tables.history_csv([]).count("\n") == 1


def test_cells_hold_every_image_once_most_confident_first(report):
    cells = [tables.confusion_cell(report, true, read) for true in range(10) for read in range(10)]
    assert sorted(np.concatenate(cells)) == list(range(2000))
    assert [len(rows) for rows in cells] == report.confusion.ravel().tolist()
    for rows in cells:
        assert (np.diff(report.confidence[rows]) <= 0).all()


def test_filters_keep_what_a_loop_keeps(report):
    for label, predicted, least in ((None, None, 0), (3, None, 0.5), (None, 8, 0.7), (1, 2, 0.4)):
        expected = {
            row
            for row, (true, ten) in enumerate(zip(report.labels, report.probabilities, strict=True))
            if true != ten.argmax()
            and label in (None, true)
            and predicted in (None, ten.argmax())
            and ten.max() >= least
        }
        rows = tables.mistakes(report, label, predicted, least)
        assert set(rows) == expected
        assert len(rows) == len(expected) > 0
        assert (np.diff(report.confidence[rows]) <= 0).all()


def test_a_digit_is_never_mistaken_for_itself(report):
    assert len(tables.mistakes(report, 4, 4)) == 0


def test_the_most_frequent_mistake():
    probabilities = np.eye(10, dtype=np.float32)[[1, 1, 1, 9, 9, 4]]
    assert tables.most_frequent_mistake(Report(probabilities, np.array([1, 1, 1, 4, 4, 9]))) == (
        4,
        9,
    )


def test_a_faultless_report_has_a_cell_to_show_too():
    faultless = Report(np.eye(10, dtype=np.float32), np.arange(10))
    assert tables.most_frequent_mistake(faultless) == (0, 1)


def test_classification_has_ten_digits_and_two_averages(report):
    table = tables.classification(report)
    assert table["digit"].tolist() == [*map(str, range(10)), "macro avg", "weighted avg"]
    assert table["recall"][11] == pytest.approx(report.accuracy)  # weighted recall is accuracy


def test_settings_name_the_network_in_both_notations():
    table = tables.settings(presets.find("note-5")).set_index("setting")["value"]
    assert table["network"] == "C8 M C16 M F D64 Drop0.2"
    assert table["course notation"] == "C1 M1 C2 M2 F400 D64 Drop0.2 D10"
    assert table["weight decay"] == "none"
    assert table["fraction"] == "0.2"


def test_no_cell_is_a_formula():
    cells = ["=1+1", "+1", "-1", "@SUM(A1)", "C8 M", "'=1", -1.5, None]
    shown = tables.to_csv(pd.DataFrame({"cell": cells})).splitlines()[1:]
    assert shown == ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "C8 M", "'=1", "-1.5", '""']
