"""Trained runs to export."""

from pathlib import Path

from mnist_core.execution.runner import execute
from mnist_core.exporting.export import export
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Split, Training
from mnist_core.storage.runs import Store

NOTATION = "C8bn M C8leaky_relu A F Drop0.3 D16tanh"


def trained(url: str, notation: str = NOTATION, kind: str = "last") -> tuple[Store, int]:
    """A store with a run of two epochs over few images."""
    split = {"kind": kind, "count": 500, "limit": 2000}
    training = Training(epochs=2, batch_size=64)
    spec = Spec(network=parse(notation), training=training, split=Split.model_validate(split))
    store = Store(url=url)
    run = store.create_run(spec, "small one")
    execute(store, run.id)
    return store, run.id


def exported(run: tuple[Store, int], path: Path) -> Path:
    return export(*run, path)
