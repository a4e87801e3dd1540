"""The check of an answer to a question about a run; the app computes the right answer."""

from typing import Literal

import numpy as np

from mnist_core.evaluation.run import Run
from mnist_core.execution import jobs
from mnist_core.insight.distortions import DISTORTIONS
from mnist_core.network.summary import summarize
from mnist_core.storage import artifacts
from mnist_core.storage.runs import Store
from mnist_core.teaching.lessons.check import Verdict
from mnist_core.teaching.lessons.run_checks import Conditions
from mnist_core.utils.text import short_repr

READABLE = 0.9
"""The accuracy below which the question rotation_90 counts rotated digits as unreadable."""


def _most_mistaken(store: Store, run: Run) -> set[int]:
    """Return the true digits with the most mistakes; none without any mistake."""
    report = artifacts.load_report(store, run.id)
    if report is None:
        return set()
    wrong = report.confusion.sum(axis=1) - report.confusion.diagonal()
    return set(np.flatnonzero(wrong == wrong.max()).tolist()) if wrong.max() else set()


def _flatten(store: Store, run: Run) -> set[int]:
    """Return the number of values that the network's Flatten layer outputs."""
    rows = summarize(run.spec.network).rows
    return {row.output_shape[0] for row in rows if row.type == "Flatten"}


def _best_epoch(store: Store, run: Run) -> set[int]:
    """Return the epochs with the lowest val_loss."""
    losses = {e.epoch: e.val_loss for e in store.epochs(run.id) if e.val_loss is not None}
    return {epoch for epoch, loss in losses.items() if loss == min(losses.values())}


def _unreadable_rotation(store: Store, run: Run) -> set[int]:
    """Return the smallest rotation with an accuracy below 90 %, in degrees."""
    found = jobs.result(store, run, "robustness")
    if found is None:
        return set()
    accuracies = zip(DISTORTIONS["rotated"].levels, found["rotated"][0].tolist(), strict=True)
    # rounded, since the float32 next to 0.9 lies below it
    low = [int(level) for level, share in accuracies if level > 0 and round(share, 4) < READABLE]
    return set(low[:1])


QUESTIONS = {
    "mistaken_most": (_most_mistaken, "its mistakes are not known"),
    "flatten": (_flatten, "its network has no Flatten layer"),
    "best_epoch": (_best_epoch, "it has no validation images, so train a run with some"),
    "rotation_90": (_unreadable_rotation, "open Robustness on Look inside and measure it there"),
}
"""By question: a function that returns the right answers, several in a tie, and why it has none."""


class AnswerCheck(Conditions):
    """The right answer to a question about the newest run that meets the conditions."""

    kind: Literal["answer"]
    question: Literal["mistaken_most", "flatten", "best_epoch", "rotation_90"]

    def _grade(self, store: Store, matching: list[Run], answer: str) -> Verdict:
        """Check the answer; the words on a wrong answer do not reveal the right one."""
        run, given = matching[0], answer.strip()[:20]
        find_answers, reason = QUESTIONS[self.question]
        right = find_answers(store, run)
        if not right:
            words = f"Run {run.number} has no answer yet: {reason}."
        elif not given:
            words = f"The question is about run {run.number}: type your answer."
        elif not given.isdecimal():
            words = f"The answer must be a whole number, such as 12; received {short_repr(given)}."
        elif int(given) in right:
            return Verdict(True, f"{int(given):,} is right for run {run.number}.", run.id)
        else:
            words = f"{int(given):,} is not right for run {run.number}: look again."
        return Verdict(False, words, run.id)
