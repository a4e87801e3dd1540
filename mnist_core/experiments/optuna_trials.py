"""A study as Optuna sees it, made from the runs of its trials whenever Optuna has to choose.

Each function imports Optuna, which takes 0.3 s, itself. Optuna's own storage is not used: the runs
hold all that it needs.
"""

from collections.abc import Mapping
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from mnist_core.evaluation.history import Epoch
from mnist_core.evaluation.run import Run
from mnist_core.experiments.search_space import (
    Dimension,
    Params,
    ParamValue,
    Range,
    Study,
    params_of,
)
from mnist_core.storage import trials

if TYPE_CHECKING:
    import optuna
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler

STARTUP = 5
"""Number of complete trials before the pruner compares others with them."""


def make(
    study: Study, runs: Mapping[int, Run], figures: Mapping[int, list[Epoch]]
) -> "optuna.Study":
    """Return Optuna's study in memory; a number without a run is that of a failed trial.

    runs: by number of the trial; figures: epochs with validation figures, by id of the run.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    pruner = optuna.pruners.MedianPruner(n_startup_trials=STARTUP)
    made = optuna.create_study(direction="maximize", pruner=pruner)
    for number in range(max(runs, default=-1) + 1):
        run = runs.get(number)
        if run is None:
            made.add_trial(optuna.trial.create_trial(state=optuna.trial.TrialState.FAIL))
        else:
            made.add_trial(_trial(study, run, figures[run.id]))
    return made


def _trial(study: Study, run: Run, epochs: list[Epoch]) -> "optuna.trial.FrozenTrial":
    """Return what Optuna must know of a run: its parameters, values after each epoch, and state."""
    from optuna.trial import TrialState, create_trial

    values = {
        epoch.epoch: trials.objective_value(epochs[:count], study.base) or 0.0
        for count, epoch in enumerate(epochs, 1)
    }
    value = trials.objective_value(epochs, study.base)
    if not trials.is_over(run):
        state, value = TrialState.RUNNING, None
    elif run.state == "finished" and value is not None:
        state = TrialState.COMPLETE
    elif run.state == "stopped":
        state = TrialState.PRUNED
    else:
        state, value = TrialState.FAIL, None
    return create_trial(
        state=state,
        value=value,
        params=params_of(study, run.spec),
        distributions=_distributions(study),
        intermediate_values=values,
    )


def _distributions(study: Study) -> "dict[str, BaseDistribution]":
    return {name: _distribution(name, chosen) for name, chosen in study.dimensions.items()}


def _distribution(name: str, chosen: Dimension) -> "BaseDistribution":
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    if isinstance(chosen, Range):
        return FloatDistribution(chosen.low, chosen.high, log=name == "learning_rate")
    return CategoricalDistribution(chosen)


def choose(study: Study, number: int, optuna_study: "optuna.Study") -> Params:
    """Return the parameters of the trial with this number, ranges rounded."""
    if study.sampler == "grid":
        return grid(study)[number]
    optuna_study.sampler = _sampler(study, number)
    drawn = optuna_study.ask(_distributions(study)).params
    return {name: _rounded(chosen, drawn[name]) for name, chosen in study.dimensions.items()}


def _rounded(chosen: Dimension, value: ParamValue) -> ParamValue:
    if isinstance(chosen, Range) and isinstance(value, int | float):
        return chosen.rounded(value)
    return value


def _sampler(study: Study, number: int) -> "BaseSampler":
    """Return the sampler for the trial with this number, seeded with it.

    A study that is resumed after a restart then draws the same values as without the restart.
    """
    from optuna.samplers import RandomSampler, TPESampler

    seed = int(np.random.SeedSequence([study.seed, number]).generate_state(1)[0])
    if study.sampler == "random":
        return RandomSampler(seed=seed)
    return TPESampler(seed=seed, constant_liar=True)


def should_prune(optuna_study: "optuna.Study", number: int) -> bool:
    """Return whether a trial is so poor that it should end early."""
    trial = optuna_study.get_trials(deepcopy=False)[number]
    return optuna_study.pruner.prune(optuna_study, trial)


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
