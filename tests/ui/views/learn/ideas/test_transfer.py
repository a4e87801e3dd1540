"""The idea Transfer learning says what was recorded."""

from urllib.parse import parse_qsl

import numpy as np

from mnist_core.network.query import from_query
from mnist_core.teaching.concepts import transfer
from mnist_core.utils.text import percent
from tests.helpers import checked, figure, numbers, words


def test_it_says_how_the_runs_ended_and_draws_them(page):
    at = checked(page("learn", idea="transfer"))
    for images in transfer.IMAGES:
        at.select_slider(key="idea_transfer_images").set_value(images).run()
        shown = words(checked(at))
        lines = figure(at)["data"]
        assert len(lines) == 4
        for start, line in zip(("random", "transfer", "frozen", "head"), lines, strict=True):
            curve = transfer.curves()[images, start]
            assert f"**{percent(curve.end)}**" in shown
            np.testing.assert_allclose(numbers(line["y"]), curve.mean, rtol=1e-6)
        gain, error = transfer.gain(images, "frozen")
        assert f"({100 * gain:+.1f} ± {100 * error:.1f} points)" in shown
    (way,) = [e.proto for e in at.get("page_link") if "first network" in e.proto.label]
    query = dict(parse_qsl(way.query_string))
    assert from_query(query) == transfer.SOURCE
