"""Texts of the tab Search: what each choice means, and how to read the plots."""

from mnist_core.utils.text import plural

ABOUT = (
    "Some settings cannot be computed from the data, only tried: they are called "
    "**hyperparameters**. A study tries many of their combinations on short trainings, each a "
    "**trial**, and compares them on validation images. The test set stays closed."
)

DIMENSIONS = {
    "learning_rate": "The size of a step, usually what matters most. Searched on a log "
    "scale: 0.001 to 0.01 is as wide as 0.01 to 0.1.",
    "batch_size": "Images a step. Small batches make more steps, and noisier ones; the best "
    "learning rate grows with the batch.",
    "optimizer": "How a gradient becomes a step. Each has a learning rate that suits it, so vary "
    "both together.",
    "filters": "Of the first convolution; later ones keep their proportion to it. More filters "
    "see more kinds of strokes, and cost more time.",
    "convolutions": "How many stand in a row where the network has one. Two 3×3 layers see 5×5 "
    "pixels, with a non-linearity between them.",
    "hidden_layers": "Dense layers before the output, copies of the first one; 0 leaves the "
    "output alone.",
    "dropout": "The probability that a value is set to 0 in training. Which values are dropped is "
    "decided anew for each image, so the network cannot rely on any single one. Short trials "
    "rarely show its use.",
    "shift": "Augmentation: every training image moves by up to this many pixels.",
    "rotation": "Augmentation: every training image turns by up to this many degrees. Too far, and "
    "a 6 comes near a 9.",
}
"""The settings that can be searched, in the order of the page, each with its explanation."""

SAMPLERS = {
    "tpe": "TPE",
    "random": "Random",
    "grid": "Grid",
}
SAMPLER = {
    "tpe": "**Tree-structured Parzen estimator**: learns from the trials so far. It asks where "
    "good trials are dense and the others rare, and tries there next, after ten random ones.",
    "random": "**Random search**: every trial is drawn blindly. Bergstra and Bengio (2012) showed "
    "why it beats a grid: where only a few settings matter, it tries a new value of those in every "
    "trial, while a grid repeats the same few.",
    "grid": "**Grid search**: every combination of a few values. Easy to survey, but its size is a "
    "product: one more setting with five values means five times the trials.",
}
ALL_RANDOM = "So few are all drawn at random: TPE learns from the eleventh on."
TPE_FORMULA = r"x_{\text{next}} = \arg\max_x \frac{\ell(x)}{g(x)}"
TPE_WORDS = (
    r"$\ell$ is the density of the settings of the best trials, $g$ that of all others (Bergstra "
    "et al. 2011). Optuna estimates both with one kernel a trial, and does this for each "
    r"setting by itself, among some candidates drawn from $\ell$."
)
PRUNING = (
    "Once five trials are complete, one that is below the median of those before it after the same "
    "epoch ends early. That saves time for better ones, but a slow starter has no second chance."
)
BUDGET = (
    "Short trials on few images rank the settings roughly, and quickly: what wins here need not "
    "win the long race, most of all where dropout or augmentation need time to pay off."
)
NO_JUDGE = {
    "test": "The draft validates on the **test set**. A search that looks at it would choose what "
    "suits those 10,000 images, and nothing fair would be left to judge by.",
    "none": "The draft keeps **no validation images**, so trials could not be compared.",
}

TOO_GOOD = (
    "Note that this figure tends to be too good: picking the best of {} picks luck along with "
    "skill."
)
IN_FULL = (
    "Trained in full, with all the epochs and images of the network that the study began with, the "
    "winner is judged once on the test set: 10,000 images that no trial has seen."
)

READING = {
    "History": "Each point is a complete trial, the line the best one so far. A line that has been "
    "flat for long says that more trials will hardly help.",
    "Importance": "How differently the best tenth of the trials chose, compared with all of them "
    "(PED-ANOVA). A long bar: this setting told the best from the rest. A short one: any value "
    "will do, or the search soon kept to the good ones. Few trials give a rough guess.",
    "Parallel coordinates": "Follow one line: it is one trial, from its val_accuracy through its "
    "settings. Where the strongest lines meet, good trials agree on a value.",
    "Slice": "One setting at a time, whatever the others were; late trials are stronger in color. "
    "A hill shows a best value, a flat cloud that it matters little, a hill cut off at the edge "
    "that the range should be wider.",
    "Contour": "Two settings together; the points are trials, the colors between them a guess. A "
    "slanting ridge says that the two depend on each other, as learning_rate and batch_size often "
    "do.",
    "Epochs": "val_accuracy after each epoch, a line a trial. The thick orange line is the best "
    "trial; red dotted ones were pruned, and end early.",
}


def too_few(name: str, needed: int, there: int) -> str:
    """Return why a plot cannot be drawn yet."""
    return (
        f"{name} says something from {plural(needed, 'complete trial')} on; so far there "
        f"{'is' if there == 1 else 'are'} {there}."
    )
