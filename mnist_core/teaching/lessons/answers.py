"""Checks answers to questions whose result, a whole number, the app computes; no TensorFlow."""

import numpy as np

from mnist_core.evaluation.run import Run
from mnist_core.execution import jobs
from mnist_core.insight.distortions import DISTORTIONS
from mnist_core.network.spec import Spec
from mnist_core.network.summary import summarize
from mnist_core.storage import artifacts
from mnist_core.storage.runs import Store
from mnist_core.teaching.lessons.checks import Answer, Question
from mnist_core.teaching.lessons.verdict import Verdict, missing_run, newest, own_runs
from mnist_core.utils.text import short_repr

OF_START = ("parameters", "flatten")
"""Questions about the network that the lesson starts with, which need no run."""

LEAST_READ = 0.9
"""The accuracy below which the question rotation_90 counts rotated digits as unreadable."""


def check_answer(store: Store, check: Answer, start: Spec | None, answer: str) -> Verdict:
    """Check an answer; a wrong answer does not reveal the right one. answer: as typed, or empty."""
    run = None
    if check.question not in OF_START or check.run.model_dump(exclude_defaults=True):
        runs = own_runs(store)
        run = newest(check.run, runs)
        if run is None:
            return missing_run(check.run, runs)
    if run and check.question not in OF_START:
        truth, place = _of_run(check.question, store, run), f"run {run.id}"
    else:
        truth = {_of_start(check.question, start)} if start else set()
        place = "the network of this lesson"
    run_id = run and run.id
    if not truth:
        return Verdict(
            False, f"Nothing to answer yet: {_NEEDS[check.question]}".format(place), run_id
        )
    if not answer.strip():
        return Verdict(False, f"The question is about {place}: type your answer.", run_id)
    try:
        given = int(answer[:20])
    except ValueError:
        words = (
            f"An answer is a whole number, such as 12; received {short_repr(answer.strip(), 40)}."
        )
        return Verdict(False, words, run_id)
    if given in truth:
        return Verdict(True, f"{given:,} is right for {place}.", run_id)
    return Verdict(False, f"{given:,} is not what {place} says: look again.", run_id)


_NEEDS = {
    "best_epoch": "train with validation images, which are missing in {}.",
    "mistaken_most": "no mistakes of {} are known.",
    "rotation_90": "open Robustness in Look inside, and let it measure {}.",
}


def _of_start(question: Question, start: Spec) -> int:
    summary = summarize(start.network)
    if question == "parameters":
        return summary.parameters
    flat = next(row for row in summary.rows if row.type == "Flatten")
    return flat.output_shape[0]


def _of_run(question: Question, store: Store, run: Run) -> set[int]:
    """Return the right answers, several in a tie, none while the run lacks the data."""
    if question == "mistaken_most":
        return _mistaken_most(store, run)
    if question == "best_epoch":
        losses = {e.epoch: e.val_loss for e in store.epochs(run.id) if e.val_loss is not None}
        return {epoch for epoch, loss in losses.items() if loss == min(losses.values())}
    return _rotation(store, run)


def _mistaken_most(store: Store, run: Run) -> set[int]:
    """Return the true digits with the most mistakes; none without any mistake."""
    report = artifacts.load_report(store, run.id)
    if report is None:
        return set()
    wrong = report.confusion.sum(axis=1) - report.confusion.diagonal()
    return set(np.flatnonzero(wrong == wrong.max()).tolist()) if wrong.max() else set()


def _rotation(store: Store, run: Run) -> set[int]:
    """Return the smallest rotation with an accuracy below 90 %, in degrees."""
    found = jobs.result(store, run, "robustness")
    if found is None:
        return set()
    shares = zip(DISTORTIONS["rotated"].levels, found["rotated"][0].tolist(), strict=True)
    # rounded, since the float32 next to 0.9 lies below it
    low = [int(level) for level, share in shares if level > 0 and round(share, 4) < LEAST_READ]
    return set(low[:1])
