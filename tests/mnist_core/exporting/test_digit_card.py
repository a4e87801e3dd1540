"""The data card of a set of digits."""

import pandas as pd

from mnist_core.exporting.digit_files import DIGIT_FORMATS
from tests.mnist_core.digit_sets import sample, unzipped


def card(ending: str, count: int = 12, writers: int = 3) -> str:
    return unzipped(DIGIT_FORMATS[ending].write(sample(count, writers)))["README.md"].decode()


def test_the_table_counts_digits_per_writer():
    digits = sample(60, 4)
    counted = pd.crosstab(digits.writers, digits.labels, margins=True)
    text = card(".png.zip", 60, 4)
    for number, row in counted.iterrows():
        assert f"\n| {str(number).lower()} | {' | '.join(map(str, row))} |" in text
    assert text.startswith("# Data card. Handwritten 60 digits of 4 writers\n")
    assert "For training" not in text


def test_the_card_says_how_it_is_split():
    text = card(".idx.zip")
    assert "For training: 8 digits of 2 writers. For testing: 4 digits of 1 writer." in text
    assert "No writer is in both parts." in text
    text = card(".idx.zip", 4, 1)
    assert "For training: 0 digits of 0 writers. For testing: 4 digits of 1 writer." in text
    assert "the training part is empty" in text


def test_the_card_has_what_must_be_said():
    for ending in (".png.zip", ".idx.zip"):
        text = card(ending)
        for words in ("20x20", "center of mass", "agreed", "pseudonyms", "The set has 3 writers."):
            assert words in text
        assert "{" not in text
