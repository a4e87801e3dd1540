"""Texts of the page Results: the theory beside its figures."""

ACCURACY = (
    "The share of the 10,000 test images that the network reads right; all are new to it. The rest "
    "is the misclassification rate, the mean of the zero-one loss (0 if right, 1 if wrong). For "
    "example, 952 right of 1,000 is an accuracy of 95.2\u00a0% and a misclassification rate of "
    "4.8\u00a0%."
)
LEARNED = "Accuracy on the test images of these digits. The network still chooses among all ten."
NEVER_SHOWN = (
    "This run was trained only on the digits **{digits}**. The test accuracy above covers all ten."
)
FORGOTTEN = (
    "**Catastrophic forgetting.** This run started from {source}, which read {before} of the "
    "{images} test images of {digits} correctly. This run reads only {after}."
)
LOSS = (
    "The mean cross-entropy. The less probable the true digit was, the more an image adds: one "
    "confident mistake costs more than many hesitant answers. Giving every digit 10\u00a0% costs "
    "2.303. Keras's `evaluate` shows 313 batches here: 10,000 images / 32 per batch = 312.5, so "
    "the last batch has 16 images. "
    r"$$L = -\frac{1}{n} \sum_{i=1}^{n} \ln p_i(y_i)$$"
)

TOP2 = (
    "An image counts if its true digit is the network's first or second choice. If top-2 accuracy "
    "is much higher than accuracy, the network mostly wavers between two digits."
)

ECE = (
    "The expected calibration error (ECE): the gap between confidence and accuracy in each of 15 "
    "bins, averaged over all images. At 0, confidence and accuracy agree."
)
ECE_FORMULA = (
    r"\mathrm{ECE} = \sum_{b=1}^{15} \frac{n_b}{n} "
    r"\lvert \mathrm{acc}(b) - \mathrm{conf}(b) \rvert"
)

LEAK = (
    "This run used the test images for validation. If you chose epochs or layers by its validation "
    "curve, these figures may be too good."
)

NO_CURVES = "This network was trained elsewhere, so its learning curves are unknown."
CURVES = (
    "Training figures are means over an epoch, while the weights change. Validation is measured "
    "after the epoch, without dropout, so it can look better. If validation gets worse while "
    "training improves, the network is overfitting."
)

SCORES = (
    "**Precision**: of all images read as a digit, the share that really show it. **Recall**: of "
    "all images of a digit, the share that were found. Both are 0 if there are no such images. "
    "**F1** is high only if both are high; **support** is the number of test images."
)
SCORES_FORMULAS = (
    r"P = \frac{TP}{TP + FP}",
    r"R = \frac{TP}{TP + FN}",
    r"F_1 = \frac{2PR}{P + R}",
)

CONFUSION = (
    "Rows: true digits. Columns: what the network read. The blue diagonal counts right answers; "
    "redder cells are more frequent mistakes. Click a cell, or use the two lists, to see its "
    "images; click an image to look inside the network."
)

MISTAKES = (
    "Some of these are hard for people too, and a few labels are doubtful. Captions: the true "
    "digit → what the network read, the confidence, and the number of the test image. Click an "
    "image to look inside the network."
)

CALIBRATION = (
    "When a calibrated network is 80\u00a0% sure, it is right 80\u00a0% of the time: the bar ends "
    "on the dashed line. Bars below the line mean too much confidence, bars above it too little. "
    "Where the lower chart shows few images, the bars are mostly luck."
)

TEMPERATURE = (
    "Divides the logits by a temperature $T$ before softmax. $T > 1$ lowers every confidence, "
    "$T < 1$ raises it; the predicted digits stay the same. The app chooses the $T$ with the "
    "lowest loss on the validation images (Guo et al. 2017)."
)
NO_VALIDATION = (
    "Temperature scaling needs validation images that the network was not trained on. This run has "
    "none, or they are unknown."
)
SCALED = (
    "Best temperature on {images} validation images: **$T$ = {temperature:.2f}**; the network was "
    "{verdict}. On the test images, the loss changes from {loss:.4f} to **{scaled_loss:.4f}** and "
    "the calibration error from {error} to **{scaled_error}**."
)

SMOOTHED = (
    "This run was trained with label smoothing. On MNIST, smoothing often leaves the bars above "
    "the line, and often helps accuracy (Müller, Kornblith and Hinton 2019)."
)

FIRST_TEN = "**The first ten test images**, each with its label → what this network reads."

ONE_IMAGE = (
    "The ten probabilities add up to 100\u00a0%. The network reads the digit with the highest bar, "
    "however low that bar is."
)
