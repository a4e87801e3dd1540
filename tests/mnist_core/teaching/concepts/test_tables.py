"""Tables that a person fills in: what is refused, and where."""

import numpy as np
import pytest

from mnist_core.teaching.concepts import tables
from mnist_core.teaching.concepts.tables import TableError


@pytest.mark.parametrize(
    ("bad", "received"), [(np.nan, "is empty"), (np.inf, "holds inf"), (-1000, "holds -1000")]
)
def test_a_table_that_cannot_be_used(bad, received):
    table = np.zeros((3, 3))
    table[1, 2] = bad
    with pytest.raises(TableError, match=rf"kernel .* row 1, column 2 {received}"):
        tables.checked(table, "the kernel")
