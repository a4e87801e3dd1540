"""What the checks of a lesson share: a student's own runs, and what came of looking at them."""

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
from mnist_core.training.estimate import images_of
from mnist_core.utils.text import in_context, percent, plural

ROUNDING = 1e-9


@dataclass(frozen=True)
class Verdict:
    """Whether a task is done; `words` say what counted, or what is missing, as sentences.

    run_id: the run that counted or came nearest; None where there is none.
    """

    passed: bool
    words: str
    run_id: int | None = None


def own_runs(store: Store) -> list[Run]:
    """The visitor's runs that the app itself trained and evaluated, the newest first."""
    mine = (run for run in store.runs() if is_own(store, run))
    runs = (settled(run) for run in mine if run.sees_test and not run.origin)
    return [run for run in runs if run.test_accuracy is not None]


def own_groups(store: Store, kind: Kind) -> list[Group]:
    """The visitor's groups of a kind, the newest first."""
    return [group for group in groups.listed(store, kind) if is_own(store, group)]


def is_own(store: Store, made: Run | Group) -> bool:
    """Whether the visitor made it, in a class too; older ones do not say who did."""
    return made.made_by in ("", store.visitor)


def accuracy(run: Run) -> float:
    """The test accuracy of an evaluated run, in [0, 1]."""
    return run.test_accuracy or 0.0


def told(run: Run) -> str:
    """98.70 %: 130 wrong of 10,000."""
    return in_context(accuracy(run), TEST_IMAGES)


def lacks(conditions: Conditions, run: Run) -> list[str]:
    """What a run fails to meet, each as a part of a sentence; empty if it meets all."""
    return [words for missing, words in _looks(conditions, run) if missing]


def _looks(wanted: Conditions, run: Run) -> list[tuple[bool, str]]:
    """Each condition that is set: whether the run fails it, and the words for that."""
    training, images = run.spec.training, images_of(run.spec)
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
    """A difference of accuracies in percentage points: 0.79 points."""
    return f"{100 * share:.2f} points"


def newest(conditions: Conditions, runs: list[Run]) -> Run | None:
    """The newest run that meets all conditions. runs: the newest first."""
    return next((run for run in runs if not lacks(conditions, run)), None)


def about_run(store: Store, check: AnyCheck) -> int | None:
    """The newest run that a task is about, for tasks about one run with certain conditions."""
    conditions = check.run if isinstance(check, Answer) else check
    if not isinstance(conditions, Conditions) or conditions == Conditions():
        return None
    run = newest(conditions, own_runs(store))
    return run and run.id


def nearest(conditions: Conditions, runs: list[Run]) -> tuple[Run, list[str]] | None:
    """The run that fails the fewest conditions, of several the best; None without runs."""
    found = [(run, lacks(conditions, run)) for run in runs]
    return min(found, key=lambda pair: (len(pair[1]), -accuracy(pair[0])), default=None)


def missing_run(conditions: Conditions, runs: list[Run]) -> Verdict:
    """What to say where no run meets the conditions."""
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
