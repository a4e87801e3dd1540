"""Checks of tasks about single runs: conditions, overfitting, a smaller network, one change."""

from abc import abstractmethod
from collections import defaultdict
from dataclasses import replace
from itertools import combinations
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator

from mnist_core.dataset.mnist import TEST_IMAGES
from mnist_core.evaluation.diagnosis import diagnose
from mnist_core.evaluation.run import Run
from mnist_core.network.notation import write
from mnist_core.network.query import from_query
from mnist_core.network.settings import SETTINGS, settings_of
from mnist_core.network.spec import Network
from mnist_core.network.value import SpecError
from mnist_core.storage import trials
from mnist_core.storage.runs import Store, called
from mnist_core.teaching.lessons.check import Check, Verdict, own_runs, runs_in_training
from mnist_core.utils.text import accuracy_in_context, percent, plural, short_repr

ROUNDING = 1e-9
"""The tolerance of comparisons between accuracies, which are floats."""

AnyNetwork = Annotated[
    Network, BeforeValidator(lambda text: from_query({"network": str(text)}).network)
]
"""A network that is written as a notation or as the name of a preset."""

Points = Annotated[float, Field(ge=0, le=100)]
"""A difference of test accuracies in percentage points."""


def accuracy(run: Run) -> float:
    """Return the test accuracy of an evaluated run, in [0, 1]."""
    return run.test_accuracy or 0.0


def accuracy_words(run: Run) -> str:
    """Return the test accuracy in words: 98.70 %: 130 wrong of 10,000."""
    return accuracy_in_context(accuracy(run), TEST_IMAGES)


def points(share: float) -> str:
    """Return a difference of accuracies in percentage points: 0.79 points."""
    return f"{100 * share:.2f} points"


class Conditions(Check):
    """Conditions on a run, all of which it must meet.

    epochs, test_accuracy (in [0, 1]): at least; parameters, images (for training, after the
    split): at most. transferred: whether it begins with the weights of another run.
    """

    network: AnyNetwork | None = None
    epochs: int | None = Field(default=None, ge=1)
    parameters: int | None = Field(default=None, ge=1)
    test_accuracy: float | None = Field(default=None, ge=0, le=1)
    images: int | None = Field(default=None, ge=1)
    augmented: bool | None = None
    transferred: bool | None = None

    def unmet(self, run: Run) -> list[str]:
        """Return the conditions that a run does not meet, as parts of a sentence."""
        unmet = []
        images = run.spec.split.training_images
        augmented = any(run.spec.training.augmentation.model_dump().values())
        if self.network and run.spec.network != self.network:
            unmet.append(f"its network is not `{write(self.network)}`")
        if self.epochs and run.epochs < self.epochs:
            unmet.append(f"{run.epochs} of {plural(self.epochs, 'epoch')}")
        if self.parameters and run.parameters > self.parameters:
            over = run.parameters - self.parameters
            unmet.append(f"{run.parameters:,} parameters, {over:,} too many")
        if self.test_accuracy and self.test_accuracy - accuracy(run) > ROUNDING:
            short = points(self.test_accuracy - accuracy(run))
            unmet.append(f"{percent(accuracy(run))} test accuracy, {short} short")
        if self.images and images > self.images:
            unmet.append(f"{images:,} training images, {images - self.images:,} too many")
        if self.augmented is not None and augmented != self.augmented:
            unmet.append(f"its training images were {'' if augmented else 'not '}augmented")
        transferred = run.spec.transfer is not None
        if self.transferred is not None and transferred != self.transferred:
            unmet.append(f"it started from {'trained' if transferred else 'random'} weights")
        return unmet

    def matching(self, runs: list[Run]) -> list[Run]:
        """Return the runs that meet all conditions, in the same order."""
        return [run for run in runs if not self.unmet(run)]

    def evaluate(self, store: Store, answer: str = "") -> Verdict:
        """Return the verdict on the runs that meet the conditions, or say what is missing."""
        runs = own_runs(store)
        matching = self.matching(runs)
        return self._grade(store, matching, answer) if matching else self._missing(store, runs)

    @abstractmethod
    def _grade(self, store: Store, matching: list[Run], answer: str) -> Verdict:
        """Return the verdict on the runs that meet the conditions, the newest first."""

    def _missing(self, store: Store, runs: list[Run]) -> Verdict:
        """Return the verdict for the case that no run meets the conditions.

        One in training that may meet them comes first.
        """
        for run in runs_in_training(store):
            if not self.unmet(replace(run, epochs=run.planned, test_accuracy=1.0)):
                words = f"Run {run.number} is waiting or training. The app checks it at the end."
                return Verdict(False, words)
        alike = [run for run in runs if self.network in (None, run.spec.network)]
        if alike:
            closest = min(alike, key=lambda run: (len(self.unmet(run)), -accuracy(run)))
            unmet = "; ".join(self.unmet(closest))
            return Verdict(False, f"Run {closest.number} came closest: {unmet}.")
        if self.network:
            words = f"No run of `{write(self.network)}` yet: open it on Build and train it."
            return Verdict(False, words)
        return Verdict(False, "No run of your own yet: build a network and train it.")


class RunCheck(Conditions):
    """A run that meets the conditions; the most accurate one counts."""

    kind: Literal["run"]

    def _grade(self, store: Store, matching: list[Run], answer: str) -> Verdict:
        best = max(matching, key=accuracy)
        return Verdict(True, f"Run {best.number} counts: {accuracy_words(best)}.", best.id)


