"""What the tests of imports share: a network that plain Keras saved."""

import pytest

from tests.mnist_core.importing.bad_models import Good


@pytest.fixture(scope="module")
def good() -> Good:
    from tests.mnist_core.importing.keras_files import good_model

    return good_model()
