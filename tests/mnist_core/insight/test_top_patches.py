"""The images that excite a map most, against Keras and against changes outside the frame."""

import numpy as np
import pytest

from mnist_core.insight import top_patches
from mnist_core.insight.feature_maps import pixels
from mnist_core.network.notation import parse
from mnist_core.network.summary import summarize
from tests.mnist_core.insight.extractors import lens_with

IMAGES = np.random.default_rng(1).integers(0, 256, (40, 28, 28), np.uint8)
NETWORKS = ["C4 M C6k5s2same F", "C3bn Res4 GAP D8", "C4 Z1 DCk3 A C5 GAP"]


@pytest.mark.parametrize("notation", NETWORKS)
def test_the_nine_largest_values_of_each_map_are_keras_own(notation):
    extractor = lens_with(notation)
    extractor.at_once = 64  # 40 images take three batches
    found = top_patches.find(extractor, IMAGES)
    made = extractor.outputs(pixels(IMAGES))
    convolving = sum(layer.convolves for layer in parse(notation).layers)
    assert found.pop("images") == 40
    assert len(found) == convolving
    for name, best in found.items():
        maps = made[name].numpy()
        largest = maps.max(axis=(1, 2))
        assert best.shape == (maps.shape[-1], 9, 4)
        for number, rows in enumerate(best):
            image, row, column = rows[:, :3].T.astype(int)
            assert np.allclose(rows[:, 3], np.sort(largest[:, number])[::-1][:9], atol=1e-5)
            assert np.allclose(maps[image, row, column, number], rows[:, 3], atol=1e-5)
            assert len(set(image)) == 9


@pytest.mark.parametrize("notation", NETWORKS)
def test_only_what_is_in_the_frame_counts(notation):
    """Noise outside the frame leaves the value as it is; noise inside changes it."""
    extractor = lens_with(notation)
    found = top_patches.find(extractor, IMAGES)
    del found["images"]
    spans = {row.name: row.spans for row in summarize(parse(notation)).rows}
    noise = np.random.default_rng(2).integers(0, 256, (28, 28), np.uint8)
    for name, best in found.items():
        number = int(best[:, 0, 3].argmax())
        image, row, column = (int(value) for value in best[number, 0, :3])
        (top, bottom), (left, right) = spans[name][row], spans[name][column]
        outside = noise.copy()
        inside = IMAGES[image].copy()
        frame = np.s_[top : bottom + 1, left : right + 1]
        outside[frame], inside[frame] = IMAGES[image][frame], noise[frame]
        kept, changed = (
            extractor.outputs(pixels(one[None]))[name].numpy()[0, row, column, number]
            for one in (outside, inside)
        )
        assert kept == pytest.approx(best[number, 0, 3], abs=1e-5)
        assert changed != pytest.approx(best[number, 0, 3], abs=1e-5)


def test_of_equal_values_the_earlier_image_comes_first_and_a_large_network_reads_fewer(monkeypatch):
    extractor = lens_with("C4 F")
    cost = 2 * summarize(parse("C4 F")).multiply_adds
    monkeypatch.setattr(top_patches, "BUDGET", 20 * cost)
    found = top_patches.find(extractor, np.repeat(IMAGES[:2], 20, axis=0)[::-1])
    assert found["images"] == 20
    assert found["conv2d_1"][0, :, 0].tolist() == [*range(9)]
