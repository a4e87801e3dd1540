"""Optuna behind few functions, all importing it where they need it: it takes a third of a second.

Its tables live in our database, under names that ours do not have.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import product
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import sqlalchemy as sa
import sqlalchemy.orm  # Optuna's; half imported, it breaks queries in other threads
from sqlalchemy.exc import SQLAlchemyError

from mnist_core.experiments.search_space import Params, Range, Study
from mnist_core.storage.database import BUSY_TIMEOUT_S, database
from mnist_core.utils.errors import MnistError

if TYPE_CHECKING:
    import optuna
    from optuna.samplers import BaseSampler

STARTUP = 5
"""So many trials must be complete before others are compared with them."""

PAUSES_S = (0.1, 0.2, 0.4, 0.8)
_LOCK_NUMBER = 314  # of PostgreSQL's advisory locks; another one guards our own tables
_lock = Lock()


class SamplingError(MnistError):
    """Optuna is not there to choose."""


def storage(url: str) -> "optuna.storages.RDBStorage":
    """Optuna's tables in a database, made if they are not there: half a second, so once."""
    with _lock:
        return _storage(url, database(url).opening)


@contextmanager
def _guarded(url: str) -> Iterator[None]:
    """One process at a time, with PostgreSQL: what SQLite can lock would lock Optuna out too."""
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
    address = url.replace("{", "{{").replace("}", "}}")  # it takes the address for a template

    def made() -> "optuna.storages.RDBStorage":
        return optuna.storages.RDBStorage(address, engine_kwargs={"pool_pre_ping": True, **wait})

    with _guarded(url):
        for pause in PAUSES_S:
            try:
                return made()
            except in_the_way:  # another process makes them just now
                time.sleep(pause)
        return made()


def opened(url: str, name: str) -> "optuna.Study":
    """Optuna's study of that name, made if it is not there."""
    tables = storage(url)
    import optuna

    return optuna.create_study(
        storage=tables,
        study_name=name,
        direction="maximize",
        load_if_exists=True,
        pruner=optuna.pruners.MedianPruner(n_startup_trials=STARTUP),
    )


def known(url: str, study: "optuna.Study") -> "tuple[int, dict[int, optuna.Trial], dict[int, int]]":
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
    """PRUNED or FAIL."""
    import optuna

    return optuna.trial.TrialState[name]


def storage_errors() -> tuple[type[Exception], ...]:
    """What Optuna raises when its tables cannot be used. Raises SamplingError without Optuna."""
    try:
        import optuna
    except Exception as error:  # one that is broken may raise anything
        raise SamplingError(
            f"Optuna, which chooses the trials, cannot be loaded ({error!r:.200}): install what "
            "requirements.txt names, then go on with the study"
        ) from error
    return optuna.exceptions.StorageInternalError, SQLAlchemyError


def removed(url: str, name: str) -> None:
    """Forget a study; one that is not there is forgotten already."""
    with database(url).read() as connection:
        if not sa.inspect(connection).has_table("studies"):  # the first one makes them
            return
    tables = storage(url)
    import optuna

    try:
        optuna.delete_study(study_name=name, storage=tables)
    except KeyError:
        return


def sampler(study: Study, number: int) -> "BaseSampler":
    """What chooses for the trial of that number, with a seed of its own.

    A study that goes on after a restart then draws what it would have drawn without it.
    """
    from optuna.samplers import RandomSampler, TPESampler

    point = grid(study)[number] if study.sampler == "grid" else {}
    dimensions = study.dimensions

    def rounded(name: str, drawn: Any) -> Any:
        chosen = dimensions[name]
        return chosen.rounded(drawn) if isinstance(chosen, Range) else drawn

    class Rounding:
        """Before Optuna keeps a choice, so that it, the run and a link have the same."""

        def sample_relative(self, study: Any, trial: Any, search_space: Any) -> dict[str, Any]:
            drawn = super().sample_relative(study, trial, search_space)  # type: ignore[misc]
            return {name: rounded(name, value) for name, value in drawn.items()}

        def sample_independent(
            self, study: Any, trial: Any, param_name: str, param_distribution: Any
        ) -> Any:
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
    """The choice of a trial; what it was given before stays as it is."""
    return {name: _suggest(trial, name, chosen) for name, chosen in study.dimensions.items()}


def _suggest(trial: "optuna.Trial", name: str, chosen: Range | tuple[Any, ...]) -> Any:
    if isinstance(chosen, Range):
        return trial.suggest_float(name, chosen.low, chosen.high, log=name == "learning_rate")
    return trial.suggest_categorical(name, chosen)


def grid(study: Study) -> list[Params]:
    """All points of a grid, in an order drawn with the seed: the first few are spread over it."""
    names = list(study.dimensions)
    points = list(product(*(_values(name, study.dimensions[name]) for name in names)))
    order = np.random.default_rng(study.seed).permutation(len(points))
    return [dict(zip(names, points[index], strict=True)) for index in order]


def _values(name: str, chosen: Range | tuple[Any, ...]) -> list[Any]:
    """What a grid tries of one setting; learning rates in equal proportions."""
    if not isinstance(chosen, Range):
        return list(chosen)
    space = np.geomspace if name == "learning_rate" else np.linspace
    drawn = space(chosen.low, chosen.high, chosen.steps or 2)
    return [chosen.rounded(value) for value in drawn.tolist()]
