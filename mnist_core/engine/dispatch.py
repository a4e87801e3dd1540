"""Call a task by its name: the scheduler unpickles this function and need not import the tasks."""

from typing import Any


def run_task(name: str, *arguments: Any) -> Any:
    """What a function of `engine.tasks` returns, or its MnistError as a value.

    Raised, Dask would log its traceback.
    """
    from mnist_core.engine import tasks
    from mnist_core.utils.errors import MnistError

    try:
        return getattr(tasks, name)(*arguments)
    except MnistError as error:
        return error
