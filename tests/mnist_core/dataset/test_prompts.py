"""The digits that a person is asked for."""

from collections import Counter

import pytest

from mnist_core.dataset.prompts import next_prompt, prompts


@pytest.mark.parametrize("rounds", [1, 3])
def test_each_round_has_every_digit_once(rounds):
    asked = prompts("anna", rounds)
    for number in range(1, rounds + 1):
        assert sorted(digit for digit, of in asked if of == number) == [*range(10)]
    assert [of for _, of in asked] == sorted(of for _, of in asked)


def test_people_write_in_different_orders_and_each_keeps_theirs():
    orders = [tuple(prompts(str(person), 1)) for person in range(20)]
    assert len(set(orders)) == 20
    assert orders[3] == tuple(prompts("3", 1))


def test_what_is_written_or_skipped_is_not_asked_for_again():
    written, skipped, asked = Counter[int](), Counter[int](), []
    while prompt := next_prompt("anna", 2, written, skipped):
        asked.append(prompt)
        (skipped if len(asked) in (4, 17) else written)[prompt[0]] += 1
    assert asked == prompts("anna", 2)
    assert sum(written.values()) == 18


def test_a_digit_that_is_taken_back_is_asked_for_again():
    whole = dict.fromkeys(range(10), 1)
    assert next_prompt("anna", 1, whole, {}) is None
    assert next_prompt("anna", 1, whole | {4: 0}, {}) == (4, 1)
