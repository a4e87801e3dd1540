"""Challenges, whose leaderboards rank runs by figures that the app itself measured."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mnist_core.dataset.mnist import TEST_IMAGES
from mnist_core.evaluation.run import Run
from mnist_core.insight.distortions import DISTORTIONS
from mnist_core.utils.text import accuracy_in_context, duration, percent

LEAST_ACCURACY = 0.985
MOST_SECONDS = 60
MOST_IMAGES = 1000
MOST_DEGREES = 45
"""The largest rotation that counts: further on, a 6 is hard to tell from a 9."""


@dataclass(frozen=True)
class Score:
    """A run's score in a challenge.

    rank: compared from left to right, lower is better; figure: the deciding number in words;
    detail: a second number in words.
    """

    rank: tuple[float, ...]
    figure: str
    detail: str


@dataclass(frozen=True)
class Challenge:
    """One challenge.

    score: returns the score of a run, or the reason why it does not take part; called with the run
    and its accuracy in what is `measured`, None before that. start: settings of a new network, as
    in a link. any_start: whether runs take part that began with trained weights or learned from
    handwriting, too. record: the preset that does best in it, "" if none was made for it.
    """

    name: str
    title: str
    rule: str
    hint: str
    start: dict[str, str]
    score: Callable[[Run, float | None], Score | str]
    measured: Literal["", "rotation", "handwriting"] = ""
    any_start: bool = False
    record: str = ""


@dataclass(frozen=True)
class Place:
    """One row of a leaderboard. place: from 1; equal scores share a place."""

    place: int
    run: Run
    score: Score


@dataclass(frozen=True)
class Board:
    """The runs that take part, best first, and the reasons why other runs do not, by run."""

    places: tuple[Place, ...]
    outside: Mapping[int, str]


def board(
    challenge: Challenge, runs: Iterable[Run], measured: Mapping[int, float] | None = None
) -> Board:
    """Return the leaderboard of runs. measured: accuracies of what is `measured`, by run."""
    scores: list[tuple[Run, Score]] = []
    outside: dict[int, str] = {}
    for run in runs:
        excluded = exclusion_reason(run, challenge.any_start)
        score = excluded or challenge.score(run, (measured or {}).get(run.id))
        if isinstance(score, str):
            outside[run.id] = score
        else:
            scores.append((run, score))
    scores.sort(key=lambda pair: (pair[1].rank, pair[0].id))  # in a tie the earlier run first
    ranks = [score.rank for _, score in scores]
    places = [Place(1 + ranks.index(score.rank), run, score) for run, score in scores]
    return Board(tuple(places), outside)


def exclusion_reason(run: Run, any_start: bool = False) -> str | None:
    """Return why a run is excluded from leaderboards, as the end of a sentence, or None.

    any_start: of those that take any start; see `Challenge`.
    """
    if run.origin:
        return "it was trained elsewhere, so the app could not measure its training"
    if not run.sees_test:
        return "trials and learning-rate tests never see the test images"
    if run.spec.transfer and not any_start:
        return "it started from trained weights, and all others from random ones"
    if run.spec.split.handwriting and not any_start:
        return "it was trained on collected handwriting, and all others on MNIST alone"
    if run.spec.split.kind == "test":
        return "it watched the test images while it learned, so its result is too good"
    if run.is_active:
        return "its training is not over yet"
    if run.test_accuracy is None:
        return "it was never evaluated on the test images"
    return None


def rotation(robustness: Mapping[str, np.ndarray]) -> float:
    """Return the mean accuracy, in [0, 1], on 2,000 test images rotated by 0 to 45 degrees.

    robustness: the result of the job "robustness". Upright images count as well, so that a network
    must not forget them.
    """
    levels = np.array(DISTORTIONS["rotated"].levels)
    return float(robustness["rotated"][0][levels <= MOST_DEGREES].mean())


def _wrong(run: Run) -> int:
    return round((1 - (run.test_accuracy or 0)) * TEST_IMAGES)


def _accuracy(run: Run) -> str:
    return accuracy_in_context(run.test_accuracy or 0, TEST_IMAGES)


def _smallest(run: Run, _rotation: float | None) -> Score | str:
    accuracy = run.test_accuracy or 0
    if accuracy < LEAST_ACCURACY:
        return f"its test accuracy is {percent(accuracy)}, and this challenge needs 98.50\u00a0%"
    return Score((run.parameters, _wrong(run)), f"{run.parameters:,} parameters", _accuracy(run))


def _quickest(run: Run, _rotation: float | None) -> Score | str:
    if run.seconds > MOST_SECONDS:
        return f"it trained for {duration(run.seconds)}, and this challenge allows 60 s"
    return Score((_wrong(run), run.seconds), _accuracy(run), f"{run.seconds:.1f} s in training")


def _few_images(run: Run, _rotation: float | None) -> Score | str:
    images = run.spec.split.training_images
    if images > MOST_IMAGES:
        return f"it learned from {images:,} images, and this challenge allows 1,000"
    return Score((_wrong(run), images), _accuracy(run), f"{images:,} training images")


def _most_robust(run: Run, rotation: float | None) -> Score | str:
    if rotation is None:
        return "it has not been measured yet"
    upright = f"{percent(run.test_accuracy or 0)} upright"
    return Score((-rotation,), f"{percent(rotation, 1)} on average", upright)


def _reads_us(run: Run, accuracy: float | None) -> Score | str:
    if accuracy is None:
        return "it has not read your class's handwriting yet"
    mnist = f"{percent(run.test_accuracy or 0)} on MNIST"
    return Score((-accuracy,), f"{percent(accuracy, 1)} of your digits", mnist)


CHALLENGES: dict[str, Challenge] = {
    challenge.name: challenge
    for challenge in (
        Challenge(
            "smallest",
            "The smallest network",
            "Fewest parameters with at least 98.50\u00a0% on the 10,000 test images, which allows "
            "150 mistakes. In a tie the more accurate network wins.",
            "See where the parameters are: nearly always in the first dense layer after Flatten. "
            "One more pooling layer, or global average pooling instead of Flatten, removes most "
            "of them.",
            {"network": "C8 M C16 M F D32", "epochs": "10"},
            _smallest,
            record="under-2000",
        ),
        Challenge(
            "sixty-seconds",
            "The best minute",
            "Best test accuracy after at most 60 seconds of training, as measured by the app. "
            "You can stop a longer run in time. In a tie the faster run wins.",
            "Time grows with epochs and with multiply-adds. One epoch of a good network with a "
            "one-cycle schedule can beat ten epochs of a poor one.",
            {"network": "C16 M C32 M F D64", "epochs": "3", "schedule": "one_cycle"},
            _quickest,
            record="fast",
        ),
        Challenge(
            "thousand-images",
            "A thousand images",
            "Best test accuracy of a network that learned from at most 1,000 training images. In a "
            "tie the run with fewer images wins.",
            "Any network can memorize so few images. Against that, augmentation, dropout, and "
            "more epochs than you would expect help.",
            {
                "network": "C16 M C32 M F D64 Drop0.5",
                "epochs": "40",
                "split": "none",
                "limit": "1000",
                "shift": "2",
                "rotation": "10",
            },
            _few_images,
        ),
        Challenge(
            "rotation",
            "Rotated digits",
            "Highest mean accuracy on 2,000 test images rotated clockwise by 0, 10, 20, 30 and "
            "45 degrees. The measurement takes a few seconds per run.",
            "A convolution is not invariant to rotation. Train with rotated digits, and see what "
            "that costs on upright digits.",
            {"network": "C16 M C32 M F D64", "epochs": "4", "rotation": "20"},
            _most_robust,
            measured="rotation",
        ),
        Challenge(
            "reads-us",
            "Reads our class best",
            "Highest accuracy on your class's own handwriting. The app leaves out every writer "
            "whose digits trained a network on this leaderboard. You may start from trained "
            "weights and train on your class's handwriting.",
            "Augmentation can help, since your digits differ from MNIST's. Fine-tuning on your "
            "classmates' digits usually helps more: start with the preset our-class on Build.",
            {"network": "C16 M C32 M F D64", "epochs": "4", "shift": "2", "rotation": "10"},
            _reads_us,
            measured="handwriting",
            any_start=True,
        ),
    )
}
