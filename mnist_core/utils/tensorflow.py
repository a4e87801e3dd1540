"""Importing TensorFlow without its startup messages and without unused packages."""

import gc
import logging
import os
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager

UNUSED = ("IPython", "matplotlib", "pandas", "scipy", "sklearn")
"""Optional packages that Keras and TensorFlow import for features that are not used here."""


def start_tensorflow() -> None:
    """Import Keras and TensorFlow, and keep their startup messages off standard error.

    TensorFlow 2.21 writes a dozen lines that TF_CPP_MIN_LOG_LEVEL does not silence (its issue
    100442). They are shown if the import fails.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    gc.disable()  # 2,800 modules leave it nothing to collect: this saves an eighth of the time
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as notices:
        os.dup2(notices.fileno(), 2)
        try:
            with _without(*UNUSED):
                # Imported for its effect, TensorFlow in this process; Keras has no stubs.
                import keras  # noqa: F401  # pyright: ignore[reportMissingTypeStubs, reportUnusedImport]
        except BaseException:
            notices.seek(0)
            os.write(kept, notices.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            gc.enable()
    # Each run compiles its own network; TensorFlow warns of retracing from the fifth one on.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)


@contextmanager
def _without(*packages: str) -> Generator[None]:
    """Make imports of packages fail inside the block; this saves 150 MB and two seconds.

    Packages that are already imported stay; the others can be imported afterwards.
    """
    absent = [package for package in packages if package not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  None: not to be found
    try:
        yield
    finally:
        for package in absent:
            del sys.modules[package]
