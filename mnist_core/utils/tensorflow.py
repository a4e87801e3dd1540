"""Starting TensorFlow without its notices, and without what it would take along unused."""

import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

UNUSED = ("IPython", "matplotlib", "pandas", "scipy", "sklearn")
"""Keras and TensorFlow import these where they are installed, for what nobody here asks of them."""


def start_tensorflow() -> None:
    """Import TensorFlow, and keep what it writes while that goes well off standard error.

    TensorFlow 2.21 greets with a dozen lines that TF_CPP_MIN_LOG_LEVEL does not silence (its issue
    100442). If the import fails they are shown.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as notices:
        os.dup2(notices.fileno(), 2)
        try:
            with _without(*UNUSED):
                import keras  # noqa: F401  brings TensorFlow along
        except BaseException:
            notices.seek(0)
            os.write(kept, notices.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)
    # It calls it retracing that every run compiles its own network, and warns from the fifth on.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)


@contextmanager
def _without(*packages: str) -> Iterator[None]:
    """Have imports of packages fail, as if they were not installed: 150 MB and two seconds less.

    Those that are imported already stay; afterwards the others can be imported.
    """
    absent = [package for package in packages if package not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  None: not to be found
    try:
        yield
    finally:
        for package in absent:
            del sys.modules[package]
