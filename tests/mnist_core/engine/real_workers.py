"""Runs for real workers, and the processes of the workers."""

import psutil

from mnist_core.evaluation.run import INACTIVE_STATES, Run
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Split, Training
from mnist_core.storage.runs import Store

SHORT = Split(kind="last", count=500, limit=2000)


def spec(notation: str = "C4 M F D16", epochs: int = 2, **training) -> Spec:
    settings = Training.model_validate({"epochs": epochs, "batch_size": 64} | training)
    return Spec(network=parse(notation), training=settings, split=SHORT)


LONG = spec(epochs=1000)
"""Longer than any test; a small network leaves the processor to others."""


def at_rest(store: Store, run: Run) -> bool:
    return store.run(run.id).state in INACTIVE_STATES


def workers() -> list[psutil.Process]:
    """The worker processes that this process has."""
    return [p for p in psutil.Process().children() if "dask worker" in command_line(p)]


def schedulers() -> list[psutil.Process]:
    return [p for p in psutil.Process().children() if "dask scheduler" in command_line(p)]


def command_line(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
