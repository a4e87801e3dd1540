"""The table of formats and the names of files."""

from mnist_core.exporting import formats, models
from mnist_core.exporting.formats import FORMATS
from mnist_core.exporting.texts import TEXTS
from mnist_core.storage.runs import Store
from tests.mnist_core.exporting.repeated_runs import SPECS


def test_the_table_is_whole():
    made = [*TEXTS, *models.MODELS, formats.TENSORBOARD]
    assert sorted(made) == sorted(format.ending for format in FORMATS)
    assert [format.ending for format in FORMATS if format.text] == list(TEXTS)
    for format in FORMATS:
        assert formats.find(f"my.run{format.ending}") == format


def test_a_file_has_a_name_even_where_the_run_has_none(url):
    run = Store(url=url).create_run(SPECS["plain"], "///")
    assert formats.stem(run) == f"run-{run.id}"
