"""Starting TensorFlow without its notices."""

import logging
import os
import sys
import tempfile


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
