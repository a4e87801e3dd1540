"""Run a task by name: a scheduler unpickles this function and need not import the tasks."""


def run_task(name: str, *arguments: object) -> object:
    """Return the result of one of `engine.tasks.TASKS`, or the MnistError that it raises.

    Dask would log the traceback of an error that is raised here.
    """
    from mnist_core.engine.tasks import TASKS
    from mnist_core.utils.errors import MnistError

    try:
        return TASKS[name](*arguments)
    except MnistError as error:
        return error
