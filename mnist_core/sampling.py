"""Optuna behind few functions, all importing it where they need it: it takes a third of a second.

Its tables live in our database, under names that ours do not have.
"""

from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import sqlalchemy.orm  # noqa: F401  Optuna's; half imported, it breaks queries in other threads

from mnist_core.database import BUSY_TIMEOUT_S
from mnist_core.space import Params, Range, Study

if TYPE_CHECKING:
    import optuna
    from optuna.samplers import BaseSampler

STARTUP = 5
"""So many trials must be complete before others are compared with them."""


@cache
def storage(url: str) -> "optuna.storages.RDBStorage":
    """Optuna's tables in a database, made if they are not there: half a second, so once."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    wait = {"connect_args": {"timeout": BUSY_TIMEOUT_S}} if url.startswith("sqlite") else {}
    url = url.replace("{", "{{").replace("}", "}}")  # it takes the address for a template
    return optuna.storages.RDBStorage(url, engine_kwargs={"pool_pre_ping": True, **wait})


def opened(url: str, name: str) -> "optuna.Study":
    """Optuna's study of that name, made if it is not there."""
    import optuna

    return optuna.create_study(
        storage=storage(url),
        study_name=name,
        direction="maximize",
        load_if_exists=True,
        pruner=optuna.pruners.MedianPruner(n_startup_trials=STARTUP),
    )


def known(study: "optuna.Study") -> "tuple[int, dict[int, optuna.Trial], dict[int, int]]":
    """How many trials there are, those without a result, and how many epochs each has told."""
    import optuna

    trials = study.get_trials(deepcopy=False)
    unfinished = (trial for trial in trials if not trial.state.is_finished())
    opened = {trial.number: optuna.trial.Trial(study, trial._trial_id) for trial in unfinished}
    return len(trials), opened, {trial.number: len(trial.intermediate_values) for trial in trials}


def trial_state(name: str) -> "optuna.trial.TrialState":
    """PRUNED or FAIL."""
    import optuna

    return optuna.trial.TrialState[name]


def storage_error() -> type[Exception]:
    """What Optuna raises when its tables cannot be used."""
    import optuna

    return optuna.exceptions.StorageInternalError


def removed(url: str, name: str) -> None:
    """Forget a study; one that is not there is forgotten already."""
    import optuna

    try:
        optuna.delete_study(study_name=name, storage=storage(url))
    except KeyError:
        return


def sampler(study: Study, number: int) -> "BaseSampler":
    """What chooses for the trial of that number, with a seed of its own.

    A study that goes on after a restart then draws what it would have drawn without it.
    """
    from optuna.samplers import RandomSampler, TPESampler

    seed = int(np.random.SeedSequence([study.seed, number]).generate_state(1)[0])
    if study.sampler == "tpe":
        return TPESampler(seed=seed, constant_liar=True)
    if study.sampler == "random":
        return RandomSampler(seed=seed)
    return _grid_sampler(grid(study)[number])


def _grid_sampler(point: Params) -> "BaseSampler":
    from optuna.samplers import RandomSampler

    class Point(RandomSampler):
        def sample_independent(
            self, study: Any, trial: Any, param_name: str, param_distribution: Any
        ) -> Any:
            return point[param_name]

    return Point()


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
    return np.clip(drawn, chosen.low, chosen.high).tolist()
