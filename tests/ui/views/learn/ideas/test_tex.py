"""Numbers in LaTeX."""

import pytest

from ui.views.learn.ideas.tex import squared


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.25, "0.25^2"),
        (0, "0^2"),
        (-3, "(-3)^2"),
        (2e-8, r"(2 \cdot 10^{-8})^2"),  # KaTeX reads no second exponent
        (-2e-8, r"(-2 \cdot 10^{-8})^2"),
    ],
)
def test_a_square_has_the_parentheses_that_it_needs(value, words):
    assert squared(value) == words
