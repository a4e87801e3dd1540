"""The process of a command: its streams, whatever the shell made of them, and Ctrl-C."""

import codecs
import errno
import os
import signal
import sys
import unicodedata
from collections.abc import Generator
from contextlib import contextmanager, suppress
from io import TextIOWrapper

UNWRITABLE = (errno.ENOSPC, errno.EPIPE, errno.EIO, errno.EBADF)
"""Errors of a stream that takes nothing: a full disk, a reader that has gone."""

_LIKE = str.maketrans("·–—−×“”‘’─│", ".---x\"\"''-|")


def prepare() -> None:
    """Open closed streams, and let all of them show what they can.

    The number of a closed stream would go to the next socket or file that is opened, also in the
    processes that this one starts, and with it all messages of TensorFlow.
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
    """Let Ctrl-C end the process at once: an exception within an import could be lost.

    Where the shell lets the process ignore it, in the background, it stays ignored.
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
    """Replace characters that a stream does not have by similar ones of ASCII, or by "?"."""
    assert isinstance(error, UnicodeEncodeError)
    text = error.object[error.start : error.end].translate(_LIKE)
    plain = unicodedata.normalize("NFKD", text)
    shown = (c if c.isascii() else "?" for c in plain if not unicodedata.combining(c))
    return "".join(shown), error.end
