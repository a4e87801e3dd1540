"""Who wrote which image, and what the recorded networks show of it."""

import json

import numpy as np
import pytest

from mnist_core.dataset import mnist
from mnist_core.engine import examples
from mnist_core.teaching.concepts import domain_shift
from mnist_core.teaching.concepts.domain_shift import (
    GROUPS,
    SEEDS,
    SHIFTS,
    SHOWN,
    SOURCES,
    Group,
    Source,
)
from mnist_core.utils.npz import unpack

SHIFT = pytest.mark.parametrize("shift", SHIFTS.values(), ids=list(SHIFTS))


def test_the_rows_of_the_writers_are_those_that_were_traced():
    """Counts by Yadav and Bottou 2019: of the training images 29,050 are by students."""
    students, employees, both = map(domain_shift.training_rows, ("students", "employees", "both"))
    assert len(students) == len(employees) == len(both) == 29_050
    assert not np.isin(students, employees).any()
    assert np.isin(both, students).mean() == 0.5
    assert students[[0, 1, -1]].tolist() == [0, 2, 58_098]
    first, then = map(domain_shift.rows_of, GROUPS)
    assert first.tolist() == list(range(5_001))
    assert then.tolist() == list(range(5_001, 10_000))


def test_the_examples_that_ship_with_the_app_read_the_first_half_worse():
    """LeCun's page has it the other way round."""
    for name in examples.NAMES:
        arrays = unpack((examples.FOLDER / f"example-{name}.npz").read_bytes())
        found = unpack(arrays["predictions"].tobytes())["probabilities"].argmax(axis=1)
        wrong = found != mnist.load().y_test
        students, employees = (int(wrong[domain_shift.rows_of(g)].sum()) for g in GROUPS)
        assert students > 1.5 * employees


def test_every_network_and_every_level_is_recorded():
    found = domain_shift.measured()
    assert list(found) == [(source, name) for source in SOURCES for name in SHIFTS]
    for (_, name), measured in found.items():
        levels = len(SHIFTS[name].distortion.levels)
        assert measured.right.shape == (len(GROUPS), SEEDS, levels)
        assert measured.read.shape == (levels, len(GROUPS), SHOWN)
        for group, right in zip(GROUPS, measured.right, strict=True):
            assert right.max() <= measured.images(group)
            np.testing.assert_allclose(
                measured.accuracy(group), right.mean(axis=0) / measured.images(group)
            )
    assert found["both", "crossed"].images("students") == int(
        (mnist.load().y_test[:5_001] == 7).sum()
    )


def test_unchanged_images_are_read_alike_under_every_shift():
    whole = [name for name, shift in SHIFTS.items() if shift.digit is None]
    for source in SOURCES:
        for group in GROUPS:
            seen = set()
            for name in whole:
                measured, kind = domain_shift.measured()[source, name], SHIFTS[name].distortion
                seen.add(float(measured.accuracy(group)[kind.levels.index(kind.none)]))
            assert len(seen) == 1


def plain(source: Source, group: Group) -> float:
    found = domain_shift.measured()[source, "slanted"]
    return float(found.accuracy(group)[found.shift.distortion.levels.index(0)])


def test_other_peoples_digits_are_read_worse_than_those_of_the_own_group():
    for group, other in (GROUPS, GROUPS[::-1]):
        assert plain(group, group) > plain(other, group)
    assert plain("both", "students") < plain("both", "employees")


def test_each_line_of_the_file_is_a_record():
    lines = domain_shift.PATH.read_text(encoding="utf-8").splitlines()[1:-1]
    assert [json.loads(line.rstrip(","))["shift"] for line in lines] == [*SHIFTS] * len(SOURCES)


@SHIFT
def test_levels_rise_and_one_of_them_changes_nothing(shift):
    kind, rows = shift.distortion, shift.examples("students")
    assert list(kind.levels) == sorted(set(kind.levels))
    images = mnist.load().x_test[rows]
    assert np.array_equal(kind.apply(images, kind.none, rows), images)
    for level in kind.levels:
        made = kind.apply(images, level, rows)
        assert made.shape == images.shape
        assert np.array_equal(made, images) == (level == kind.none)


@SHIFT
def test_examples_are_images_by_each_group_of_the_right_digits(shift):
    labels = mnist.load().y_test
    for group in GROUPS:
        rows = shift.examples(group)
        assert ((rows <= 5_000) == (group == "students")).all()
        digits = (2, 3, 4, 7, 9) if shift.digit is None else (7,) * 5
        assert tuple(labels[rows]) == digits


BAR = np.zeros((1, 28, 28), np.uint8)
"""An upright stroke, 2 pixels wide and 20 high, in the middle."""
BAR[0, 4:24, 13:15] = 255


def apply(name: str, amount: float) -> np.ndarray:
    return SHIFTS[name].distortion.apply(BAR, amount, np.zeros(1, int))[0].astype(float)


def columns(image: np.ndarray, row: int) -> float:
    """The center of the ink in a row."""
    return float((image[row] * np.arange(28)).sum() / image[row].sum())


@pytest.mark.parametrize("degrees", [-30, 20])
def test_a_slanted_stroke_leans_by_the_angle(degrees):
    leaning = apply("slanted", degrees)
    lean = (columns(leaning, 8) - columns(leaning, 19)) / 11
    assert np.rad2deg(np.arctan(lean)) == pytest.approx(degrees, abs=0.5)
    assert columns(leaning, 13) + columns(leaning, 14) == pytest.approx(27, abs=0.1)


def test_a_widened_stroke_is_wider_and_as_high():
    wide = apply("widened", 140)
    assert wide[14].sum() / 255 == pytest.approx(2.8, abs=0.1)
    assert wide.max(axis=1).nonzero()[0].tolist() == list(range(4, 24))


def test_hard_edges_leave_black_and_white():
    image = mnist.load().x_test[:3]
    made = SHIFTS["sharpened"].distortion.apply(image, 100, np.zeros(3, int))
    assert np.array_equal(made, np.where(image >= 128, 255, 0))


def test_the_bar_crosses_the_stem_in_its_middle():
    crossed = apply("crossed", 8)
    row = crossed[14]  # 55 % of the way from row 4 to row 23
    assert row.tolist() == 10 * [0] + 8 * [255] + 10 * [0]
    assert columns(crossed, 14) == pytest.approx(13.5)
    changed = np.flatnonzero((crossed != BAR[0]).any(axis=1))
    assert changed.tolist() == [13, 14, 15]
