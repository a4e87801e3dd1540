"""The status of the engine says what people need to know: ready, slow, or starting."""

import pytest

from mnist_core.engine.status import READY, STARTING, ready_status, starting_status


@pytest.mark.parametrize("speed", [None, 3_000, 17_400.0])
def test_a_fast_server_and_one_not_measured_yet_are_ready(speed):
    assert ready_status(speed) == READY


@pytest.mark.parametrize(("speed", "words"), [(2_999, "3,000"), (871.3, "870"), (64.2, "64")])
def test_a_slow_server_says_how_slow_it_is(speed, words):
    status = ready_status(speed)
    assert status.ready
    assert f"slow: it trains on {words} images per second" in status.words


def test_a_long_start_is_explained():
    assert starting_status(29.0) == STARTING
    slow = starting_status(31.0)
    assert not slow.ready
    assert "slow server" in slow.words
