"""What the tests of lessons share: a store."""

import pytest

from mnist_core.storage.runs import Store


@pytest.fixture
def store() -> Store:
    return Store()
