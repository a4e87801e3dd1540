"""Numbers as people read them, and text from strangers that Markdown must not interpret."""

import re
import string

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_core.utils.text import (
    accuracy_in_context,
    duration,
    format_shape,
    one_line,
    percent,
    plain_html,
    plain_markdown,
    plural,
    probability,
    short_repr,
    two_digits,
    with_article,
    without_markup,
)


@given(st.floats(0, 1), st.integers(0, 3))
def test_a_percentage_is_all_or_nothing_only_where_it_is(share, decimals):
    words = percent(share, decimals)
    assert (words == f"{100:.{decimals}f}\u00a0%") == (share == 1)
    assert (words == f"{0:.{decimals}f}\u00a0%") == (share == 0)


@given(st.floats(0, 1), st.integers(0, 3))
def test_a_percentage_is_near(share, decimals):
    words = percent(share, decimals).removesuffix("\u00a0%")
    for bound, way in ((">\u00a0", 1), ("<\u00a0", -1)):
        if words.startswith(bound):
            assert (100 * share - float(words.removeprefix(bound))) * way > 0
            return
    assert abs(float(words) - 100 * share) <= 0.5 * 10**-decimals + 1e-9


@given(st.floats(0, 1), st.integers(0, 3))
def test_a_probability_is_never_said_to_be_0_or_1(value, decimals):
    words = probability(value, decimals)
    assert words not in {f"{bound:.{decimals}f}\u00a0%" for bound in (0, 100)}
    assert words == percent(value, decimals) or value in (0, 1) or not 1e-9 < value < 1 - 1e-9


def test_a_probability_that_float32_rounds_to_1_reads_like_one_just_below_it():
    scores = np.array([20, 0], np.float32)
    rounded = np.exp(scores) / np.exp(scores).sum()
    assert rounded[0] == 1
    assert probability(float(rounded[0])) == probability(0.99999) == ">\u00a099.9\u00a0%"
    assert probability(float(rounded[1])) == "<\u00a00.1\u00a0%"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        *((0, "0 s"), (0.02, "0.1 s"), (0.5, "0.5 s"), (0.96, "1 s"), (8.4, "8 s")),
        *((59.6, "1 min 00 s"), (125, "2 min 05 s"), (3_599.7, "1 h 00 min")),
        (4_200, "1 h 10 min"),
    ],
)
def test_durations(seconds, words):
    assert duration(seconds) == words


def test_an_accuracy_counts_the_wrong_ones():
    accuracy = np.mean([1] * 987 + [0] * 13)
    assert accuracy_in_context(float(accuracy), 10_000) == "98.70\u00a0%: 130 wrong of 10,000"


def test_a_count_has_its_plural():
    assert [plural(n, "epoch") for n in (0, 1, 2_000)] == ["0 epochs", "1 epoch", "2,000 epochs"]


def test_a_digit_has_its_article():
    eight = [digit for digit in range(10) if with_article(digit) != f"a {digit}"]
    assert eight == [8]
    assert with_article(8) == "an 8"


def test_a_shape_has_its_signs():
    assert (format_shape((26, 26, 8)), format_shape((400,))) == ("26 × 26 × 8", "400")


@given(st.text(string.ascii_letters + string.digits + " .,;()'\"/%", max_size=60))
def test_plain_text_stays_as_it_is(text):
    text = re.sub(r"(?i)www\.|\d[.)]", "", text)
    assert plain_markdown(text) == " ".join(text.split())


@given(st.text(max_size=60))
def test_escaped_text_holds_its_own_characters(text):
    """What is added are backslashes before punctuation, and word joiners in addresses."""
    added = str.maketrans("", "", "\u2060\\")
    assert plain_markdown(text).translate(added) == one_line(text).translate(added)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("me@example.org", "me\\@\u2060example.org"),
        ("see www.example.org", "see www\u2060.example.org"),
        ("https://example.org", "https\\:\u2060//example.org"),
        (":red[hot] :smile:", "\\:\u2060red\\[hot\\] \\:\u2060smile:"),
        ("note-5: lr 0.01", "note-5: lr 0.01"),
        ("_www.x.org", "\\_www\u2060.x.org"),
        ("a -> b >= c -- d", "a \\-\u2060\\> b \\>\u2060= c \\-\u2060- d"),
        ("1.", "1\\."),
        ("\u0645\u06cc\u200c\u0634\u0648\u062f", "\u0645\u06cc\u200c\u0634\u0648\u062f"),
        ("- a list", "\\- a list"),
        ("two\nlines\tand\x00more", "two lines and more"),
        ("\u202eturned\u2066 round", "turned round"),
        ("\U0001f469\u200d\U0001f52c", "\U0001f469\u200d\U0001f52c"),
    ],
)
def test_what_a_person_wrote_is_shown_as_it_is(written, shown):
    assert plain_markdown(written) == shown


def test_labels_of_figures_take_no_html():
    assert (
        plain_html('<a href="//x.org">A & B</a>\n') == '&lt;a href="//x.org"&gt;A &amp; B&lt;/a&gt;'
    )


@pytest.mark.parametrize(
    "markup",
    [
        *("**bold**", "_italics_", "`code`", "<b>", "~~struck~~", "$x$", "# title", "a | b"),
        *("[link](https://example.org)", "www.example.org", "https://example.org"),
        *(":material/home:", ":red[hot]", "\\*"),
    ],
)
def test_markup_of_strangers_is_taken_apart(markup):
    assert without_markup(markup) != markup
    assert "?" in without_markup(markup)


def test_control_characters_are_shown_as_repr_has_them():
    assert short_repr("a\x00b") == r"'a\x00b'"


def test_long_values_are_cut():
    assert short_repr("x" * 10_000_000, 20) == "'" + "x" * 19
    assert short_repr(list(range(1000)), 9) == "[0, 1, 2,"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.04812, "0.048"),
        (2.8e-8, "2.8·10⁻⁸"),
        (-6.81e-10, "-6.8·10⁻¹⁰"),
        (484_000, "4.8·10⁵"),
        (3, "3"),
        (0, "0"),
    ],
)
def test_two_digits_and_a_power_of_ten_where_it_is_shorter(value, words):
    assert two_digits(value) == words
