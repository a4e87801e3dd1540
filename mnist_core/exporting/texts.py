"""The export formats that are made from the store alone, nearly all text; no TensorFlow."""

from collections.abc import Callable

from mnist_core.evaluation import tables
from mnist_core.exporting import card, formats, html_report, notebook, script
from mnist_core.exporting.formats import ExportError
from mnist_core.storage import artifacts, handwriting
from mnist_core.storage.runs import Store, called
from mnist_core.utils.npz import pack

Maker = Callable[[Store, int], str | bytes]


def _predictions(store: Store, run_id: int) -> str:
    report = artifacts.load_report(store, run_id)
    if report is None:
        name = called(store.run(run_id))
        raise ExportError(
            f"{name} has no predictions for the test images yet: train it or evaluate it"
        )
    return tables.predictions_csv(report)


def _start(store: Store, run_id: int) -> bytes:
    run = store.run(run_id)
    return pack(artifacts.load_start(store, run) or {})


def _digits(store: Store, run_id: int) -> bytes:
    found = handwriting.learned_digits(store, store.run(run_id).spec.split)
    return pack(found.arrays if found else {})


TEXTS: dict[str, Maker] = {
    ".py": lambda store, run_id: script.of_run(store.run(run_id)),
    ".ipynb": lambda store, run_id: notebook.of_run(store.run(run_id)),
    formats.START: _start,
    formats.DIGITS: _digits,
    ".html": html_report.of_run,
    ".md": card.of_run,
    ".json": lambda store, run_id: store.run(run_id).spec.model_dump_json(indent=2),
    "-history.csv": lambda store, run_id: tables.history_csv(store.epochs(run_id)),
    "-predictions.csv": _predictions,
}
