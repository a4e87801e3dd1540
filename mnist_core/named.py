"""A task by its name: the scheduler reads what it hands on, and so need not import what it does."""

from typing import Any


def call(name: str, *arguments: Any) -> Any:
    """What a function of `mnist_core.worker` returns."""
    from mnist_core import worker

    return getattr(worker, name)(*arguments)
