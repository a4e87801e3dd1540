"""What the tests of jobs share: a store and a run."""

import pytest

from mnist_core.evaluation.run import Run
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec
from mnist_core.storage.runs import Store


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def run(store) -> Run:
    return store.create_run(Spec(network=parse("F")), queued=False)
