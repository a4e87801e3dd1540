"""Tasks that are called by name."""

import pytest

from mnist_core.engine.dispatch import run_task


def test_only_tasks_can_be_called_by_name():
    with pytest.raises(KeyError):
        run_task("release_memory")
