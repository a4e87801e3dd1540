"""Texts of the page Results: the theory beside its figures."""

ACCURACY = (
    "The share of the 10,000 test images whose most probable digit is the true one. The network "
    "has not learned from any of them. The rest is the misclassification rate. It is also the "
    "mean of the zero-one loss, which is 0 for a right answer and 1 for a wrong one. For example, "
    "952 right of 1,000 is an accuracy of 95.2\u00a0% and a misclassification rate of 4.8\u00a0%."
)
LEARNED = (
    "Accuracy on the test images of the digits in this run's training set. The network still "
    "chooses among all ten."
)
NEVER_SHOWN = (
    "This run was trained only on the digits **{digits}**. The test accuracy above counts all ten "
    "digits, so it can be compared with other runs."
)
FORGOTTEN = (
    "**Catastrophic forgetting.** {source}, the run this one started from, read {before} of the "
    "{images} test images of {digits} correctly. This run reads only {after}."
)
LOSS = (
    "Accuracy counts whole answers; the loss also asks how sure they were. It is the mean "
    "cross-entropy: the less probable the true digit was, the more an image adds, so one confident "
    "mistake costs more than many hesitant answers. Giving every digit 10\u00a0% would cost 2.303. "
    "On these images Keras's `evaluate` shows 313 batches: a batch has 32 images by default, and "
    "10,000 / 32 = 312.5, so the last one has only 16. "
    r"$$L = -\frac{1}{n} \sum_{i=1}^{n} \ln p_i(y_i)$$"
)

TOP2 = (
    "Right within two guesses: an image counts too if its true digit is the network's second "
    "choice. Where this is much higher than the accuracy, the network wavers between two digits "
    "rather than being lost."
)

ECE = (
    "The expected calibration error (ECE): the gap between confidence and accuracy in each of 15 "
    "bins, averaged over all images. At 0 the network's confidence can be taken at its word."
)
ECE_FORMULA = (
    r"\mathrm{ECE} = \sum_{b=1}^{15} \frac{n_b}{n} "
    r"\lvert \mathrm{acc}(b) - \mathrm{conf}(b) \rvert"
)

LEAK = (
    "This run watched the test images while it trained, as its validation set. Whoever chose "
    "epochs or layers by that curve chose them to suit the test, so these figures may flatter."
)

NO_CURVES = (
    "This network was trained elsewhere, so its epochs are not known. What it does with the test "
    "images is known as well as for any other."
)
CURVES = (
    "Training figures are means over an epoch while the weights still moved; validation is "
    "measured after it, without dropout, so it can look better. If validation turns worse while "
    "training improves, the network is overfitting: it learns its images by heart."
)

SCORES = (
    "**Precision**: of all images read as a digit, the share that really show it. **Recall**: of "
    "all images of a digit, the share that were found; 0 stands where there are none. **F1** is "
    "high only where both are; **support** is the number of test images."
)
SCORES_FORMULAS = (
    r"P = \frac{TP}{TP + FP}",
    r"R = \frac{TP}{TP + FN}",
    r"F_1 = \frac{2PR}{P + R}",
)

CONFUSION = (
    "Each row holds the test images of one true digit, spread over what the network read. The blue "
    "diagonal is right; the redder another cell, the more often those two are confused. Click a "
    "cell, or use the two lists, to see its images; click an image to look inside the network."
)

MISTAKES = (
    "The most confident mistakes come first. Look at them before you blame the network: some are "
    "hard for people too, and a few labels are doubtful. A caption gives the true digit → what was "
    "read, the confidence, and the number of the test image. Click an image to look inside the "
    "network."
)

CALIBRATION = (
    "A calibrated network is right as often as it says: of the images that it is 80\u00a0% sure "
    "of, 80\u00a0% are right, and the bar ends on the dashed line. Bars below the line mean too "
    "much confidence, bars above it too little; where the lower chart shows few images, it is luck."
)

TEMPERATURE = (
    "Divides the logits by a temperature $T$ before softmax. $T > 1$ makes every prediction less "
    "confident, $T < 1$ more confident. The predicted digits stay the same. $T$ is chosen to give "
    "the lowest loss on the validation images (Guo et al. 2017)."
)
NO_VALIDATION = (
    "Temperature scaling needs validation images that the network was not trained on. This run has "
    "none, or they are unknown."
)
SCALED = (
    "The best temperature on {images} validation images is **$T$ = {temperature:.2f}**: on them, "
    "the network was {verdict}. On the test images, the loss goes from {loss:.4f} to "
    "**{scaled_loss:.4f}** and the calibration error from {error} to **{scaled_error}**."
)

SMOOTHED = (
    "This run was trained with label smoothing: it was asked not to be wholly sure, so its bars "
    "may stand above the line. On MNIST this often makes a network less sure than it should be, "
    "and often helps accuracy (Müller, Kornblith and Hinton 2019)."
)

FIRST_TEN = (
    "**The first ten test images**, each with its label → what this network reads. Their labels "
    "are 7 2 1 0 4 1 4 9 5 9."
)

ONE_IMAGE = (
    "The last layer gives ten probabilities that add up to 100\u00a0%. The network reads the digit "
    "with the highest bar, however high that is."
)
