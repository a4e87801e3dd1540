"""The status of the engine, in words for people."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Status:
    """Whether a worker takes work, and sentences for people; `trouble` may be empty.

    places: the number of runs that can train at once.
    """

    ready: bool
    words: str
    trouble: str = ""
    places: int = 1


STARTING = Status(False, "the worker is starting; TensorFlow takes a few seconds")
READY = Status(True, "the worker is ready")
OFF = Status(False, "no worker is running; start the app with `streamlit run app.py`")
