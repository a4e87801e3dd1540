"""The diagnosis of a run from its curves: what they show, in plain words, and what to try."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from mnist_core.evaluation.history import Epoch
from mnist_core.network.layers import CLASSES
from mnist_core.network.optimizers import OPTIMIZERS
from mnist_core.network.spec import Spec

Kind = Literal["too_early", "diverged", "not_learning", "unsteady", "overfitting", "domain_shift",
               "underfitting", "learning", "settled"]  # fmt: skip
GUESSING = math.log(CLASSES)
"""The loss of guessing, 2.303 nats: every digit has the probability 0.1."""

LEAST_RATE, MOST_RATE = 1e-6, 10.0
"""The range of learning rates that are proposed."""

JUMP = 0.05
"""The smallest rise of the training loss that counts, relative to the previous and first loss."""

WINDOW, LEAST_GAIN = 3, 0.02
"""Curves are flat if the best loss fell by less than this share in the last WINDOW epochs."""

LOW_SHARE = 1 / 20
"""A learning rate below this share of its optimizer's high rate counts as low."""


@dataclass(frozen=True)
class Diagnosis:
    """What the curves show, what to try, and the settings, by name, that one click changes.

    A change always leads to a different spec and never reverses a remedy; it is empty where no
    setting can help.
    """

    kind: Kind
    seen: str
    advice: str
    change: dict[str, object]


def diagnose(
    spec: Spec, epochs: list[Epoch], planned: int = 0, diverged: bool = False
) -> Diagnosis:
    """Diagnose a run from its epochs so far.

    planned: how many it will have, 0 if there are no more to come; diverged: whether its loss
    became NaN.
    """
    if diverged:
        return _slower(
            spec,
            "diverged",
            "The loss stopped being a number: every step overshot the valley, until the weights "
            "grew without limit.",
        )
    if not epochs:
        return Diagnosis(
            "too_early",
            "The first epoch is not over yet.",
            "Pure guessing has a loss of ln 10 = 2.30. Watch how soon the loss falls below it.",
            {},
        )
    return (
        _not_learning(spec, epochs)
        or _overfitting(spec, epochs)
        or _unsteady(spec, epochs)
        or (_flat(spec, epochs) if _is_flat(spec, epochs, planned) else None)
        or _learning(spec, epochs, planned)
    )


def best_epoch(epochs: list[Epoch]) -> Epoch | None:
    """Return the epoch with the lowest val_loss (loss without validation); None if no epochs."""
    return min(epochs, key=_watched) if epochs else None


def kept_epoch(epochs: list[Epoch], early_stopping: bool) -> Epoch | None:
    """Return the epoch whose weights a run keeps: the best with early stopping, else the last.

    None before the first epoch. The epoch with the highest accuracy would be too optimistic: the
    largest of many noisy figures is mostly luck.
    """
    if early_stopping:
        return best_epoch(epochs)
    return epochs[-1] if epochs else None


def _watched(epoch: Epoch) -> float:
    return epoch.loss if epoch.val_loss is None else epoch.val_loss


def _slower(spec: Spec, kind: Kind, seen: str) -> Diagnosis:
    rate = _tidy(spec.training.learning_rate / 10)
    if rate >= spec.training.learning_rate:
        advice = "The learning rate is as low as it gets: try the optimizer adam or a larger batch."
        return Diagnosis(kind, seen, advice, {})
    advice = f"Try a lower learning rate, {rate:g}."
    return Diagnosis(kind, seen, advice, {"learning_rate": rate})


def _tidy(rate: float) -> float:
    """Clip a learning rate to the proposed range and round it to four digits."""
    return float(f"{min(max(rate, LEAST_RATE), MOST_RATE):.4g}")


def _is_high(spec: Spec) -> bool:
    return spec.training.learning_rate >= OPTIMIZERS[spec.training.optimizer].high_rate


def _is_low(spec: Spec) -> bool:
    high = OPTIMIZERS[spec.training.optimizer].high_rate
    return spec.training.learning_rate < LOW_SHARE * high


