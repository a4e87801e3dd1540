"""Texts of the page Compare: the theory beside its figures."""

LOSS = (
    "The mean cross-entropy on the test images. Losses in the curves also include L2 penalties and "
    "label smoothing, if a run uses them."
)
ACCURACY = "The share of the 10,000 test images that are read right."
INTERVAL_FORMULA = (
    r"\frac{\hat p + \frac{z^2}{2n} \pm z \sqrt{\frac{\hat p (1 - \hat p)}{n} + "
    r"\frac{z^2}{4n^2}}}{1 + \frac{z^2}{n}}, \quad z = 1.96,\ n = 10\,000"
)
NOTATION = "The layers in short: C convolution, M pooling, F flatten, D dense. Page Build has all."
MULTIPLY_ADDS = "For one image; multiplying and adding once counts as one."
OURS = (
    "Accuracy on your class's own handwriting. To measure it, select runs and use the button below "
    "the table. Writers whose digits trained any of these networks are left out."
)
ECE = "Expected calibration error: by how much confidence and accuracy differ, on average."
VALIDATION = "On the images held out from training, after the last epoch."
SIGN = "The sign of this run in figures and lists, where its color is always the same too."
TABLE = (
    "Click a name to open its Results, or a heading to sort. Select runs on the left; the "
    "selected ones are also in the box above and in the address of this page."
)
PIN = "A pinned run cannot be deleted until it is unpinned."
EXAMPLES = (
    ":material/lock: Examples came with the app: they can be compared and downloaded, not changed."
)
DELETE = (
    "These runs will be deleted for good, with their curves, weights and results. Any that are "
    "still training will be stopped. To keep a copy of a run, export it first on the page Results."
)

CHOOSE_ONE = "Choose one or more runs in the box above, and the curves appear."
CHOOSE_TWO = "Choose two or more runs in the box above to see how they differ."
CHOOSE_VOTERS = (
    "In the box above, choose two or more runs with test results. They vote on every test image, "
    "and you see whether they do better together than the best one alone."
)
TWO_RESULTS = (
    "This needs two runs with test results: train another network, and it appears here by itself."
)
NO_COST = "It is not known of any of these runs."

CURVES = (
    "Lower loss and higher accuracy are better. On the log scale, halving the loss is always "
    "the same distance. Look for where a line flattens or turns. A gap between two lines that is "
    "no larger than their own zigzag means little."
)
BOTH = (
    "The pale lines are the training images: where one keeps improving and the validation line "
    "of its run does not, the network is overfitting."
)
SETTINGS = (
    "Only what differs is listed. If several rows differ, their effects cannot be told apart: "
    "change one thing at a time."
)
SAME = (
    "These runs have all settings in common, the seed too: on one machine they learn the same "
    "weights, so there is nothing to compare."
)

FRONT = (
    "A run is on the **Pareto front** (green diamonds) if no other is at least as good in both "
    "respects and better in one: among these runs you must pay more to be more accurate. All "
    "others are beaten by something on the front; which point of it is best for you is a "
    "question of taste, not of arithmetic."
)
AXES = (
    "From 99 to 99.5\u00a0% mistakes are halved, as from 90 to 95\u00a0%: so the accuracy axis is "
    "the share of mistakes on a log scale, upside down. A bar is the 95\u00a0% interval of an "
    "accuracy that was measured on n = 10,000 images. Where runs are close, it is partly luck "
    "which one is on the front. Overlapping bars do not settle whether two runs differ, since both "
    "read the same images; McNemar's test does that better (Two runs). Seconds depend on the "
    "machine, and on what else it did meanwhile."
)

MCNEMAR = (
    "Both networks read the same images, so those that both get right, or both wrong, say nothing "
    "about which is better. The test looks only at the $b$ images that just A gets right and the "
    "$c$ that just B does. If both were equally good, each of these $b + c$ would be a fair coin, "
    "and the p-value is the probability that fair coins fall at least this unevenly."
)
MCNEMAR_FORMULA = (
    r"p = \min\!\left(1,\ 2 \sum_{k=0}^{\min(b,\,c)} \binom{b+c}{k} \, 2^{-(b+c)}\right)"
)
MCNEMAR_SOURCE = (
    "After McNemar 1947, as an exact binomial test with two sides. It has more power than "
    "comparing two intervals, which forgets that the images are the same."
)
NOT_SAID = (
    "What the p-value does not say: it is not the probability that both are equally good, and a "
    "large one does not prove that they are. It is about these two trained networks, not about "
    "their settings: another seed makes another network (Tune, Repeat). And if you try many pairs, "
    "up to one in 20 of equally good ones comes out below 0.05. If you chose a run because it was "
    "the best on these test images, its p-value is too small."
)
LEAK = (
    "One of these runs watched the test images while it trained, as its validation set, so its "
    "result may flatter it."
)
DISPUTED = (
    "Below each image: its label, what A and B say, and its number in the test set. The images on "
    "which the wrong network was most confident come first. Click an image to look inside the "
    "network that is wrong."
)

ENSEMBLE = (
    "Each network gives ten probabilities for an image. The ensemble takes their **mean** and "
    "reads the digit with the highest one. Where networks err on different images, most of them "
    "are right on each, so the errors cancel. Shared errors remain: networks that differ in "
    "layers, augmentation or seed help each other more than near-copies do."
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
    "If you try many ensembles and keep the best by this figure, the test images have chosen it, "
    "so the figure is too good."
)
VOTED = (
    "Below each image: what each run says, in the order of the table, and after the arrow what the "
    "ensemble says. Click an image to look inside the best run."
)
