"""An ensemble of trained networks, which vote with their stored test probabilities."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnist_core.evaluation.report import Report
from mnist_core.evaluation.statistics import CompareError, McNemar, mcnemar


@dataclass(frozen=True)
class Ensemble:
    """The vote of several networks on the same images, compared with the best of them alone.

    report: of the vote; best: the index of the most accurate member, the first of equal ones; test:
    the vote (a) against that member (b), so that `only_a` are the images that the vote fixes, and
    `only_b` those that it breaks; shared: the number of images that all members get wrong.
    """

    report: Report
    best: int
    test: McNemar
    shared: int


def vote(members: Sequence[Report]) -> Ensemble:
    """Return the ensemble of these networks by soft voting: the mean of their probabilities.

    Raises CompareError for fewer than two members, or if their labels are not the same.
    Source: Hansen and Salamon 1990, "Neural Network Ensembles".
    """
    if len(members) < 2:
        raise CompareError(
            f"an ensemble needs at least two networks; received {len(members)}: choose another one"
        )
    best = max(range(len(members)), key=lambda at: members[at].accuracy)
    for member in members:
        mcnemar(members[best], member)  # compares the labels
    mean = np.mean([member.probabilities for member in members], axis=0, dtype=np.float64)
    report = Report(np.asarray(mean, np.float32), members[best].labels)
    tests = [mcnemar(report, member) for member in members]
    wrong = np.all([member.predicted != member.labels for member in members], axis=0)
    return Ensemble(report, best, tests[best], int(wrong.sum()))
