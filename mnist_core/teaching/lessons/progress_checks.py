"""Checks whether the task of a lesson is done, from the student's own runs; no TensorFlow."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

from mnist_core.evaluation.diagnosis import best_epoch, diagnose
from mnist_core.evaluation.history import Epoch
from mnist_core.evaluation.run import Run
from mnist_core.experiments import group_progress, studies
from mnist_core.network import presets
from mnist_core.network.notation import write
from mnist_core.network.settings import settings_of
from mnist_core.network.summary import summarize
from mnist_core.storage import trials
from mnist_core.storage.runs import Store
from mnist_core.teaching.lessons import answers
from mnist_core.teaching.lessons.checks import (
    Answer,
    DepthsCheck,
    FoldsCheck,
    OneChange,
    Overfits,
    RunCheck,
    Smaller,
    StudyCheck,
)
from mnist_core.teaching.lessons.lesson import Lesson
from mnist_core.teaching.lessons.verdict import (
    ROUNDING,
    Verdict,
    accuracy,
    lacks,
    missing_run,
    own_groups,
    own_runs,
    points,
    told,
)
from mnist_core.training.estimate import training_images
from mnist_core.utils.text import plural


def check_task(store: Store, lesson: Lesson, answer: str = "") -> Verdict:
    """Check whether a lesson's task is done. answer: as typed, or empty."""
    if isinstance(lesson.check, Answer):
        return answers.check_answer(store, lesson.check, lesson.start, answer)
    return _LOOKS[type(lesson.check)](store, lesson.check)


def _run(store: Store, check: RunCheck) -> Verdict:
    runs = own_runs(store)
    done = [run for run in runs if not lacks(check, run)]
    if not done:
        return missing_run(check, runs)
    best = max(done, key=accuracy)
    return Verdict(True, f"Run {best.id} counts: {told(best)}.", best.id)


def _overfits(store: Store, check: Overfits) -> Verdict:
    runs = own_runs(store)
    few = [run for run in runs if check.images is None or training_images(run.spec) <= check.images]
    histories = trials.validated_epochs(store, [run.id for run in few])
    gaps = {}
    for run in few:
        epochs = histories.get(run.id, [])
        found = diagnose(run.spec, epochs)
        if found.kind == "overfitting":
            return Verdict(True, f"Run {run.id} overfits. {found.seen}", run.id)
        if epochs:
            gaps[run.id] = _gap(epochs), found.seen
    limit = "" if check.images is None else f" on at most {check.images:,} training images"
    if not gaps:
        words = f"No run with validation images{limit} yet: train one for many epochs."
        return Verdict(False, words)
    run_id, (gap, seen) = max(gaps.items(), key=lambda pair: pair[1][0])
    words = (
        f"Run {run_id} came nearest: its last val_loss is {gap:.2f} times its lowest, and 1.10 "
        f"times, two epochs later or more, is what counts here. {seen}"
    )
    return Verdict(False, words, run_id)


def _gap(epochs: list[Epoch]) -> float:
    """Return the last val_loss divided by the lowest, at least 1."""
    best, last = best_epoch(epochs), epochs[-1]
    if best is None or not best.val_loss or last.val_loss is None:
        return 1.0
    return last.val_loss / best.val_loss


def _smaller(store: Store, check: Smaller) -> Verdict:
    network = presets.find(check.than).network
    whole = summarize(network).parameters
    most = int(check.factor * whole + ROUNDING)
    runs = own_runs(store)
    alike = [run for run in runs if run.spec.network == network] or [
        run for run in store.examples() if run.spec.network == network
    ]
    if not alike:
        return Verdict(False, f"There is no run of {check.than} to compare with: train it first.")
    best = max(alike, key=accuracy)
    small = [run for run in runs if run.parameters <= most and run.spec.network != network]
    if not small:
        words = (
            f"No run with at most {most:,} parameters yet; {check.than} has {whole:,}: take "
            "filters or units away in Build, and train what is left."
        )
        return Verdict(False, words)
    run = max(small, key=accuracy)
    lost = accuracy(best) - accuracy(run)
    than = f"{told(best)}, of run {best.id} ({check.than})"
    have = f"{run.parameters:,} parameters: {told(run)}"
    if 100 * lost < check.points - ROUNDING:
        change = f"{points(abs(lost))} {'less' if lost > 0 else 'more'}"
        return Verdict(True, f"Run {run.id} has {have}. That is {change} than {than}.", run.id)
    words = (
        f"Run {run.id} came nearest. It has {have}, and loses {points(lost)} against {than}; "
        f"fewer than {check.points:g} are allowed."
    )
    return Verdict(False, words, run.id)