def _not_learning(spec: Spec, epochs: list[Epoch]) -> Diagnosis | None:
    last = epochs[-1]
    classes = len(spec.split.learned)
    guessing = math.log(classes)
    if last.loss < 0.9 * guessing and last.accuracy > 1 / classes + 0.1:
        return None
    seen = (
        f"The loss is {last.loss:.2f}; guessing without looking gives ln {classes} = "
        f"{guessing:.2f}."
    )
    if _is_high(spec):
        return _slower(spec, "not_learning", f"{seen} The steps are too large to find a way down.")
    rate = _tidy(10 * spec.training.learning_rate)
    other = "" if spec.training.optimizer == "adam" else ", or the optimizer adam"
    return Diagnosis(
        "not_learning",
        f"{seen} The steps may be too small to get anywhere.",
        f"Try a higher learning rate, {rate:g}{other}.",
        {"learning_rate": rate},
    )


def _rises(epochs: list[Epoch]) -> int:
    """Return in how many epochs the training loss rose markedly, small rises near 0 excluded."""
    losses = [epoch.loss for epoch in epochs]
    floor = JUMP * min(losses[0], GUESSING)
    return sum(after - before > max(floor, JUMP * before) for before, after in pairwise(losses))


def _unsteady(spec: Spec, epochs: list[Epoch]) -> Diagnosis | None:
    rises = _rises(epochs)
    if not rises or (rises < 2 and not _is_high(spec)):
        return None
    seen = f"The training loss rose in {rises} of {len(epochs) - 1} epochs instead of falling: the "
    return _slower(spec, "unsteady", seen + "steps jump across the valley. The rate is too high.")


def _overfitting(spec: Spec, epochs: list[Epoch]) -> Diagnosis | None:
    best, last = best_epoch(epochs), epochs[-1]
    if best is None or best.val_loss is None or last.val_loss is None:
        return None
    if last.epoch - best.epoch < 2 or last.val_loss < 1.1 * best.val_loss or last.loss > best.loss:
        return None
    if _rises(epochs) >= 2:  # while the steps jump about, val_loss says little
        return None
    seen = (
        f"Since epoch {best.epoch}, the training loss has kept falling, but the validation loss "
        f"rose from {best.val_loss:.4f} to {last.val_loss:.4f}."
    )
    if spec.split.handwriting:
        return _domain_shift(seen)
    held = (last.val_accuracy or 0) >= (best.val_accuracy or 0)
    meaning = (
        "The network becomes more sure of its answers, even of the wrong ones. The validation "
        "accuracy has not fallen yet, but overfitting begins this way."
        if held
        else "The network memorizes the training images instead of learning what digits look like. "
        "That is overfitting."
    )
    advice, change = _against_overfitting(spec)
    return Diagnosis(
        "overfitting",
        f"{seen} {meaning}",
        f"{advice} Dropout or a smaller network helps as well.",
        change,
    )


def _domain_shift(seen: str) -> Diagnosis:
    """Return the diagnosis of a run that learns from a class's handwriting.

    MNIST's images validate it, so its validation loss can rise while it reads the class better.
    """
    return Diagnosis(
        "domain_shift",
        f"{seen} But the validation images are all MNIST's, and this run also learns from your "
        "class's handwriting. It may get better at your digits and slightly worse at MNIST's.",
        "Open **Results** on the page Our handwriting to see how well this network reads your "
        "class. Training on more MNIST images helps it stay good at MNIST.",
        {},
    )


def _against_overfitting(spec: Spec) -> tuple[str, dict[str, object]]:
    """Return the first remedy that the spec does not use yet: advice and settings."""
    training = spec.training
    if not training.early_stopping:
        return (
            "Stop early: end after 2 epochs without a lower val_loss, and keep the best weights.",
            {"early_stopping": 2},
        )
    if training.augmentation.shift < 2:
        return "Show more variety: shift each image by up to 2 pixels.", {"shift": 2}
    if training.augmentation.rotation < 10:
        return "Show more variety: turn each image by up to 10 degrees.", {"rotation": 10.0}
    return "Early stopping keeps the best weights, and the images already vary a lot.", {}


