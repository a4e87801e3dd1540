"""Names of files, made fit to be shown."""

import pytest

from mnist_core.importing.errors import file_name


@pytest.mark.parametrize(
    ("given", "kept"), [("a/b\\c.h5", "c.h5"), ("", "a file"), ("x" * 99, "x" * 80)]
)
def test_names_of_files(given, kept):
    assert file_name(given) == kept
