"""Texts of the tab Search: what each choice means, and how to read the plots."""

from mnist_core.utils.text import plural

ABOUT = (
    "**Hyperparameters** are settings that you can only find by trying. A study trains many "
    "combinations briefly, each a **trial**. It compares them on validation images, never on test "
    "images."
)

DIMENSIONS = {
    "learning_rate": "The size of a step; usually matters most. On the log scale, 0.001 to 0.01 is "
    "as wide as 0.01 to 0.1.",
    "batch_size": "Images per step. Small batches make more and noisier steps; the best learning "
    "rate grows with the batch.",
    "optimizer": "How a gradient becomes a step. Each needs its own learning rate, so vary both.",
    "filters": "In the first convolution; later ones keep their proportion to it. More filters see "
    "more kinds of strokes, but cost time.",
    "convolutions": "Replaces each convolution by this many in a row. Two 3×3 layers see 5×5 "
    "pixels.",
    "hidden_layers": "Dense layers before the output, copies of the first one.",
    "dropout": "The probability that a value is set to 0 in training, drawn again for each image. "
    "Short trials rarely show the benefit.",
    "shift": "Augmentation: training images move by up to this many pixels.",
    "rotation": "Augmentation: training images turn by up to this many degrees. Too far, and a 6 "
    "looks like a 9.",
}
"""The settings that can be searched, in the order of the page, each with its explanation."""

SAMPLERS = {
    "tpe": "TPE",
    "random": "Random",
    "grid": "Grid",
}
SAMPLER = {
    "tpe": "**Tree-structured Parzen estimator**: after ten random trials, it searches where good "
    "trials are dense and others rare.",
    "random": "**Random search**: draws every trial blindly. Where only a few settings matter, it "
    "beats a grid: each trial tries new values of those (Bergstra and Bengio 2012).",
    "grid": "**Grid search**: tries every combination of a few values. One more setting with five "
    "values means five times the trials.",
}
ALL_RANDOM = "All drawn at random: TPE needs ten trials to learn from."
TPE_FORMULA = r"x_{\text{next}} = \arg\max_x \frac{\ell(x)}{g(x)}"
TPE_WORDS = (
    r"$\ell$ is the density of the settings of the best trials, $g$ the density of all others "
    "(Bergstra et al. 2011). Optuna estimates both for each setting separately, and compares "
    r"some candidates drawn from $\ell$."
)
PRUNING = (
    "After five complete trials, a trial below the median of the earlier ones at the same epoch "
    "ends early. Slow starters get no second chance."
)
BUDGET = (
    "Short trials rank settings quickly but roughly: dropout and augmentation need more time to "
    "pay off."
)
NO_JUDGE = {
    "test": "The network on Build validates on the **test set**. A search would choose what suits "
    "those 10,000 images, and no fair test would be left.",
    "none": "The network on Build has **no validation images** to compare trials by.",
}

TOO_GOOD = "Probably too good: picking the best of {} picks luck along with skill."
IN_FULL = (
    "Trains the winner with all epochs and images of the study's original network. Then tests it "
    "once on 10,000 images that no trial has seen."
)

READING = {
    "History": "Each point is a complete trial. If the line of the best so far stays flat, more "
    "trials will hardly help.",
    "Importance": "Long bar: this setting separated the best tenth of the trials from the rest "
    "(PED-ANOVA). Short bar: any value will do, or the search soon kept to good values. With few "
    "trials, this is a rough guess.",
    "Parallel coordinates": "Each line is a trial. Where the strongest lines meet, good trials "
    "agree on a value.",
    "Slice": "A hill shows a best value; in a flat cloud, the setting matters little. If the hill "
    "is cut off, widen the range. Later trials have a stronger color.",
    "Contour": "The points are trials; the colors between them are a guess. A slanting ridge shows "
    "that the two settings depend on each other, as learning_rate and batch_size often do.",
    "Epochs": "One line per trial. Thick orange: the best trial; dotted red: pruned.",
}


def too_few(name: str, needed: int, there: int) -> str:
    """Return why a plot cannot be drawn yet."""
    return (
        f"{name} needs {plural(needed, 'complete trial')}; so far there "
        f"{'is' if there == 1 else 'are'} {there}."
    )