def _is_flat(spec: Spec, epochs: list[Epoch], planned: int) -> bool:
    """Return whether the watched loss has stopped falling, as far as can be known yet.

    While a schedule has not yet lowered the learning rate, the loss will fall again.
    """
    if len(epochs) < planned and spec.training.schedule != "constant":
        return False
    return len(epochs) > WINDOW + 1 and _gain(epochs) < LEAST_GAIN


def _gain(epochs: list[Epoch]) -> float:
    """Return by which share the best watched loss fell in the last WINDOW epochs."""
    before = min(_watched(epoch) for epoch in epochs[:-WINDOW])
    after = min(_watched(epoch) for epoch in epochs[-WINDOW:])
    return (before - after) / before if before > 0 else 0.0


def _flat(spec: Spec, epochs: list[Epoch]) -> Diagnosis:
    last = epochs[-1]
    reached = max(last.accuracy, last.val_accuracy or 0)  # dropout holds back the training images
    return _settled(spec, epochs) if reached > 0.95 else _underfitting(spec, last)


def _underfitting(spec: Spec, last: Epoch) -> Diagnosis:
    seen = (
        f"The curves are flat, and the network reads only {100 * last.accuracy:.1f} % of the "
        "training images correctly. That is underfitting: "
    )
    if _is_low(spec):
        rate = _tidy(10 * spec.training.learning_rate)
        return Diagnosis(
            "underfitting",
            f"{seen}the learning rate is too low, or the network is too small.",
            f"Try a higher learning rate first, such as {rate:g}. Then add filters or units.",
            {"learning_rate": rate},
        )
    return Diagnosis(
        "underfitting",
        f"{seen}the network is too small for the task.",
        "Add filters, units or another convolution on the Build page.",
        {},
    )


def _learning(spec: Spec, epochs: list[Epoch], planned: int) -> Diagnosis:
    last, best = epochs[-1], min(epochs, key=_watched)
    if _watched(last) > _watched(best):
        seen = (
            f"The {_name(last)} loss was lowest after epoch {best.epoch}, {_watched(best):.4f}; "
            f"now it is {_watched(last):.4f}"
        )
        advice = "Small ups and downs are normal. Watch whether the loss keeps rising."
        return Diagnosis("learning", f"{seen}.", advice, {})
    seen = f"The network is learning: the {_name(last)} loss is down to {_watched(last):.4f}"
    if len(epochs) > 1:
        seen += f", from {_watched(epochs[0]):.4f} after the first epoch"
    if last.accuracy < 0.9 and _is_low(spec):
        rate = _tidy(10 * spec.training.learning_rate)
        advice = f"Learning is slow. Try a higher learning rate, such as {rate:g}."
        return Diagnosis("learning", f"{seen}.", advice, {"learning_rate": rate})
    if len(epochs) < planned:
        left = planned - len(epochs)
        advice = f"Watch the {'last epoch' if left == 1 else f'{left} remaining epochs'}."
    else:
        advice = "More epochs are likely to help."
    return Diagnosis("learning", f"{seen}.", advice, {})


def _settled(spec: Spec, epochs: list[Epoch]) -> Diagnosis:
    last = epochs[-1]
    advice = "A schedule that lowers the learning rate, such as cosine, often gains a little more."
    change: dict[str, object] = {"schedule": "cosine"}
    if spec.training.schedule != "constant":
        advice = "The learning rate is already lowered. To gain more, change the network: add "
        advice, change = advice + "filters, units or dropout on the Build page.", {}
    return Diagnosis(
        "settled",
        f"The {_name(last)} loss has settled near {_watched(last):.4f}: it has hardly fallen in "
        f"the last {WINDOW} epochs.",
        advice,
        change,
    )


def _name(epoch: Epoch) -> str:
    return "training" if epoch.val_loss is None else "validation"
