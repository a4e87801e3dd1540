"""Answers to the questions of lessons, on real rows."""

import numpy as np

from mnist_core.dataset import mnist
from mnist_core.execution import jobs
from mnist_core.insight.distortions import DISTORTIONS
from mnist_core.network.spec import Spec
from mnist_core.storage import artifacts
from mnist_core.storage.runs import Store
from tests.mnist_core.teaching.lessons.tasks import NOTE_5, trained, verdict, with_settings


def asked(store: Store, question: str, answer: str = "", start: Spec | None = None, **run):
    return verdict(store, answer, start, kind="answer", question=question, run=run)


def test_the_digit_that_is_mistaken_most(store):
    labels = mnist.load().y_test
    named = labels.copy()
    for digit, wrong in ((3, 5), (8, 7), (9, 7)):
        named[np.flatnonzero(labels == digit)[:wrong]] = 0
    run = trained(store, 0.9)
    artifacts.save_report(store, run.id, np.eye(10, dtype=np.float32)[named])
    assert asked(store, "mistaken_most", preset="note-5").words == (
        f"The question is about run {run.id}: type your answer."
    )
    for answer, right in (("8", True), ("9", True), (" 9 ", True), ("3", False), ("0", False)):
        found = asked(store, "mistaken_most", answer, preset="note-5")
        assert (found.passed, found.run_id) == (right, run.id)
    wrong = asked(store, "mistaken_most", "3", preset="note-5").words
    assert "8" not in wrong.replace(str(run.id), "")
    assert "No run of" in asked(store, "mistaken_most", "8", preset="note-1").words
    assert "whole number" in asked(store, "mistaken_most", "eight", preset="note-5").words


def test_the_best_epoch_of_the_latest_run(store):
    trained(store, 0.9, val_losses=(0.1, 0.2, 0.3))
    trained(store, 0.9, val_losses=(0.3, 0.1, 0.1))
    assert [asked(store, "best_epoch", str(n)).passed for n in (1, 2, 3)] == [False, True, True]
    trained(store, 0.9, with_settings(split="none"), val_losses=(None, None))
    assert "validation images, which are missing" in asked(store, "best_epoch", "1").words


def test_the_rotation_that_is_too_much(store):
    run = trained(store, 0.9)
    assert "open Robustness" in asked(store, "rotation_90", "20").words
    found = {name: np.ones((2, len(kind.levels)), np.float32) for name, kind in DISTORTIONS.items()}
    found["rotated"][0] = [0.99, 0.97, 0.9, 0.89, 0.8, 0.5, 0.2, 0.3, 0.4]
    jobs.enqueue(store, run.id, "robustness")
    jobs.claim(store, run.id, "robustness")
    jobs.store_result(store, run, "robustness", found)
    answers = [n for n in (-30, 0, 20, 30, 45, 180) if asked(store, "rotation_90", str(n)).passed]
    assert answers == [30]


def test_questions_about_the_prepared_network(store):
    assert asked(store, "parameters", "27562", NOTE_5).passed
    assert asked(store, "flatten", "400", NOTE_5).passed
    assert "not what the network of this lesson says" in (
        asked(store, "parameters", "27561", NOTE_5).words
    )
    assert not asked(store, "flatten", "400", NOTE_5, epochs=1).passed
    run = trained(store, 0.5)
    assert asked(store, "flatten", "400", NOTE_5, epochs=1).run_id == run.id
