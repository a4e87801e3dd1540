"""The start of a training: the run that it queues says what it is."""

import pytest

from mnist_core.network.presets import find
from mnist_core.network.query import to_query
from mnist_core.network.settings import change_settings
from mnist_core.storage.runs import Store
from tests.helpers import click


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "note-5"),
        ({"learning_rate": 0.01, "limit": 12_000}, "note-5 · lr 0.01 · 12,000 images"),
    ],
)
def test_a_run_is_called_by_what_differs_from_its_preset(page, changes, name):
    spec = change_settings(find("note-5"), changes)
    click(page("train", **to_query(spec)), "Start training")
    run = Store().runs()[0]
    assert (run.spec, run.name) == (spec, name)
