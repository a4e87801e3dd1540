"""The live view of a run: one element that stays on the page and grows during training.

Its browser side is in `mnist_core/frontend/live`. Each message has only what is new since the last
one. After a rerun of the whole page, or if the browser reports a lost message, the next message has
everything.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache as once
from typing import Any

import numpy as np
from streamlit.components import v2 as components

from mnist_core.dataset import mnist
from mnist_core.evaluation.history import Epoch
from mnist_core.evaluation.run import Run
from mnist_core.storage import artifacts
from mnist_core.utils.text import percent, probability
from ui.charts import style
from ui.session import cache, polling, state
from ui.widgets import run_progress

POINTS = 1_000
"""The maximum number of points per curve; in longer runs a point is the mean of several batches."""

SMOOTHED = 20
"""The number of batches that the training figures are averaged over."""

_SENT, _RUN = "live_sent", "live_run"
_COLUMNS = ["epoch", "loss", "accuracy", "val_loss", "val_accuracy"]
_WORDS = {
    "batches": "training, batch by batch",
    "training": "training",
    "validation": "validation",
    "table": "Loss and accuracy of each epoch",
    "columns": _COLUMNS,
}


@dataclass(frozen=True)
class _Sent:
    """The numbers of points and epochs of a run that the browser has.

    of: id and creation time of the run, its batches per epoch, and batches per point.
    """

    of: tuple[int, datetime, int, int]
    points: int
    epochs: int


def is_open(run: Run) -> bool:
    """Whether the page shows the live view of this run already."""
    return state.has(state.key("live", run.id))


def forget() -> None:
    """Send everything with the next message."""
    state.pop(_SENT)


def show(run: Run, epochs: list[Epoch], says: str) -> None:
    """Draw the live view of a run: progress, figures, both curves, and the twenty digits.

    says: what the curves say, as plain text; empty for a run at rest.
    """
    _component()(
        key=state.key("live", run.id),
        data=_message(run, epochs) | {"says": says, "rests": not run.is_active},
        on_missed_change=forget,
    )


@once
def _component() -> Callable[..., Any]:
    """Register the component; only a running server can."""
    return components.component("mnist_core.live", js="live.js", css="live.css")


def _message(run: Run, epochs: list[Epoch]) -> dict[str, Any]:
    """Return the new data for the browser, and the state of the run."""
    loss, accuracy = polling.batches(run)
    width = max(1, -(-run.planned * run.steps // POINTS))  # batches per point
    of = (run.id, run.created_at, run.steps, width)
    sent: _Sent | None = state.get(_SENT, None)
    fresh = sent is None or sent.of != of
    points = len(loss) // width if run.steps else 0
    begin = 0 if sent is None or fresh else min(sent.points, points)
    rows = _rows(epochs)
    known = 0 if sent is None or fresh else min(sent.epochs, len(rows))
    state.put(_SENT, _Sent(of, points, len(rows)))
    ends = np.arange(begin + 1, points + 1) * width / max(1, run.steps)  # in epochs
    guesses = artifacts.load_guesses(cache.store(), run.id)
    changes = artifacts.load_rate_changes(cache.store(), run.id)
    return {
        "setup": _setup(run) if fresh else None,
        "from": begin,
        "x": _rounded(ends),
        "loss": _rounded(_means(loss, begin, points, width)),
        "accuracy": _rounded(_means(accuracy, begin, points, width)),
        "epochsFrom": known,
        "epochs": rows[known:],
        "planned": run.planned,
        "changes": [[at, f"lr {rate:g}"] for at, rate in changes],
        "status": f"{run_progress.state_text(run)} {run_progress.rate_text(run, changes)}".strip(),
        "done": run_progress.done(run),
        "figures": _figures(run, epochs, loss, accuracy),
        "alts": [_alt(metric, rows, run) for metric in ("loss", "accuracy")],
        **_guesses(guesses),
    }


def _setup(run: Run) -> dict[str, Any]:
    """Return what does not change during a run: pictures, colors and words.

    A run that must not see test images has no pictures.
    """
    shown = mnist.showcase()[: None if run.sees_test else 0]
    images = mnist.load().x_test[shown]
    return {
        "images": base64.b64encode(images.tobytes()).decode(),
        "labels": mnist.load().y_test[shown].tolist(),
        "colors": style.LIVE,
        "words": _WORDS,
    }


def _rows(epochs: list[Epoch]) -> list[list[float | None]]:
    """Return the columns of each epoch, rounded as they are shown."""
    values = [[getattr(epoch, name) for name in _COLUMNS] for epoch in epochs]
    return [[None if value is None else round(value, 4) for value in row] for row in values]


def _means(batches: np.ndarray, begin: int, end: int, width: int) -> np.ndarray:
    """Return the mean of the batches of each point from `begin` to before `end`."""
    return batches[begin * width : end * width].reshape(-1, width).mean(axis=1)


def _rounded(values: np.ndarray) -> list[float | None]:
    return [round(float(value), 4) if np.isfinite(value) else None for value in values]


def _figures(
    run: Run, epochs: list[Epoch], loss: np.ndarray, accuracy: np.ndarray
) -> list[list[str]]:
    """Return pairs of a name and a figure; a dash stands for a missing figure."""
    last = epochs[-1] if epochs else None
    if last and run.state == "finished":  # the figures that every other page has
        loss, accuracy = np.array([last.loss]), np.array([last.accuracy])
    val_loss, val_accuracy = (last.val_loss, last.val_accuracy) if last else (None, None)
    checked = [
        ["Validation loss", "–" if val_loss is None else f"{val_loss:.4f}"],
        ["Validation accuracy", "–" if val_accuracy is None else percent(val_accuracy)],
    ]
    return [
        ["Training loss", f"{loss[-SMOOTHED:].mean():.4f}" if len(loss) else "–"],
        ["Training accuracy", percent(accuracy[-SMOOTHED:].mean()) if len(loss) else "–"],
        *([] if run.spec.split.kind == "none" else checked),
        ["Images per second", f"{run.images_per_s:,.0f}" if run.images_per_s else "–"],
    ]


def _alt(metric: str, rows: list[list[float | None]], run: Run) -> str:
    if not rows:
        return f"{metric} of training, batch by batch; the first epoch is not over yet"
    training = rows[-1][_COLUMNS.index(metric)]
    held_out = rows[-1][_COLUMNS.index(f"val_{metric}")]
    told = "" if held_out is None else f" and {held_out} for validation"
    return f"{metric} over {len(rows)} of {run.planned} epochs, now {training} for training{told}"


def _guesses(probabilities: np.ndarray | None) -> dict[str, Any]:
    """Return the prediction for each image with its percentage, and how many are right."""
    if probabilities is None:
        return {"guesses": None, "digitsTitle": "Twenty test digits"}
    read, labels = probabilities.argmax(axis=1), mnist.load().y_test[mnist.showcase()]
    chances = [probability(float(chance), 0) for chance in probabilities.max(axis=1)]
    right = int((read == labels).sum())
    return {
        "guesses": list(zip(read.tolist(), chances, strict=True)),
        "digitsTitle": f"Twenty test digits: {right} right",
    }