class OverfittingCheck(Conditions):
    """A run whose curves the app's diagnosis calls overfitting.

    Runs that learned from a class's handwriting do not count: MNIST's images validate them, so that
    training and validation images differ in more than luck.
    """

    kind: Literal["overfits"]

    def unmet(self, run: Run) -> list[str]:
        """Return the conditions that a run does not meet, as parts of a sentence."""
        own = ["it learned from a class's handwriting"] if run.spec.split.handwriting else []
        return [*super().unmet(run), *own]

    def _grade(self, store: Store, matching: list[Run], answer: str) -> Verdict:
        histories = trials.validated_epochs(store, [run.id for run in matching])
        diagnoses = [diagnose(run.spec, histories.get(run.id, [])) for run in matching]
        for run, diagnosis in zip(matching, diagnoses, strict=True):
            if diagnosis.kind == "overfitting":
                return Verdict(True, f"Run {run.number} overfits. {diagnosis.seen}", run.id)
        words = (
            f"Run {matching[0].number} does not overfit. {diagnoses[0].seen} For this task, the "
            "last val_loss must be at least 1.10 times the lowest one, and the lowest one must "
            "come at least two epochs before the end."
        )
        return Verdict(False, words)


class SmallerCheck(Conditions):
    """A run that loses less than `points` of test accuracy against another network.

    than: the other network; the student's best run of it counts, or else the app's example. The
    best run is the one with the highest val_accuracy: the test set does not choose.
    """

    kind: Literal["smaller"]
    than: AnyNetwork
    points: Points

    def _grade(self, store: Store, matching: list[Run], answer: str) -> Verdict:
        name = f"`{write(self.than)}`"
        reference = self._reference(store)
        if reference is None:
            return Verdict(False, f"There is no run of {name} to compare with: train one first.")
        others = [run for run in matching if run.spec.network != self.than]
        if not others:
            return Verdict(False, f"Train a network other than {name}, and compare the two.")
        run = _best(store, others)
        lost = accuracy(reference) - accuracy(run)
        words = (
            f"Run {run.number} has {run.parameters:,} parameters: {accuracy_words(run)}. That is "
            f"{points(abs(lost))} {'less' if lost > 0 else 'more'} than {called(reference)} "
            f"of {name}, {accuracy_words(reference)}."
        )
        if 100 * lost < self.points - ROUNDING:
            return Verdict(True, words, run.id)
        return Verdict(False, f"{words} It must lose less than {self.points:g} points.")

    def _reference(self, store: Store) -> Run | None:
        """Return the best run of the other network, the student's own if there is one."""
        for runs in (own_runs(store), store.examples()):
            if alike := [run for run in runs if run.spec.network == self.than]:
                return _best(store, alike)
        return None


def _best(store: Store, runs: list[Run]) -> Run:
    """Return the run with the highest val_accuracy.

    Those without validation, or with the test set as validation, come last.
    """
    honest = [run.id for run in runs if run.spec.split.kind != "test"]
    epochs = trials.validated_epochs(store, honest)
    return max(
        runs, key=lambda run: (trials.objective_value(epochs[run.id], run.spec) or 0, accuracy(run))
    )


class OneChangeCheck(Check):
    """Two runs that differ in one setting only, and by at least `points` of test accuracy."""

    kind: Literal["one_change"]
    setting: str
    points: Points

    @field_validator("setting")
    @classmethod
    def _check_setting(cls, setting: str) -> str:
        if setting not in ("network", *SETTINGS):
            raise SpecError(
                f"setting must be one of network, {', '.join(SETTINGS)}; received "
                f"{short_repr(setting, 40)}"
            )
        return setting

    def evaluate(self, store: Store, answer: str = "") -> Verdict:
        """Pass if the pair with the largest difference in accuracy differs by enough."""
        alike: dict[str, list[tuple[object, Run]]] = defaultdict(list)
        for run in filter(_went_as_planned, own_runs(store)):
            value, rest = _separate(run, self.setting)
            alike[rest].append((value, run))
        pairs = [
            (abs(accuracy(one[1]) - accuracy(other[1])), one, other)
            for runs in alike.values()
            for one, other in combinations(runs, 2)
            if one[0] != other[0]
        ]
        name = self.setting.replace("_", " ")
        if not pairs:
            words = (
                f"No two finished runs differ only in the {name} yet: train one, change nothing "
                f"but the {name}, and train again."
            )
            return Verdict(False, words)
        gap, (value, run), (earlier_value, earlier) = max(pairs, key=lambda pair: pair[0])
        words = (
            f"Runs {earlier.number} and {run.number} differ only in the {name} ({earlier_value}, "
            f"{value}); their test accuracies differ by {points(gap)}"
        )
        if 100 * gap >= self.points - ROUNDING:
            return Verdict(True, f"{words}.", run.id)
        return Verdict(False, f"{words}, and the task asks for at least {self.points:g}.")


def _went_as_planned(run: Run) -> bool:
    """Whether a run trained as its spec says: not stopped, extended, or with another rate."""
    planned = run.planned == run.spec.training.epochs
    return run.state == "finished" and planned and run.learning_rate is None


def _separate(run: Run, setting: str) -> tuple[object, str]:
    """Return the value of a setting, and all other settings as text.

    The settings of a split count as part of the split.
    """
    values = settings_of(run.spec) | {"network": write(run.spec.network)}
    value = values.pop(setting, None)
    if setting == "split":
        for name in ("count", "fraction", "folds", "fold", "split_seed"):
            values.pop(name, None)
    return value, repr(sorted(values.items(), key=lambda pair: pair[0]))
