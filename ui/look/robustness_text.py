"""What the tab Robustness says."""

import numpy as np

from mnist_core.insight.distort import Distortion
from mnist_core.insight.robustness import falls_below

HARDER = (
    "Test images look like training images: upright, centred, all of one size. Your own digits do "
    "not, and a network bears best what it has seen in training. Here 2,000 test images are "
    "changed step by step, and each network reads them again. A dotted line marks 10\u00a0%, "
    "which is about what guessing gives."
)
MEASURING = "**{label}** is not measured yet. It takes about ten seconds, and its curves are kept."
OVERVIEW = (
    "Accuracy on 2,000 test images. Where a curve falls early, the network has learned that its "
    "digits never look like that. Choose one change above to see the digits themselves."
)
MEASURES = ("Accuracy", "Mean confidence")

ABOUT = {
    "rotated": "Turned clockwise. A convolution looks for the same pattern everywhere, but always "
    "upright: nothing in it knows of rotation. Half a turn makes a 9 of a 6, while a 0, a 1 and an "
    "8 stay what they were, so curves can rise again towards 180°.",
    "shifted": "Moved to the right, while paper comes in from the left. A convolution's maps move "
    "along with the digit and pooling forgives a pixel or two, but the dense layers after Flatten "
    "have a weight for every place: they have learned where a digit stands.",
    "scaled": "Made smaller or larger about the middle; above 140\u00a0% the ink may leave the "
    "image. Kernels have a fixed size, so a stroke that is twice as long is another pattern.",
    "blurred": "Smoothed with a Gaussian, whose standard deviation is the amount. Kernels that "
    "look for edges find none, and small loops fill: an 8 and a 3 become alike.",
    "noised": "Each pixel is changed at random, with the amount as standard deviation, in grey "
    "levels of 255. A kernel averages some of it away. People hardly mind; networks that saw "
    "clean paper alone do.",
    "thickened": "Strokes grow by so many pixels on either side, or get thinner where the amount "
    "is negative, as with another pen. At +3 loops close, at −1.5 little ink is left.",
    "inverted": "Blended towards dark ink on bright paper; at 50\u00a0% all is one grey, and "
    "nobody could read it. At 100\u00a0% you still can, and most networks cannot: they learned "
    "that ink is large numbers, which is why the page Draw inverts photos first.",
    "hidden": "A square scrap of paper lies somewhere on the digit. What is left may be a whole "
    "other digit, and no network can know what it does not see.",
}
AUGMENT = "Train one with augmentation"

INTERVAL = (
    "2,000 images are a sample. With another 2,000 the accuracy would come out a little different; "
    "the 95\u00a0% interval (Wilson's) is made so that it holds the true accuracy 19 times out of "
    "20. Near 50\u00a0% it reaches about 2.2 points either way, near 99\u00a0% about half a point. "
    "Where the intervals of two networks overlap widely, call it a draw."
)
INTERVAL_FORMULA = (
    r"\frac{\hat p + \frac{z^2}{2n} \pm z \sqrt{\frac{\hat p (1 - \hat p)}{n} + "
    r"\frac{z^2}{4n^2}}}{1 + \frac{z^2}{n}}, \quad z = 1.96,\ n = 2000"
)

UNSURE = (
    "A network always answers, even if it sees a shoe. Allow it to keep silent where its highest "
    "probability is below a threshold, and the answers that remain are more often right: you pay "
    "with coverage and get accuracy. This is the 10,000 test images as they are."
)
CHOOSING = (
    "In real use choose the threshold on validation images. If you choose it here, by the test "
    "set, the figures above flatter: they were picked because they look good."
)
COVERAGE_FORMULA = r"\text{coverage}(t) = \frac{\#\{i : \max_k p_{ik} \ge t\}}{n}"
ACCURACY_FORMULA = (
    r"\text{accuracy}(t) = \frac{\#\{i : \max_k p_{ik} \ge t,\ \hat y_i = y_i\}}"
    r"{\#\{i : \max_k p_{ik} \ge t\}}"
)
FORMULAS = (
    "Here $t$ is the threshold, $p_{ik}$ the probability of digit $k$ for image $i$, $\\hat y_i$ "
    "the digit that was read, $y_i$ the label and $n$ the number of images."
)


def falls(label: str, distortion: Distortion, accuracy: np.ndarray) -> str:
    """Where a run's accuracy first falls below nine of ten, and below half, in a sentence.

    accuracy: (levels,), in [0, 1].
    """
    tenth, half = (falls_below(share, distortion, accuracy) for share in (0.9, 0.5))
    if distortion.none in half:
        return f"**{label}** reads fewer than half right as they are."
    if not tenth:
        return f"**{label}** reads at least 9 of 10 right at every amount."
    if distortion.none in tenth:
        then = f"falls below half at {_amounts(distortion, half)}" if half else "stays above half"
        return f"**{label}** reads fewer than 9 of 10 right as they are, and {then}."
    then = f"and below half at {_amounts(distortion, half)}" if half else "but nowhere below half"
    return f"**{label}** falls below 9 of 10 right at {_amounts(distortion, tenth)}, {then}."


def _amounts(distortion: Distortion, levels: list[float]) -> str:
    return " and at ".join(distortion.say(level) for level in levels)
