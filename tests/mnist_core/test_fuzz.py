"""A little of `python -m benchmarks.fuzz`: any input gives a value or a sentence, and soon."""

import gc
import json
import time

import pytest
from hypothesis import given, settings

from tests.mnist_core import fuzz

EXAMPLES = {"notation": 200, "json": 150, "link": 150, "images": 100, "lessons": 100}


@pytest.mark.parametrize("name", fuzz.TARGETS)
def test_any_input_gives_a_value_or_a_sentence(name):
    target, inputs = fuzz.TARGETS[name]

    @settings(max_examples=EXAMPLES[name], suppress_health_check=fuzz.UNCHECKED)
    @given(inputs)
    def try_one(received):
        assert target(received)

    try_one()


HUGE = {
    "3 million layers": lambda: fuzz.notation("D8 " * 3_300_000),
    "100,000 layers": lambda: fuzz.link({"network": "BN " * 100_000 + "F"}),
    "a million digits": lambda: fuzz.notation("F D" + "9" * 1_000_000),
    "a million digits in JSON": lambda: fuzz.specs('{"network":' + "9" * 1_000_000 + "}"),
    "10,000 deep": lambda: fuzz.specs("[" * 10_000 + "]" * 10_000),
    "50,000 keys": lambda: fuzz.specs(json.dumps(dict.fromkeys(range(50_000), 1))),
    "a long key": lambda: fuzz.specs(f'{{"network":{{"layers":[]}},"{"*" * 10**6}":1}}'),
}


@pytest.mark.parametrize("make", HUGE.values(), ids=HUGE)
def test_what_is_huge_is_refused_at_once(make):
    gc.collect()  # what earlier tests left is not to be collected meanwhile
    start = time.process_time()
    assert make() != fuzz.ACCEPTED
    assert time.process_time() - start < 1
