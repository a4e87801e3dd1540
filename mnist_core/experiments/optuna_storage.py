"""The parts of Optuna that studies use; each function imports Optuna, which takes 0.3 s, itself.

Optuna's tables are in the app's database, under names that the app's own tables do not have.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import product
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import sqlalchemy as sa
import sqlalchemy.orm  # Optuna's; half imported, it breaks queries in other threads
from sqlalchemy.exc import SQLAlchemyError

from mnist_core.experiments.search_space import Dimension, Params, ParamValue, Range, Study
from mnist_core.storage.database import BUSY_TIMEOUT_S, database
from mnist_core.utils.errors import MnistError

if TYPE_CHECKING:
    import optuna
    from optuna.samplers import BaseSampler

STARTUP = 5
"""Number of complete trials before the pruner compares others with them."""

PAUSES_S = (0.1, 0.2, 0.4, 0.8)
_LOCK_NUMBER = 314  # an advisory lock of PostgreSQL; the app's own tables use another number
_lock = Lock()


class SamplingError(MnistError):
    """Optuna cannot be loaded."""


def storage(url: str) -> "optuna.storages.RDBStorage":
    """Return Optuna's storage in a database, cached, since opening it takes half a second.

    Creates the tables if they do not exist.
    """
    with _lock:
        return _storage(url, database(url).opening)


@contextmanager
def _guarded(url: str) -> Iterator[None]:
    """Hold a lock across processes in PostgreSQL; SQLite's only lock would lock Optuna out too."""
    with database(url).read() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK_NUMBER)))
        yield


@lru_cache(maxsize=8)
def _storage(url: str, _opening: int) -> "optuna.storages.RDBStorage":
    in_the_way = storage_errors()
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    wait = {"connect_args": {"timeout": BUSY_TIMEOUT_S}} if url.startswith("sqlite") else {}
    address = url.replace("{", "{{").replace("}", "}}")  # Optuna formats the URL

    def made() -> "optuna.storages.RDBStorage":
        return optuna.storages.RDBStorage(address, engine_kwargs={"pool_pre_ping": True, **wait})

    with _guarded(url):
        for pause in PAUSES_S:
            try:
                return made()
            except in_the_way:  # another process is creating the tables
                time.sleep(pause)
        return made()


def load_study(url: str, name: str) -> "optuna.Study":
    """Return Optuna's study with this name; creates it if it does not exist."""
    tables = storage(url)
    import optuna

    return optuna.create_study(
        storage=tables,
        study_name=name,
        direction="maximize",
        load_if_exists=True,
        pruner=optuna.pruners.MedianPruner(n_startup_trials=STARTUP),
    )


def load_trials(
    url: str, study: "optuna.Study"
) -> "tuple[int, dict[int, optuna.Trial], dict[int, int]]":
    """Return how many trials there are, those without a result, and the epochs each has reported.

    Trials without a result and epochs are by number. `Study.ask` opens new trials only, so those
    of an earlier process are opened by the id that they have in the storage.
    """
    import optuna

    tables = storage(url)
    study_id = tables.get_study_id_from_name(study.study_name)
    trials = study.get_trials(deepcopy=False)
    reported = {trial.number: len(trial.intermediate_values) for trial in trials}
    opened = {}
    for number in (trial.number for trial in trials if not trial.state.is_finished()):
        trial_id = tables.get_trial_id_from_study_id_trial_number(study_id, number)
        opened[number] = optuna.trial.Trial(study, trial_id)
    return len(trials), opened, reported


def trial_state(name: str) -> "optuna.trial.TrialState":
    """Return Optuna's trial state with this name, PRUNED or FAIL."""
    import optuna

    return optuna.trial.TrialState[name]


def storage_errors() -> tuple[type[Exception], ...]:
    """Return the errors that Optuna raises if its tables cannot be used.

    Raises SamplingError if Optuna cannot be loaded.
    """
    try:
        import optuna
    except Exception as error:  # a broken installation may raise anything
        raise SamplingError(
            f"Optuna, which chooses the trials, cannot be loaded ({error!r:.200}): install what "
            "requirements.txt names, then go on with the study"
        ) from error
    return optuna.exceptions.StorageInternalError, SQLAlchemyError


def delete_study(url: str, name: str) -> None:
    """Delete Optuna's study with this name, if it exists."""
    with database(url).read() as connection:
        if not sa.inspect(connection).has_table("studies"):  # created with the first study
            return
    tables = storage(url)
    import optuna

    try:
        optuna.delete_study(study_name=name, storage=tables)
    except KeyError:
        return


def sampler(study: Study, number: int) -> "BaseSampler":
    """Return the sampler for the trial with this number, seeded with it.

    A study that is resumed after a restart then draws the same values as without the restart.
    """
    from optuna.samplers import RandomSampler, TPESampler

    point = grid(study)[number] if study.sampler == "grid" else {}
    dimensions = study.dimensions

    def rounded(name: str, drawn: ParamValue) -> ParamValue:
        chosen = dimensions[name]
        if isinstance(chosen, Range) and isinstance(drawn, float):
            return chosen.rounded(drawn)
        return drawn

    class Rounding:
        """Rounds values before Optuna stores them, so that Optuna, run and link agree."""

        def sample_relative(
            self, study: object, trial: object, search_space: object
        ) -> dict[str, ParamValue]:
            drawn = super().sample_relative(study, trial, search_space)  # type: ignore[misc]
            return {name: rounded(name, value) for name, value in drawn.items()}

        def sample_independent(
            self, study: object, trial: object, param_name: str, param_distribution: object
        ) -> ParamValue:
            if param_name in point:
                return point[param_name]
            drawn = super().sample_independent(  # type: ignore[misc]
                study, trial, param_name, param_distribution
            )
            return rounded(param_name, drawn)

    class Tpe(Rounding, TPESampler): ...

    class Random(Rounding, RandomSampler): ...

    seed = int(np.random.SeedSequence([study.seed, number]).generate_state(1)[0])
    return Tpe(seed=seed, constant_liar=True) if study.sampler == "tpe" else Random(seed=seed)


def suggest(trial: "optuna.Trial", study: Study) -> Params:
    """Return the parameters of a trial; parameters that it already has stay the same."""
    return {name: _suggest(trial, name, chosen) for name, chosen in study.dimensions.items()}


def _suggest(trial: "optuna.Trial", name: str, chosen: Dimension) -> ParamValue:
    if isinstance(chosen, Range):
        return trial.suggest_float(name, chosen.low, chosen.high, log=name == "learning_rate")
    return trial.suggest_categorical(name, chosen)


def grid(study: Study) -> list[Params]:
    """Return all points of a grid, shuffled with the seed so that a few already cover it."""
    names = list(study.dimensions)
    points = list(product(*(_values(name, study.dimensions[name]) for name in names)))
    order = np.random.default_rng(study.seed).permutation(len(points))
    return [dict(zip(names, points[index], strict=True)) for index in order]


def _values(name: str, chosen: Dimension) -> list[ParamValue]:
    """Return a grid's values of one setting; learning rates are spaced logarithmically."""
    if not isinstance(chosen, Range):
        return list(chosen)
    space = np.geomspace if name == "learning_rate" else np.linspace
    drawn = space(chosen.low, chosen.high, chosen.steps or 2)
    return [chosen.rounded(value) for value in drawn.tolist()]
