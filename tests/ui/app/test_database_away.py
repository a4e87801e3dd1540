"""A database that cannot be used: a sentence on the page, and the page comes back."""

import os
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.storage.database import default_url
from mnist_core.storage.runs import Store
from tests.helpers import MAIN_SCRIPT


@pytest.mark.skipif(os.name != "posix", reason="an open file cannot be replaced elsewhere")
def test_strangers_are_told_no_address_of_the_database(hosted):
    hosted()
    path = Path(default_url().removeprefix("sqlite:///"))
    Store()
    path.with_name("new").write_bytes(b"no database" * 1000)
    path.with_name("new").replace(path)
    at = AppTest.from_file(MAIN_SCRIPT, default_timeout=20).run()
    assert not at.exception
    assert "is unavailable or full" in at.error[0].value
    assert path.name not in at.error[0].value


@pytest.mark.skipif(os.name != "posix", reason="an open file cannot be replaced elsewhere")
def test_a_page_says_that_the_database_is_damaged_and_comes_back():
    path = Path(default_url().removeprefix("sqlite:///"))
    assert Store().runs() == []
    path.rename(path.with_name("good.db"))
    for ending in ("-wal", "-shm"):
        Path(f"{path}{ending}").unlink(missing_ok=True)
    path.write_bytes(b"no database" * 1000)
    at = AppTest.from_file(MAIN_SCRIPT, default_timeout=20).run()
    assert not at.exception
    assert "is damaged or no database" in at.error[0].value
    assert str(path) in at.error[0].value
    path.with_name("good.db").replace(path)
    at.run()
    assert not at.exception
    assert not at.error
    assert at.title
