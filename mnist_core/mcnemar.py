"""Two networks on the same images: McNemar's test, and what it says in plain words."""

from dataclasses import dataclass

import numpy as np

from mnist_core.errors import MnistError
from mnist_core.evaluate import Report
from mnist_core.words import plural

UNLIKELY = 0.05
"""The usual line: a smaller p-value is called significant."""


class CompareError(MnistError):
    """Two runs that cannot be held against each other."""


@dataclass(frozen=True)
class Pair:
    """Two networks on the same images, counted, and McNemar's test.

    only_a, only_b: row numbers of the images that one gets right and the other wrong, those first
    where the other was most confident, int64; both and neither count the rest.
    """

    both: int
    only_a: np.ndarray
    only_b: np.ndarray
    neither: int

    @property
    def disputed(self) -> int:
        """Images that just one of the two gets right: all that the test looks at."""
        return len(self.only_a) + len(self.only_b)

    @property
    def p_value(self) -> float:
        """Two-sided and exact: how often fair coins would fall at least as unevenly.

        Source: McNemar 1947, "Note on the sampling error of the difference between correlated
        proportions or percentages"; in whole numbers, so that nothing is rounded before the end.
        """
        tosses, fewer = self.disputed, min(len(self.only_a), len(self.only_b))
        ways = total = 1
        for heads in range(fewer):
            ways = ways * (tosses - heads) // (heads + 1)
            total += ways
        return min(1.0, 2 * total / 2**tosses)

    def sentence(self, a: str, b: str) -> str:
        """What was counted and what the p-value says of it. a, b: what to call the two."""
        ours, theirs = len(self.only_a), len(self.only_b)
        if not self.disputed:
            return (
                f"{a} and {b} are right on the very same images: this test set cannot tell them "
                "apart."
            )
        better, worse = (a, b) if ours >= theirs else (b, a)
        lead = (
            f"{better} reads {plural(abs(ours - theirs), 'digit')} more right than {worse}"
            if ours != theirs
            else f"{a} and {b} read equally many digits right, though not the same ones"
        )
        split = f"{max(ours, theirs):,} to {min(ours, theirs):,}"
        return (
            f"{lead}: of the {plural(self.disputed, 'image')} that just one of them gets right, "
            f"they share {split}. If both were equally good, each of these would be as likely to "
            "fall to the one as to the other, and a split at least this uneven would come up in "
            f"{_often(self.p_value)} such test sets by chance alone ({_p(self.p_value)})."
        )

    def verdict(self, a: str, b: str) -> str:
        """The answer in short. a, b: what to call the two."""
        if self.p_value > UNLIKELY:
            return "This difference could be chance" if self.disputed else "No difference at all"
        better = a if len(self.only_a) > len(self.only_b) else b
        return f"{better} is better: chance alone would seldom make such a difference"


def pair(a: Report, b: Report) -> Pair:
    """Count two networks against each other. Raises CompareError unless the images are the same."""
    if not np.array_equal(a.labels, b.labels):
        raise CompareError(
            "two runs can be compared image by image only on the same test set; received "
            f"{len(a.labels):,} and {len(b.labels):,} images with other labels: evaluate both on "
            "the same one"
        )
    right_a, right_b = a.predicted == a.labels, b.predicted == b.labels
    return Pair(
        both=int((right_a & right_b).sum()),
        only_a=_by_confidence(right_a & ~right_b, b),
        only_b=_by_confidence(right_b & ~right_a, a),
        neither=int((~right_a & ~right_b).sum()),
    )


def _by_confidence(chosen: np.ndarray, wrong: Report) -> np.ndarray:
    rows = np.flatnonzero(chosen)
    return rows[np.argsort(-wrong.confidence[rows], kind="stable")]


def _often(p: float) -> str:
    """How many of how many: 34 of 100, 3 of 1,000."""
    if p >= 0.995:
        return "all"
    for of in (100, 1000, 10_000):
        if p * of >= 0.95:
            return f"{round(p * of)} of {of:,}"
    return "fewer than 1 of 10,000"


def _p(p: float) -> str:
    return f"p = {p:.2g}" if p >= 0.0001 else "p < 0.0001"
