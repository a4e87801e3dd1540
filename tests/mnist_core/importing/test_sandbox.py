"""Files that are no network for this app get a sentence, whatever they are."""

import random
import re
import resource
from contextlib import suppress

import h5py
import numpy as np
import pytest

from mnist_core.importing import reader, sandbox
from mnist_core.importing.errors import ImportModelError
from mnist_core.importing.sandbox import import_file
from mnist_core.network.notation import parse
from mnist_core.network.spec import Network
from tests.mnist_core.importing import bad_layers, bad_weights  # noqa: F401  each adds its makers
from tests.mnist_core.importing.bad_models import BAD, Good
from tests.mnist_core.importing.keras_files import good_model

SMALL = parse("C2 M F D4")


@pytest.fixture(scope="module")
def good() -> Good:
    return good_model()


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_gets_a_sentence(good, name):
    make, sentence = BAD[name]
    data = make(good)
    with pytest.raises(ImportModelError) as caught:
        reader.read(data, SMALL)
    words = str(caught.value)
    assert sentence in words
    assert ":" in words  # the way out comes after it
    assert "\n" not in words
    assert not re.search(r"://|\]\(|[*<>`$]|www\.|:\w+[:/]|\b_", words)  # no markup


@pytest.mark.parametrize("name", ["zip_bomb", "deep_json", "huge_chunk", "external_link", "image"])
def test_the_process_that_reads_hands_the_sentence_on(good, name):
    make, sentence = BAD[name]
    with pytest.raises(ImportModelError) as caught:
        import_file(make(good))
    assert sentence in str(caught.value)


def test_weights_alone_need_their_network(good):
    with pytest.raises(ImportModelError, match="does not say which network"):
        reader.read(good.weights, None)
    with pytest.raises(ImportModelError, match=r"read for, C3 M F D4; here .* must have the shape"):
        reader.read(good.weights, parse("C3 M F D4"))
    with pytest.raises(ImportModelError, match="has none of 'dense_2'"):
        reader.read(good.weights, parse("C2 M F D4 D4"))


def test_the_names_in_a_full_group_are_not_listed(good, monkeypatch):
    data = bad_weights.many_links(good)
    monkeypatch.setattr(h5py.Group, "__iter__", lambda group: pytest.fail("it was listed"))
    with pytest.raises(ImportModelError, match="at most 1,000 objects"):
        reader.read(data, SMALL)


def test_a_reader_that_computes_for_ever_is_ended_soon(good, monkeypatch):
    """As HDF5 does on some damaged files; here no clock on the wall ends it."""
    real = sandbox.subprocess.Popen
    code = "from mnist_core.importing import reader; reader.CPU_S = 0; reader.limit()"
    code += "\nwhile True: pass"
    command = [sandbox.sys.executable, "-c", code]
    monkeypatch.setattr(sandbox.subprocess, "Popen", lambda _, **given: real(command, **given))
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    with pytest.raises(ImportModelError, match="or this computer is very busy: try again"):
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


def test_random_damage_to_the_outside_and_the_layer_list(good):
    """Never anything but a network or a sentence; damage to HDF5 itself is for a process alone."""
    rng = random.Random(1)
    start = good.keras.index(b"\x89HDF")
    places = [*range(start), *range(good.keras.rindex(b"model.weights.h5"), len(good.keras))]
    for _ in range(300):
        data = bytearray(good.keras)
        for _ in range(rng.choice((1, 1, 3, 20))):
            data[rng.choice(places)] = rng.randrange(256)
        with suppress(ImportModelError):
            spec, _, values = reader.read(bytes(data), None)
            assert isinstance(spec.network, Network)
            assert all(np.isfinite(array).all() for array in values.values())


@pytest.mark.slow
def test_random_damage_to_hdf5(good):
    rng = random.Random(2)
    for _ in range(6):
        data = bytearray(good.h5)
        for _ in range(rng.choice((1, 5, 50))):
            data[rng.randrange(2000)] = rng.randrange(256)
        with suppress(ImportModelError):  # or a network; anything else would be raised here
            import_file(bytes(data))
