"""Texts of the page Compare: the theory beside its figures."""

LOSS = (
    "The mean cross-entropy on the test images. Losses in curves also include L2 penalties and "
    "label smoothing, if used."
)
ACCURACY = "The share of the 10,000 test images that is read right."
INTERVAL_FORMULA = (
    r"\frac{\hat p + \frac{z^2}{2n} \pm z \sqrt{\frac{\hat p (1 - \hat p)}{n} + "
    r"\frac{z^2}{4n^2}}}{1 + \frac{z^2}{n}}, \quad z = 1.96,\ n = 10\,000"
)
NOTATION = "Layers in short: C convolution, M pooling, F flatten, D dense. Build lists them all."
MULTIPLY_ADDS = "Per image; a multiplication and its addition count as one."
OURS = (
    "Accuracy on your class's handwriting; the button below the table measures selected runs. "
    "Writers whose digits trained any of these networks are left out."
)
ECE = "Expected calibration error: how much confidence and accuracy differ, on average."
VALIDATION = "On the validation images, after the last epoch."
SIGN = "Marks this run in figures and lists, always in the same color."
TABLE = "Click a name to open that run's Results, or a heading to sort. Select runs on the left."
PIN = "A pinned run cannot be deleted until it is unpinned."
EXAMPLES = ":material/lock: Examples can be compared and downloaded, but not changed."
DELETE = (
    "These runs will be deleted permanently, with their curves, weights and results. Runs in "
    "training will be stopped. To keep a copy of a run, export it on Results first."
)

CHOOSE_ONE = "Choose one or more runs in the box above to see their curves."
CHOOSE_TWO = "Choose two or more runs in the box above to see how they differ."
CHOOSE_VOTERS = (
    "In the box above, choose two or more runs with test results to let them vote on every test "
    "image."
)
TWO_RESULTS = "This needs two runs with test results: train another network."
NO_COST = "Not known for any of these runs."

CURVES = (
    "Lower loss and higher accuracy are better. A gap between two lines means little if it is no "
    "larger than their zigzag."
)
BOTH = (
    "Pale lines show the training images. If a pale line keeps improving but the validation line "
    "of the same run does not, the network is overfitting."
)
SETTINGS = (
    "Only the differences are listed. With several differences, you cannot tell which one "
    "mattered: change one thing at a time."
)
SAME = (
    "These runs have the same settings, even the same seed: on one machine, they learn the same "
    "weights."
)

FRONT = (
    "A run is on the **Pareto front** (green diamonds) if no other run is at least as good in both "
    "respects and better in one. On the front, more accuracy costs more."
)
AXES = (
    "Going from 99 to 99.5\u00a0% halves the mistakes, just like going from 90 to 95\u00a0%. So "
    "the accuracy axis is the share of mistakes on a log scale, upside down. Bars are 95\u00a0% "
    "intervals for n = 10,000 images. If runs are close, it is partly luck which one is on the "
    "front. To compare two runs, McNemar's test (Two runs) is better than overlapping bars, since "
    "both runs read the same images. Seconds depend on the machine and its load."
)

MCNEMAR = (
    "The test looks only at the $b$ images that only A gets right and the $c$ images that only B "
    "gets right. If both were equally good, each of these $b + c$ images would be the toss of a "
    "fair coin; the p-value is the probability that fair coins fall at least this unevenly."
)
MCNEMAR_FORMULA = (
    r"p = \min\!\left(1,\ 2 \sum_{k=0}^{\min(b,\,c)} \binom{b+c}{k} \, 2^{-(b+c)}\right)"
)
MCNEMAR_SOURCE = (
    "After McNemar 1947, as an exact two-sided binomial test. It has more power than comparing two "
    "intervals, since it uses the fact that both runs read the same images."
)
NOT_SAID = (
    "The p-value is not the probability that both are equally good, and a large one does not prove "
    "that they are. It is about these two networks, not their settings: another seed gives another "
    "network (Tune, Repeat). Of many equally good pairs, up to one in 20 has a p-value below 0.05. "
    "A run chosen as the best on these test images gets a p-value that is too small."
)
LEAK = "One of these runs used the test images for validation, so its result may be too good."
DISPUTED = (
    "Below each image: its label, what A and B read, and its number; the most confident mistakes "
    "come first. Click an image to look inside the network that is wrong."
)

ENSEMBLE = (
    "The ensemble takes the **mean** of the networks' ten probabilities and reads the digit with "
    "the highest one. Individual errors are outvoted; shared errors remain. So networks that "
    "differ in layers, augmentation or seed help each other more than near-copies do."
)
ENSEMBLE_FORMULA = (
    r"p(k \mid x) = \frac{1}{M} \sum_{m=1}^{M} p_m(k \mid x), \qquad "
    r"\mathrm{Var}(\bar e) = \rho\,\sigma^2 + \frac{1 - \rho}{M}\,\sigma^2"
)
ENSEMBLE_FORMULA_WORDS = (
    "If the errors of $M$ networks have variance $\\sigma^2$ and correlation $\\rho$, their mean "
    "has the variance on the right. With $\\rho = 0$ it shrinks as $1/M$; with $\\rho = 1$ voting "
    "changes nothing. An ensemble costs as much as all its members together."
)
PICKED = (
    "If you keep the best of many ensembles, the test images have chosen it, so its accuracy is "
    "too good."
)
VOTED = (
    "Below each image: what the runs read, in the order of the table, then the ensemble. Click an "
    "image to look inside the best run."
)
