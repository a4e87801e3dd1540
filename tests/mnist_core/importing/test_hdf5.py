"""HDF5 files that are too full or damaged."""

import random
from contextlib import suppress

import h5py
import pytest

from mnist_core.importing import reader
from mnist_core.importing.errors import ImportModelError
from mnist_core.importing.sandbox import import_file
from mnist_core.network.notation import parse
from tests.mnist_core.importing import bad_weights

SMALL = parse("C2 M F D4")


def test_the_names_in_a_full_group_are_not_listed(good, monkeypatch):
    data = bad_weights.many_links(good)
    listed = h5py.Group.__iter__

    def names(group: h5py.Group):
        assert len(group) <= 1000, "it was listed"
        return listed(group)

    monkeypatch.setattr(h5py.Group, "__iter__", names)
    with pytest.raises(ImportModelError, match="at most 1,000 objects"):
        reader.read(data, SMALL)


@pytest.mark.slow
def test_random_damage_to_hdf5(good):
    rng = random.Random(2)
    for _ in range(6):
        data = bytearray(good.h5)
        for _ in range(rng.choice((1, 5, 50))):
            data[rng.randrange(2000)] = rng.randrange(256)
        with suppress(ImportModelError):  # or a network; anything else would be raised here
            import_file(bytes(data))
