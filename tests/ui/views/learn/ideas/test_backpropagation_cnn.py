"""Convolution and pooling backward: what the page says is what SciPy and nudges give."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.signal import convolve2d, correlate2d
from streamlit.testing.v1 import AppTest

from mnist_core.teaching.concepts import backpropagation_cnn as theory
from mnist_core.teaching.concepts.convolution import EXAMPLE
from tests.helpers import figure, running, words
from ui.views.learn.ideas import backpropagation_cnn as idea
from ui.views.learn.ideas.backpropagation import CONVOLUTION, POOLING

ERROR = theory.CONVOLUTION_ERROR


@pytest.fixture
def opened(page: Callable[..., AppTest]) -> Callable[..., AppTest]:
    """Open the idea with these values of its controls, given by the ends of their keys."""

    def with_values(**values: object) -> AppTest:
        at = page("learn", idea="backpropagation")
        for key, value in values.items():
            at.session_state[f"idea_backpropagation_{key}"] = value
        return running(at.run())

    return with_values


def typed(monkeypatch: pytest.MonkeyPatch, **tables: np.ndarray) -> None:
    """AppTest cannot type into a table: give its numbers, by the ends of their keys."""
    plain = idea.tables.editor

    def editor(key: str, first: np.ndarray, *args, **more) -> np.ndarray:
        plain(key, first, *args, **more)
        return tables.get(key.removeprefix("idea_backpropagation_"), first)

    monkeypatch.setattr(idea.tables, "editor", editor)


def cells(at: AppTest, table: int) -> list[list[float]]:
    """The texts of a table of the figure as numbers."""
    texts = figure(at)["data"][table]["text"]
    return [[float(text.replace("−", "-")) for text in row] for row in texts]


def says_both(at: AppTest, slope: float) -> bool:
    """Whether the measured and the computed slope are this one."""
    said = f"The measured slope is **{slope:z.4f}**; backpropagation says **{slope:z.4f}**."
    return said in words(at)


def test_the_gradient_of_each_weight_is_a_correlation(opened):
    there = correlate2d(EXAMPLE, ERROR, "valid")
    for (row, column), slope in np.ndenumerate(there):
        at = opened(part=CONVOLUTION, of=idea.OF_KERNEL, row_K=row, column_K=column)
        assert says_both(at, slope)
        assert rf"= {{}} & {slope:.0f} \end" in words(at)
        assert cells(at, 2) == there.tolist()


def test_the_gradient_of_a_pixel_is_a_full_convolution(opened):
    there = convolve2d(ERROR, theory.KERNEL, "full")
    for row, column in ((0, 0), (1, 3), (4, 4)):
        at = opened(part=CONVOLUTION, of=idea.OF_INPUT, row_I=row, column_I=column)
        assert says_both(at, float(there[row, column]))
        assert cells(at, 1) == [[9, 8, 7], [6, 5, 4], [3, 2, 1]]
        assert cells(at, 2) == there.tolist()


@pytest.mark.parametrize(
    ("kind", "place", "slope", "said"),
    [
        ("Max", (1, 1), 2, "9 is the **winner**"),
        ("Max", (0, 0), 0, "5 is not the winner (9 is), so it gets **nothing**"),
        ("Max", (0, 3), -1, "6 is the **winner** of its window and gets the whole error, −1"),
        ("Average", (0, 3), -0.25, "−1 / 4 = −0.25"),
    ],
)
def test_where_pooling_sends_the_error(opened, kind, place, slope, said):
    at = opened(part=POOLING, pooling=kind, row_x=place[0], column_x=place[1])
    assert says_both(at, slope)
    assert said in words(at)
    assert np.sum(cells(at, 2)) == theory.POOLING_ERROR.sum()


def test_a_tie_has_no_slope_and_the_page_says_so(opened, monkeypatch):
    typed(monkeypatch, inputs=np.ones((4, 4)))
    at = opened(part=POOLING, pooling="Max", row_x=0, column_x=0)
    assert "**1.0000**; backpropagation says **2.0000**" in words(at)
    assert "no slope" in words(at)
    at = opened(part=POOLING, pooling="Max", row_x=1, column_x=1)
    assert "**1.0000**; backpropagation says **0.0000**" in words(at)
    assert "1 ties with the winner, which comes first" in words(at)


def test_a_rounded_sum_is_said_to_be_rounded(opened, monkeypatch):
    typed(monkeypatch, convolution_error=ERROR / 8)
    at = opened(part=CONVOLUTION, of=idea.OF_KERNEL, row_K=0, column_K=0)
    slope = correlate2d(EXAMPLE, ERROR / 8, "valid")[0, 0]
    assert slope == 0.375
    assert r"\approx {} & 0.38 \end" in words(at)
    assert "rounded to two decimals" in words(at)
    typed(monkeypatch, convolution_error=ERROR)
    exact = words(opened(part=CONVOLUTION, of=idea.OF_KERNEL, row_K=0, column_K=0))
    assert r"\approx" not in exact
    assert "rounded to two decimals" not in exact


def test_an_empty_cell_is_a_sentence(opened, monkeypatch):
    typed(monkeypatch, convolution_error=np.full((3, 3), np.nan))
    assert "of the table “Error E” needs a number" in words(opened(part=CONVOLUTION))
