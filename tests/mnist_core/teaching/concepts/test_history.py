"""The networks of the idea A short history can be built; a box is where SciPy finds it."""

import re

import numpy as np
import pytest
from scipy import ndimage

from mnist_core.dataset import mnist
from mnist_core.network.notation import parse
from mnist_core.network.summary import Limits, check_limits, summarize
from mnist_core.teaching.concepts import history
from mnist_core.teaching.concepts.history import MILESTONES
from mnist_core.utils.server_settings import ServerSettings


@pytest.mark.parametrize("milestone", MILESTONES, ids=lambda one: one.name)
def test_a_milestone_can_be_built_and_has_what_it_brought(milestone):
    summary = summarize(parse(milestone.near))
    kinds = {row.type for row in summary.rows}
    words = re.findall(r"C\d+(?:k(\d))?", milestone.near)
    assert ("Add" in kinds) == (milestone.name == "ResNet-152")
    assert ("Dropout" in kinds) == (milestone.name in {"AlexNet", "VGG-16"})
    assert (not any(words)) == (milestone.name in {"VGG-16", "ResNet-152"})


def test_lenet_5_has_the_parameters_of_its_known_variant():
    """61,706 for the variant whose second convolution reads all maps; the paper's reads some."""
    near = next(one.near for one in MILESTONES if one.name == "LeNet-5")
    assert summarize(parse(near)).trainable == 61_706


def test_years_are_those_of_the_papers():
    years = {milestone.name: milestone.year for milestone in MILESTONES}
    assert years == {
        "LeNet": 1989, "LeNet-5": 1998, "AlexNet": 2012, "VGG-16": 2014, "ResNet-152": 2015,
    }  # fmt: skip
    assert list(years.values()) == sorted(years.values())


@pytest.mark.parametrize("at", range(0, 10_000, 997))
def test_a_box_is_the_smallest_around_all_ink(at):
    mask = history.ink(mnist.load().x_test[at])
    top, left, height, width = history.box_around(mask)
    ((rows, columns),) = ndimage.find_objects(mask.astype(int))
    assert (top, top + height, left, left + width) == (
        rows.start, rows.stop, columns.start, columns.stop,
    )  # fmt: skip


def test_ink_is_what_is_brighter_than_half():
    grays = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(history.ink(grays), grays / 255 > 0.5)


def test_one_pixel_has_a_box_of_one_cell():
    mask = np.zeros((28, 28), bool)
    mask[27, 3] = True
    assert history.box_around(mask) == (27, 3, 1, 1)


@pytest.mark.parametrize("milestone", MILESTONES, ids=lambda one: one.name)
def test_a_hosted_demo_can_train_each_milestone(milestone):
    usual = ServerSettings()
    check_limits(parse(milestone.near), Limits(usual.max_parameters, usual.max_multiply_adds))
