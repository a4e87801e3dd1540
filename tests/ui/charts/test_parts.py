"""Texts on colored cells: each can be read, in both themes."""

import numpy as np
import pytest
from PIL import ImageColor

from ui.charts import feature_maps, style


def luminance(rgb: np.ndarray) -> float:
    """Relative luminance as WCAG 2.2 defines it. rgb: in [0, 255]."""
    shares = np.asarray(rgb, float) / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: np.ndarray, other: np.ndarray) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_numbers_of_a_table_have_enough_contrast(theme):
    values = np.linspace(-1, 1, 81).reshape(9, 9)
    figure = feature_maps.cells([feature_maps.Cells("weights", values)], theme, 300)
    stops = style.diverging(theme)
    colors = np.array([ImageColor.getrgb(color) for _, color in stops])
    read = np.zeros(values.shape, int)
    for trace in figure.data:
        ink = np.array(ImageColor.getrgb(trace.textfont.color))
        for place, text in np.ndenumerate(np.array(trace.text, object)):
            if text:
                assert abs(float(text.strip("\u200b").replace("−", "-")) - values[place]) < 0.006
                at = (values[place] + 1) / 2
                cell = [np.interp(at, [stop for stop, _ in stops], c) for c in colors.T]
                assert contrast(ink, np.array(cell)) >= 4.5
                read[place] += 1
    assert (read == 1).all()


def test_all_texts_of_a_table_are_equally_long_so_that_they_get_the_same_size():
    values = np.array([[-0.9, 0.9], [0.1, np.nan]])
    figure = feature_maps.cells([feature_maps.Cells("weights", values)], "light", 300)
    lengths = {len(text) for trace in figure.data for row in trace.text for text in row if text}
    assert len(lengths) == 1
