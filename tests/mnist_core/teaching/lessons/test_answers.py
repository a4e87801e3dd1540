"""Answers to the questions of lessons, on real rows."""

import numpy as np

from mnist_core.dataset import mnist
from mnist_core.execution import jobs
from mnist_core.insight.distortions import DISTORTIONS
from mnist_core.storage import artifacts
from mnist_core.storage.runs import Store
from tests.mnist_core.teaching.lessons.tasks import trained, verdict, with_settings


def asked(store: Store, question: str, answer: str = "", **conditions):
    return verdict(store, answer, kind="answer", question=question, **conditions)


def test_the_digit_that_is_mistaken_most(store):
    labels = mnist.load().y_test
    named = labels.copy()
    for digit, wrong in ((3, 5), (8, 7), (9, 7)):
        named[np.flatnonzero(labels == digit)[:wrong]] = 0
    run = trained(store, 0.9)
    artifacts.save_report(store, run.id, np.eye(10, dtype=np.float32)[named])
    assert asked(store, "mistaken_most", network="note-5").words == (
        f"The question is about run {run.id}: type your answer."
    )
    for answer, right in (("8", True), ("9", True), (" 9 ", True), ("3", False), ("0", False)):
        found = asked(store, "mistaken_most", answer, network="note-5")
        assert (found.passed, found.run_id) == (right, run.id)
    wrong = asked(store, "mistaken_most", "3", network="note-5").words
    assert "8" not in wrong.replace(str(run.id), "")
    assert "No run of" in asked(store, "mistaken_most", "8", network="note-1").words
    assert "whole number" in asked(store, "mistaken_most", "eight", network="note-5").words


def test_the_best_epoch_of_the_latest_run(store):
    trained(store, 0.9, val_losses=(0.1, 0.2, 0.3))
    trained(store, 0.9, val_losses=(0.3, 0.1, 0.1))
    assert [asked(store, "best_epoch", str(n)).passed for n in (1, 2, 3)] == [False, True, True]
    trained(store, 0.9, with_settings(split="none"), val_losses=(None, None))
    assert "no validation images" in asked(store, "best_epoch", "1").words


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


def test_the_values_that_flatten_hands_on(store):
    assert "No run of" in asked(store, "flatten", "400", network="note-5").words
    run = trained(store, 0.5)
    found = asked(store, "flatten", "400", network="note-5")
    assert (found.passed, found.run_id) == (True, run.id)
    assert asked(store, "flatten", "401").words == (
        f"401 is not right for run {run.id}: look again."
    )
    assert not asked(store, "flatten", "400", epochs=3).passed
    trained(store, 0.5, with_settings("C8 GAP"))
    assert "no Flatten layer" in asked(store, "flatten", "8").words


def test_an_answer_of_any_length_gets_a_sentence(store):
    trained(store, 0.5)
    for answer in ("9" * 5000, "-400", "4e2", "²", "[a](b)"):
        assert not asked(store, "flatten", answer).passed
