"""The process of a command: its standard streams, even if the shell closed them, and Ctrl-C."""

import codecs
import errno
import os
import signal
import sys
import unicodedata
from collections.abc import Generator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path

UNWRITABLE = (errno.ENOSPC, errno.EPIPE, errno.EIO, errno.EBADF)
"""Errors of a stream that cannot be written: a full disk, a closed pipe."""

COMMAND = "mnist" if Path(sys.argv[0]).stem == "mnist" else "python -m mnist_core"
"""How this process was started, for messages that tell what to type."""

_LIKE = str.maketrans("·–—−×“”‘’─│", ".---x\"\"''-|")


def prepare() -> None:
    """Open closed standard streams, and let all of them replace what they cannot encode.

    The number of a closed stream would go to the next socket or file that is opened, here and in
    child processes; TensorFlow would then write its messages there.
    """
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number, which is this one
            os.set_inheritable(number, True)
            setattr(sys, name, os.fdopen(number, mode, closefd=False))
    codecs.register_error("similar", _alike)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="similar")


@contextmanager
def breaking_off() -> Generator[None]:
    """Let Ctrl-C end the process at once, since an exception inside an import could be lost.

    A process in the background, for which the shell ignores Ctrl-C, keeps ignoring it.
    """
    before, told = signal.getsignal(signal.SIGINT), os.dup(2)

    def end(*_: object) -> None:
        with suppress(OSError):
            os.write(told, b"Stopping during startup.\n")
        os._exit(130)

    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        os.close(told)


def explain_unwritable(error: OSError) -> int:
    """Say that output cannot be written, and discard the rest; return the status, 1."""
    if error.errno != errno.EPIPE:
        with suppress(OSError):
            print(f"cannot write the output ({error.strerror})", file=sys.stderr, flush=True)
    null = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(null, number)
    return 1


def _alike(error: UnicodeError) -> tuple[str, int]:
    """Replace characters that a stream cannot encode with similar ASCII ones, or with "?"."""
    assert isinstance(error, UnicodeEncodeError)
    text = error.object[error.start : error.end].translate(_LIKE)
    plain = unicodedata.normalize("NFKD", text)
    shown = (c if c.isascii() else "?" for c in plain if not unicodedata.combining(c))
    return "".join(shown), error.end
