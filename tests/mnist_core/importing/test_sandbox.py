"""The process that reads files: it hands sentences on, and is ended when it must be."""

import resource

import pytest

from mnist_core.importing import sandbox
from mnist_core.importing.errors import ImportModelError
from mnist_core.importing.sandbox import import_file
from tests.mnist_core.importing import bad_layers, bad_weights  # noqa: F401  each adds its makers
from tests.mnist_core.importing.bad_models import BAD


@pytest.mark.parametrize("name", ["zip_bomb", "deep_json", "huge_chunk", "external_link", "image"])
def test_the_process_that_reads_hands_the_sentence_on(good, name):
    make, sentence = BAD[name]
    with pytest.raises(ImportModelError) as caught:
        import_file(make(good))
    assert sentence in str(caught.value)


def test_a_reader_that_computes_for_ever_is_ended_soon(good, monkeypatch):
    """As HDF5 does on some damaged files; here no clock on the wall ends it."""
    real = sandbox.subprocess.Popen
    code = "from mnist_core.importing import reader; reader.CPU_S = 0; reader.limit()"
    code += "\nwhile True: pass"
    command = [sandbox.sys.executable, "-c", code]
    monkeypatch.setattr(sandbox.subprocess, "Popen", lambda _, **given: real(command, **given))
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    with pytest.raises(ImportModelError, match="Try again if the computer is very busy"):
        import_file(good.keras)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 3


@pytest.mark.parametrize("code", ["import os; os.abort()", "import time; time.sleep(60)"])
def test_a_reader_that_dies_or_hangs_is_a_sentence(good, monkeypatch, code):
    real = sandbox.subprocess.Popen
    command = [sandbox.sys.executable, "-c", code]
    monkeypatch.setattr(sandbox, "TIME_S", 0.3)
    monkeypatch.setattr(sandbox.subprocess, "Popen", lambda _, **given: real(command, **given))
    with pytest.raises(ImportModelError, match="this one ended its reader"):
        import_file(good.keras)


def test_a_reader_that_is_ended_half_way_is_not_believed(good, monkeypatch):
    whole = sandbox._run_reader
    monkeypatch.setattr(sandbox, "_run_reader", lambda *parts: whole(*parts)[:-4])
    with pytest.raises(ImportModelError, match="ended too soon"):
        import_file(good.keras)
