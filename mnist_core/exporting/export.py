"""Exports a run to a file; TensorFlow is imported only for formats that need it."""

from pathlib import Path

from mnist_core.exporting import formats
from mnist_core.exporting.formats import ExportError, Format
from mnist_core.exporting.texts import TEXTS
from mnist_core.storage.runs import Store
from mnist_core.utils.errors import MnistError

__all__ = ["ExportError", "export"]


def export(store: Store, run_id: int, path: Path) -> Path:
    """Write a run in the format of the file's ending, one of `formats.FORMATS`; return the path.

    A model's input is (n, 28, 28, 1) in [0, 1]: pixels divided by 255. Leaves no file on an error.
    Raises ExportError, and StoreError on a run without weights.
    """
    format, run = formats.find(path.name), store.run(run_id)
    if obstacle := formats.obstacle(format, run.spec):
        raise ExportError(f"{path.name} cannot be exported: {obstacle}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(store, run_id, format, path)
    except MnistError:
        raise
    except OSError as error:
        raise ExportError(f"{path} cannot be written ({error}): choose another place") from error
    except Exception as error:  # a converter may fail in ways of its own
        path.unlink(missing_ok=True)
        reason = str(error).strip().partition("\n")[0]
        raise ExportError(
            f"this network cannot be exported as {format.ending} ({type(error).__name__}: "
            f"{reason:.200}): choose another format, such as .keras"
        ) from error
    return path


def _write(store: Store, run_id: int, format: Format, path: Path) -> None:
    if format.text:
        made = TEXTS[format.ending](store, run_id)
        path.write_bytes(made.encode() if isinstance(made, str) else made)
    else:
        from mnist_core.exporting import models

        models.write(store, run_id, format.ending, path)
