"""Damage to what holds the files."""

import random
from contextlib import suppress

import numpy as np

from mnist_core.importing import reader
from mnist_core.importing.errors import ImportModelError
from mnist_core.network.spec import Network


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