def _one_change(store: Store, check: OneChange) -> Verdict:
    name = check.setting.replace("_", " ")
    alike: dict[str, list[tuple[object, Run]]] = defaultdict(list)
    for run in own_runs(store):
        if _as_planned(run):
            value, rest = _apart(run, check.setting)
            alike[rest].append((value, run))
    pairs = [
        (abs(accuracy(one[1]) - accuracy(other[1])), one, other)
        for runs in alike.values()
        for one, other in combinations(runs, 2)
        if one[0] != other[0]
    ]
    if not pairs:
        words = (
            f"No two finished runs yet that differ in nothing but the {name}: train one, change "
            f"the {name} alone, and train again."
        )
        return Verdict(False, words)
    apart, (value, run), (other_value, other) = max(pairs, key=lambda pair: pair[0])
    words = (
        f"runs {other.id} and {run.id} differ in the {name} alone ({other_value}, {value}) and by "
        f"{points(apart)} of test accuracy"
    )
    if 100 * apart >= check.points - ROUNDING:
        return Verdict(True, f"{words[0].upper()}{words[1:]}.", run.id)
    return Verdict(False, f"Nearest: {words}; {check.points:g} are asked for.", run.id)


def _as_planned(run: Run) -> bool:
    """Whether a run trained as its spec says: not stopped, extended, or with another rate."""
    planned = run.planned == run.spec.training.epochs
    return run.state == "finished" and planned and run.learning_rate is None


def _apart(run: Run, setting: str) -> tuple[object, str]:
    """Return the value of a setting, and all other settings as text.

    The settings of a split count as part of the split.
    """
    values = settings_of(run.spec) | {"network": write(run.spec.network)}
    value = values.pop(setting, None)
    if setting == "split":
        for name in ("count", "fraction", "folds", "fold", "split_seed"):
            values.pop(name, None)
    return value, repr(sorted(values.items(), key=lambda pair: pair[0]))


def _folds(store: Store, check: FoldsCheck) -> Verdict:
    return _through(
        (group_progress.read(store, group) for group in own_groups(store, "folds")),
        lambda found: len(found.members) >= check.folds,
        f"No cross-validation with at least {check.folds} folds yet: start one in Tune.",
        lambda found: plural(len(found.members), "fold"),
    )


def _depths(store: Store, check: DepthsCheck) -> Verdict:
    def networks(found: group_progress.GroupProgress) -> int:
        return len({write(member.spec.network) for member in found.members})

    return _through(
        (group_progress.read(store, group) for group in own_groups(store, "depth")),
        lambda found: networks(found) >= check.variants,
        f"No study of depth with at least {check.variants} networks yet: start one in Tune.",
        lambda found: plural(networks(found), "network"),
    )


def _through(
    groups_found: Iterator[group_progress.GroupProgress],
    enough: Callable[[group_progress.GroupProgress], bool],
    none: str,
    size: Callable[[group_progress.GroupProgress], str],
) -> Verdict:
    """Check for a finished group that is large `enough`. none: the words if there is no group.

    Reads groups one by one until a finished one is found, since each takes some milliseconds.
    """
    nearest: group_progress.GroupProgress | None = None
    for found in filter(enough, groups_found):
        if found.spread and len(found.scores) == len(found.members):
            mean = f"mean val_accuracy {100 * found.spread.mean:.2f}\u00a0%"
            last = max(member.run.id for member in found.members if member.run)
            return Verdict(True, f"All of {size(found)} are through, {mean}.", last)
        if nearest is None or _share(found) > _share(nearest):
            nearest = found
    if nearest is None:
        return Verdict(False, none)
    done, planned = len(nearest.scores), len(nearest.members)
    words = f"{done} of {plural(planned, 'run')} are through; all of them are needed."
    aside = "; ".join(f"{member.name} {member.aside}" for member in nearest.aside[:2])
    return Verdict(False, f"{words} Not counted: {aside}." if aside else words)


def _share(found: group_progress.GroupProgress) -> float:
    return len(found.scores) / len(found.members)


def _study(store: Store, check: StudyCheck) -> Verdict:
    most, best = 0, None
    for group in own_groups(store, "study"):
        view = studies.read(store, group.id)
        complete = sum(trial.state == "complete" for trial in view.trials)
        if complete > most:
            most, best = complete, view.best
    if most >= check.trials:
        words = f"The search has {plural(most, 'complete trial')}"
        if best and best.value is not None:
            words += f"; the best, trial {best.number}, has {100 * best.value:.2f} % val_accuracy"
        return Verdict(True, f"{words}.", best and best.run_id)
    words = f"{most} of {plural(check.trials, 'complete trial')}: start a search in Tune"
    return Verdict(False, f"{words}, or let it go on; pruned trials do not count.")


_LOOKS: dict[type, Callable[[Store, Any], Verdict]] = {
    RunCheck: _run,
    Overfits: _overfits,
    Smaller: _smaller,
    OneChange: _one_change,
    FoldsCheck: _folds,
    DepthsCheck: _depths,
    StudyCheck: _study,
}
