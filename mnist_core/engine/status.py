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
STILL_STARTING = Status(
    False, "the worker is still starting; on a slow server, TensorFlow can take minutes"
)
READY = Status(True, "the worker is ready")
OFF = Status(False, "no worker is running; start the app with `streamlit run app.py`")

SLOW_START_S = 30
"""A worker that has been starting for longer than this is on a slow server."""

SLOW_IMAGES_PER_S, USUAL_IMAGES_PER_S = 3_000, 15_000
"""Training speed on note-5: below the first, a server is slow; two cores of a laptop reach the
second."""


def starting_status(seconds: float) -> Status:
    """Return the status of a worker that has been starting for a time."""
    return STARTING if seconds < SLOW_START_S else STILL_STARTING


def ready_status(images_per_s: float | None) -> Status:
    """Return the status of a ready worker. images_per_s: its speed on note-5, None if unknown."""
    if images_per_s is None or images_per_s >= SLOW_IMAGES_PER_S:
        return READY
    speed = float(f"{images_per_s:.2g}")
    return Status(
        True,
        f"the worker is ready, but this server is slow: it trains on {speed:,.0f} images per "
        f"second, a laptop on about {USUAL_IMAGES_PER_S:,}",
    )
