"""The idea Whose handwriting says and draws what was recorded."""

import numpy as np
import pytest

from mnist_core.teaching.concepts import domain_shift
from mnist_core.teaching.concepts.domain_shift import GROUPS, SHIFTS
from mnist_core.utils.text import percent
from tests.helpers import checked, figure, numbers, words

NAMES = ("digits by students", "digits by employees")


def said(at, found, level):
    """What the page must say of both groups."""
    shown = words(checked(at))
    for name, group, right in zip(NAMES, GROUPS, found.right, strict=True):
        images = found.images(group)
        wrong = images - right[:, level].mean()
        accuracy = percent(right[:, level].mean() / images)
        assert f"{name.capitalize()}: **{accuracy}: {wrong:,.0f} wrong of {images:,}**" in shown


def test_it_begins_with_the_images_as_they_were_written(page):
    at = page("learn", idea="domain-shift")
    first = next(iter(SHIFTS))
    found = domain_shift.measured()["both", first]
    said(at, found, found.shift.distortion.levels.index(found.shift.distortion.none))
    assert next(one.proto.label for one in at.get("page_link")) == "Can a network read you?"


@pytest.mark.parametrize("name", SHIFTS)
def test_it_says_and_draws_every_level(page, name):
    at = page("learn", idea="domain-shift")
    kind = SHIFTS[name].distortion
    at.button_group(key="idea_domain_shift_source").set_value("employees")
    at.button_group(key="idea_domain_shift_kind").set_value(kind.words).run()
    found = domain_shift.measured()["employees", name]
    for level in (0, len(kind.levels) - 1):
        key = f"idea_domain_shift_{name}"
        at.select_slider(key=key).set_value(kind.levels[level]).run()
        said(at, found, level)
        lines = [trace for trace in figure(at, 1)["data"] if trace["mode"] == "lines+markers"]
        assert [line["name"] for line in lines] == list(NAMES)
        for line, group in zip(lines, GROUPS, strict=True):
            np.testing.assert_allclose(numbers(line["y"]), found.accuracy(group))
        marks = [trace for trace in figure(at, 1)["data"] if trace["mode"] == "markers"]
        assert [numbers(mark["x"])[0] for mark in marks] == [kind.levels[level]] * 2
        notes = figure(at)["data"][1]["text"]
        rows = np.concatenate([found.shift.examples(group) for group in GROUPS])
        read = [int(note.split()[1]) for note in notes if note[:1] in ("✓", "✗")]
        assert read == found.read[level].ravel().tolist()
        assert len(read) == len(rows)


def test_a_wrongly_read_digit_is_marked(page):
    at = page("learn", idea="domain-shift")
    found = domain_shift.measured()["both", "thickened"]
    at.select_slider(key="idea_domain_shift_thickened").set_value(3).run()
    notes = figure(at)["data"][1]["text"]
    right = (found.read[-1] == [2, 3, 4, 7, 9]).ravel()
    assert 0 < right.sum() < 10
    assert [note[0] == "✓" for note in notes if note[:1] in ("✓", "✗")] == right.tolist()
