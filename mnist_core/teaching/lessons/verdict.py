"""Shared parts of a lesson's checks: the student's own runs, conditions on a run, the verdict."""

from dataclasses import dataclass

from mnist_core.evaluation.run import Run
from mnist_core.experiments.comparison import TEST_IMAGES, settled
from mnist_core.network.notation import write
from mnist_core.network.settings import settings_of
from mnist_core.storage import groups
from mnist_core.storage.groups import Group, Kind
from mnist_core.storage.runs import Store
from mnist_core.teaching.lessons.checks import (
    Answer,
    AnyCheck,
    Conditions,
)
from mnist_core.training.estimate import training_images
from mnist_core.utils.text import accuracy_in_context, percent, plural

ROUNDING = 1e-9


@dataclass(frozen=True)
class Verdict:
    """The result of a check: whether the task is done, and sentences about what counted or lacks.

    run_id: the run that counted or came nearest, if any.
    """

    passed: bool
    words: str
    run_id: int | None = None


def own_runs(store: Store) -> list[Run]:
    """Return the visitor's runs that the app trained and evaluated, the newest first."""
    mine = (run for run in store.runs() if is_own(store, run))
    runs = (settled(run) for run in mine if run.sees_test and not run.origin)
    return [run for run in runs if run.test_accuracy is not None]


def own_groups(store: Store, kind: Kind) -> list[Group]:
    """Return the visitor's groups of a kind, the newest first."""
    return [group for group in groups.list_groups(store, kind) if is_own(store, group)]


def is_own(store: Store, made: Run | Group) -> bool:
    """Whether the visitor made a run or group of the workspace; older ones do not record who."""
    return made.made_by in ("", store.visitor)


def accuracy(run: Run) -> float:
    """Return the test accuracy of an evaluated run, in [0, 1]."""
    return run.test_accuracy or 0.0


def told(run: Run) -> str:
    """Return the test accuracy in words: 98.70 %: 130 wrong of 10,000."""
    return accuracy_in_context(accuracy(run), TEST_IMAGES)


def lacks(conditions: Conditions, run: Run) -> list[str]:
    """Return the conditions that a run fails, as parts of a sentence; empty if it meets all."""
    return [words for missing, words in _looks(conditions, run) if missing]


def _looks(wanted: Conditions, run: Run) -> list[tuple[bool, str]]:
    """Return whether the run fails each condition that is set, with the words for it."""
    training, images = run.spec.training, training_images(run.spec)
    looks = []
    if network := wanted.wanted:
        looks.append((run.spec.network != network, f"its network is not `{write(network)}`"))
    if (least := wanted.epochs) is not None:
        looks.append((run.epochs < least, f"{run.epochs} of {plural(least, 'epoch')}"))
    if (most := wanted.parameters) is not None:
        over = run.parameters - most
        words = f"{run.parameters:,} parameters, {over:,} too many"
        looks.append((over > 0, words))
    if (share := wanted.test_accuracy) is not None:
        short = share - accuracy(run)
        words = f"{percent(accuracy(run))}, {points(short)} short"
        looks.append((short > ROUNDING, words))
    if (most := wanted.wrong) is not None:
        wrong = round((1 - accuracy(run)) * TEST_IMAGES)
        looks.append((wrong > most, f"{wrong:,} wrong of 10,000, {wrong - most:,} too many"))
    if wanted.has is not None:
        looks.append((not _has(run, wanted.has), f"it has no {wanted.has.replace('_', ' ')}"))
    if (most := wanted.images) is not None:
        words = f"{images:,} training images, {images - most:,} too many"
        looks.append((images > most, words))
    if wanted.augmented is not None:
        augmented = any(training.augmentation.model_dump().values())
        words = f"its images were {'' if augmented else 'not '}augmented"
        looks.append((augmented != wanted.augmented, words))
    return looks + _settings(wanted, run)


def _settings(wanted: Conditions, run: Run) -> list[tuple[bool, str]]:
    has = settings_of(run.spec) if wanted.settings else {}
    return [
        (has.get(name) != value, f"its {name.replace('_', ' ')} is not {value}")
        for name, value in wanted.settings.items()
    ]


def _has(run: Run, kind: str) -> bool:
    within = kind == "batch_normalization"
    return any(
        layer.kind == kind or (within and getattr(layer, kind, False))
        for layer in run.spec.network.layers
    )


def points(share: float) -> str:
    """Return a difference of accuracies in percentage points: 0.79 points."""
    return f"{100 * share:.2f} points"


def newest(conditions: Conditions, runs: list[Run]) -> Run | None:
    """Return the newest run that meets all conditions. runs: the newest first."""
    return next((run for run in runs if not lacks(conditions, run)), None)


def about_run(store: Store, check: AnyCheck) -> int | None:
    """Return the newest run that meets the conditions of a task about one run, else None."""
    conditions = check.run if isinstance(check, Answer) else check
    if not isinstance(conditions, Conditions) or conditions == Conditions():
        return None
    run = newest(conditions, own_runs(store))
    return run and run.id


def nearest(conditions: Conditions, runs: list[Run]) -> tuple[Run, list[str]] | None:
    """Return the run that fails the fewest conditions, in a tie the most accurate, or None."""
    found = [(run, lacks(conditions, run)) for run in runs]
    return min(found, key=lambda pair: (len(pair[1]), -accuracy(pair[0])), default=None)


def missing_run(conditions: Conditions, runs: list[Run]) -> Verdict:
    """Return the verdict for the case that no run meets the conditions."""
    network = conditions.wanted
    alike = [run for run in runs if network is None or run.spec.network == network]
    found = nearest(conditions, alike)
    if found:
        run, missing = found
        return Verdict(False, f"Run {run.id} came nearest: {'; '.join(missing)}.", run.id)
    if network:
        words = f"No run of `{write(network)}` yet: open it in Build and train it."
        return Verdict(False, words)
    return Verdict(False, "No run of your own yet: build a network and train it.")
