"""The looks of runs: the same everywhere, and told apart by any eye on any theme."""

from itertools import combinations
from math import dist

import pytest

from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec
from mnist_core.storage.runs import Store
from mnist_core.storage.workspaces import EXAMPLES
from ui.charts import style

BACKGROUNDS = ("#ffffff", "#171614")  # of Streamlit's light and dark theme
COLORS = sorted({style.of_run(number)[0] for number in range(1, style.LOOKS + 1)})
PAIRS = list(combinations(COLORS, 2))

# Machado et al. 2009, "A Physiologically-based Model for Simulation of Color Vision Deficiency",
# at full severity: linear RGB to linear RGB.
EYES = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
}
Triple = tuple[float, float, float]


def linear(color: str) -> Triple:
    """A color #rrggbb as linear RGB in [0, 1]."""
    shares = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return red, green, blue


def times(matrix: tuple[Triple, ...], values: Triple) -> Triple:
    first, second, third = (sum(a * b for a, b in zip(row, values, strict=True)) for row in matrix)
    return first, second, third


def oklab(color: Triple) -> Triple:
    """Linear RGB in Oklab (Björn Ottosson 2020), in which distances are those that eyes see."""
    to_cones = (
        (0.4122214708, 0.5363325363, 0.0514459929),
        (0.2119034982, 0.6806995451, 0.1073969566),
        (0.0883024619, 0.2817188376, 0.6299787005),
    )
    to_lab = (
        (0.2104542553, 0.7936177850, -0.0040720468),
        (1.9779984951, -2.4285922050, 0.4505937099),
        (0.0259040371, 0.7827717662, -0.8086757660),
    )
    long, medium, short = (max(cone, 0) ** (1 / 3) for cone in times(to_cones, color))
    return times(to_lab, (long, medium, short))


def contrast(one: str, other: str) -> float:
    """The contrast of WCAG 2.2."""
    dark, light = sorted(
        sum(times(((0.2126, 0.7152, 0.0722),) * 3, linear(color))) / 3 for color in (one, other)
    )
    return (light + 0.05) / (dark + 0.05)


def test_no_two_of_forty_runs_look_alike():
    looks = [style.of_run(number) for number in range(1, 41)]
    assert len({(color, dash) for color, dash, _ in looks}) == 40
    assert len({(color, symbol) for color, _, symbol in looks}) == 40
    assert len({color for color, _, _ in looks[:8]}) == 8
    assert len({symbol for _, _, symbol in looks[:8]}) == 8
    assert style.of_run(41) == looks[0]


def test_the_examples_do_not_look_like_the_first_runs(url):
    runs = [Store(url=url).create_run(Spec(network=parse("F"))) for _ in range(3)]
    examples = [Store(EXAMPLES, url).create_run(Spec(network=parse("F"))) for _ in range(2)]
    looks = [style.look(run) for run in (*runs, *examples)]
    assert looks[:3] == [style.of_run(number) for number in (1, 2, 3)]
    assert len({color for color, _, _ in looks}) == 5
    assert len({style.sign(run) for run in (*runs, *examples)}) == 5


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_every_color_is_seen_on_both_themes(background):
    """WCAG 2.2 asks for 3:1 in what a figure shows."""
    assert min(contrast(color, background) for color in COLORS) >= 3


@pytest.mark.parametrize(
    ("eye", "least"), [("usual", 0.15), ("protanopia", 0.07), ("deuteranopia", 0.07)]
)
def test_any_two_colors_are_told_apart(eye, least):
    seen = {color: oklab(times(EYES[eye], linear(color))) for color in COLORS}
    assert len(COLORS) == 8
    assert min(dist(seen[one], seen[other]) for one, other in PAIRS) >= least
