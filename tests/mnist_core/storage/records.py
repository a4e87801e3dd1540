"""What a training writes into the database: a spec, progress reports, epochs."""

import numpy as np

from mnist_core.evaluation.history import Epoch, Progress
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec

SPEC = Spec(network=parse("C4 M F"))


def progress(first_step: int, count: int = 3) -> Progress:
    values = np.arange(first_step, first_step + count, dtype=np.float32)
    return Progress(
        1, 5, first_step + count, 90, 0.5, 0.8, 1e4, 3.5, first_step, values, values / np.float32(2)
    )


def epoch(number: int) -> Epoch:
    return Epoch(number, 0.5, 0.8, None if number == 1 else 0.4, 0.9, 0.001, 1.5)
