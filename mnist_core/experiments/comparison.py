"""Comparison of runs: one table, differing settings, the Pareto front, CSV and JSON files."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from functools import lru_cache
from math import isfinite

import numpy as np
import pandas as pd

from mnist_core.dataset.mnist import TEST_IMAGES
from mnist_core.evaluation import tables
from mnist_core.evaluation.history import Epoch
from mnist_core.evaluation.run import Run
from mnist_core.evaluation.statistics import wilson_interval
from mnist_core.network.notation import write
from mnist_core.network.settings import settings_of
from mnist_core.network.spec import Network
from mnist_core.network.summary import summarize
from mnist_core.storage import trials
from mnist_core.storage.runs import Store
from mnist_core.storage.workspaces import EXAMPLES

UNKNOWN = "unknown"

_DTYPES = {
    "run": "Int64",
    "id": "Int64",
    "example": "bool",
    "name": "str",
    "notation": "str",
    "parameters": "Int64",
    "multiply_adds": "Int64",
    "epochs": "Int64",
    "seconds": "Float64",
    "test_accuracy": "Float64",
    "low": "Float64",
    "high": "Float64",
    "test_loss": "Float64",
    "test_ece": "Float64",
    "val_accuracy": "Float64",
    "seed": "Int64",
    "state": "str",
    "note": "str",
    "pinned": "bool",
    "group": "Int64",
    "trial": "Int64",
    "origin": "str",
}
"""The columns of `table` and their types; numbers may be missing."""


@lru_cache(maxsize=1024)
def _described(network: Network) -> tuple[str, int]:
    """Return notation and multiply-adds of a network, cached: many runs share few networks."""
    return write(network), summarize(network).multiply_adds


def settled(run: Run) -> Run:
    """Return a run, without the test results of its earlier weights while it waits or trains."""
    if not run.is_active:
        return run
    return replace(run, test_accuracy=None, test_loss=None, test_ece=None)


def table(runs: Iterable[Run], validated: Mapping[int, float] | None = None) -> pd.DataFrame:
    """Return one row per run, in the given order; unknown values are missing.

    run: its number, which an example may have in common with a run; id: as links have it.
    Accuracies, ece, low and high are in [0, 1]; low and high bound Wilson's 95 % interval of the
    test accuracy. validated: val_accuracy by run, as returned by `validated`. Epochs, seconds and
    seed of imported networks are unknown.
    """
    rows = [_row(run, (validated or {}).get(run.id)) for run in runs]
    return pd.DataFrame(rows, columns=list(_DTYPES)).astype(_DTYPES)


def _row(run: Run, val_accuracy: float | None) -> dict[str, object]:
    notation, multiply_adds = _described(run.spec.network)  # type: ignore[arg-type]  frozen values hash
    ours = not run.origin
    low, high = (None, None)
    if run.test_accuracy is not None:
        low, high = wilson_interval(run.test_accuracy, TEST_IMAGES)
    return {
        "run": run.number,
        "id": run.id,
        "example": run.workspace == EXAMPLES,
        "name": run.name,
        "notation": notation,
        "parameters": run.parameters,
        "multiply_adds": multiply_adds,
        "epochs": run.epochs if ours else None,
        "seconds": run.seconds if ours else None,
        "test_accuracy": run.test_accuracy,
        "low": low,
        "high": high,
        "test_loss": run.test_loss,
        "test_ece": run.test_ece,
        "val_accuracy": val_accuracy,
        "seed": run.spec.training.seed if ours else None,
        "state": run.state,
        "note": run.note,
        "pinned": run.pinned,
        "group": run.group_id,
        "trial": run.trial,
        "origin": run.origin,
    }


def validated(store: Store, runs: Iterable[Run]) -> dict[int, float]:
    """Return the val_accuracy of the weights that each run keeps, for runs that have one."""
    by_id = {run.id: run for run in runs}
    histories = trials.validated_epochs(store, by_id)
    return _kept(by_id.values(), histories)


def _kept(runs: Iterable[Run], histories: Mapping[int, list[Epoch]]) -> dict[int, float]:
    values = {run.id: trials.objective_value(histories.get(run.id, []), run.spec) for run in runs}
    return {run_id: value for run_id, value in values.items() if value is not None}


def differences(runs: Sequence[Run]) -> pd.DataFrame:
    """Return the settings that differ: one row per setting, one column per run id, as text.

    A setting that does not apply to a run, such as the fold of another split, is "–"; settings of
    imported networks are "unknown".
    """
    columns = {run.id: _settings(run) for run in runs}
    names = dict.fromkeys(name for column in columns.values() for name in column)
    found = pd.DataFrame(columns, index=list(names), dtype=object)
    found = found.fillna({run.id: UNKNOWN if run.origin else "–" for run in runs})
    found = found[found.nunique(axis=1) > 1]
    found.index = [name.replace("_", " ") for name in found.index]
    return found


def _settings(run: Run) -> dict[str, str]:
    """Return the settings of a run as text by name, with the network as the first one."""
    values = {
        name: "none" if value is None else str(value)
        for name, value in settings_of(run.spec).items()
    }
    if run.origin:
        values = dict.fromkeys(values, UNKNOWN)
    if run.learning_rate is not None:
        values["learning_rate, changed during training"] = f"{run.learning_rate:g}"
    return {"network": write(run.spec.network)} | values


def front(cost: np.ndarray, accuracy: np.ndarray) -> np.ndarray:
    """Return which points are on the Pareto front: (n,) bool. cost, accuracy: (n,).

    A point is off the front if another one is at least as good in both (lower cost, higher
    accuracy) and better in one; equal points are all on it.
    """
    as_good = (cost[:, None] <= cost) & (accuracy[:, None] >= accuracy)
    better = (cost[:, None] < cost) | (accuracy[:, None] > accuracy)
    return np.logical_not((as_good & better).any(axis=0))


def to_csv(runs: Sequence[Run], validated: Mapping[int, float] | None = None) -> str:
    """Return a CSV of the table with all settings, one row per run; `epochs`: completed epochs."""
    settings = pd.DataFrame([_settings(run) for run in runs]).drop(
        columns=["network", "seed"], errors="ignore"
    )
    settings = settings.rename(columns={"epochs": "epochs_planned"})
    found = pd.concat([table(runs, validated), settings], axis=1)
    return tables.to_csv(found)


def curves_csv(runs: Iterable[Run], histories: Mapping[int, list[Epoch]]) -> str:
    """Return a CSV with one row per epoch: the run's number and id, then the columns of `Epoch`."""
    rows = [
        {"run": run.number, "id": run.id} | asdict(epoch)
        for run in runs
        for epoch in histories.get(run.id, [])
    ]
    columns = ["run", "id", *(field.name for field in fields(Epoch))]
    return tables.to_csv(pd.DataFrame(rows, columns=columns))


def to_json(runs: Sequence[Run], histories: Mapping[int, list[Epoch]]) -> str:
    """Return a JSON list of runs, each with its row of the table, its spec and its epochs."""
    found = table(runs, _kept(runs, histories))
    rows = json.loads(found.to_json(orient="records", double_precision=15))
    for row, run in zip(rows, runs, strict=True):
        row["created_at"] = run.created_at.isoformat()
        row["spec"] = run.spec.model_dump(mode="json")
        row["curves"] = [
            {name: value if value is None or isfinite(value) else None for name, value in epoch}
            for epoch in (asdict(epoch).items() for epoch in histories.get(run.id, []))
        ]
    return json.dumps(rows, indent=1, allow_nan=False)
