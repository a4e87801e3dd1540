"""What the tab Suspect labels says."""

from mnist_core.insight.doubts import VERDICTS, Doubts
from mnist_core.words import percent, plural

ABOUT = (
    "People wrote down MNIST's labels, and people slip. Where a good network is sure of another "
    "digit, either the network is wrong, or the label is: **you are the judge**."
)
GUESSES = (
    "This network reads no more than half of the digits right, so that it contradicts a label "
    "says nothing about the label. Take a better run."
)
NO_NEIGHBOURS = (
    "Open the tab Embedding once for this run, and the nearest training images of each suspect "
    "appear here with their labels."
)
KNOWN = (
    "Few labels of MNIST are wrong. Northcutt, Athalye and Mueller (2021, Pervasive Label Errors "
    "in Test Sets) let trained networks point at suspects, as you do here, and had people look: "
    "they found about 15 wrong ones in the 10,000 test labels, 0.15 %. So most of what you see "
    "are the network's own mistakes on odd handwriting, and a score above 99.85 % would "
    "mean agreeing with wrong labels."
)

_ROLES = {
    "train": "The network has **trained** on this image with this label, and contradicts it even "
    "so.",
    "validation": "This is a **validation** image: the network never trained on it, though the run "
    "was watched with it.",
    "none": "This run did **not use** this image at all.",
}


def role(name: str, part: str | None) -> str:
    """What the network knew of an image. part: of a training image, see `_ROLES`."""
    return "The network has never learned from this image." if part is None else _ROLES[part]


def count(doubts: Doubts, fitting: int) -> str:
    """How many there are, and what they tell."""
    share = percent(doubts.wrong / doubts.images)
    many = f"**{plural(doubts.wrong, 'label')} of {doubts.images:,} contradicted** ({share})"
    if not doubts.wrong:
        return f"{many}: this network agrees with all of them."
    kept = "" if len(doubts.rows) == doubts.wrong else f"; the {len(doubts.rows)} surest are kept"
    fits = "" if fitting == len(doubts.rows) else f", {fitting} of them fit your choice"
    if doubts.name == "test":
        return f"{many}{kept}{fits}, the surest first."
    return (
        f"{many}{kept}{fits}, the surest first. A network can learn a wrong label by heart, and "
        "then it no longer contradicts it; so those that it contradicts after training on them "
        "are all the more telling, and others stay hidden."
    )


SIGNS: dict[str, str] = dict(
    zip(VERDICTS, ("✓\u00a0label", "✓\u00a0network", "?\u00a0neither"), strict=True)
)
"""Verdicts below a small image."""
KEPT = "Verdicts are kept for this visit: download them before you refresh."


def kept(row: int, verdict: str | None) -> str:
    """What the last button did. verdict: None where it was taken back."""
    if verdict is None:
        return f"Taken back: image {row:,} has no verdict again."
    return f"Kept for image {row:,}: **{verdict[:1].lower()}{verdict[1:]}**."


def tally(verdicts: list[str]) -> str:
    """With whom the reader sided."""
    if not verdicts:
        return "You have not decided on any image yet."
    label, network, neither = (verdicts.count(verdict) for verdict in VERDICTS)
    return (
        f"You sided with the network in **{network} of {len(verdicts)}**, with the label in "
        f"{label}, and with neither in {neither}."
    )
