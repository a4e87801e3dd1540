"""What the methods of the tab Saliency say, and what they do not."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Method:
    """One way to ask; `question` is its name in `mnist_core.insight.questions`.

    strongest: what the strongest colour stands for; red: what it means for any class.
    """

    question: str
    strongest: str
    red: str
    words: str
    formula: str
    symbols: str


METHODS = {
    "Occlusion": Method(
        "occlusion",
        "a change of {} of probability",
        "where ink raises that class's probability",
        "A small patch of paper covers one place after the other. **Red**: covering this place "
        "lowers the class's probability, so the network relied on the ink there. **Blue**: it "
        "raises it. A patch can only hide ink, so an empty place stays at zero even where its "
        "emptiness matters, like the gap on top of a 4.",
        r"M_k(r, c) = p_k(x) - p_k(x \text{ covered at } r, c)",
        "$p_k$ is the probability of class $k$, $x$ the image; the patch is centred on row $r$, "
        "column $c$, and black like MNIST's paper. After Zeiler and Fergus, 2014.",
    ),
    "Grad-CAM": Method(
        "grad_cam",
        "a weighted sum of {}",
        "regions that raise that class's logit",
        "Each map of the last convolution counts as much as the class's score grows with it on "
        "average; **red** is where their weighted sum speaks for the class, and what speaks "
        "against it is left out. It shows regions, not strokes. Where a network flattens its maps, "
        "the place of a feature matters as well, and the average over places hides that.",
        r"\alpha_m^k = \frac{1}{hw} \sum_{i,j} \frac{\partial z_k}{\partial A^m_{ij}}, \qquad "
        r"L^k = \mathrm{ReLU}\Big(\sum_m \alpha_m^k A^m\Big)",
        "$A^m$ is map $m$ of the last convolution, after its activation, $h \\times w$ values; "
        "$z_k$ is the logit of class $k$, its score before softmax. After Selvaraju et al., 2017.",
    ),
    "Integrated gradients": Method(
        "integrated_gradients",
        "{} of logit",
        "pixels that raised that class's logit",
        "The image appears step by step out of black paper, and each pixel is given its share of "
        "what the class's score gains on the way. **Red** pixels raised the score, **blue** ones "
        "lowered it, and together they make up the whole gain. Paper that stays black gets "
        "nothing: another starting point than black would tell another story.",
        r"\mathrm{IG}_i^k = x_i \int_0^1 \frac{\partial z_k(\alpha x)}{\partial x_i} \, d\alpha, "
        r"\qquad \sum_i \mathrm{IG}_i^k = z_k(x) - z_k(0)",
        "$x_i$ is pixel $i$ in [0, 1], $\\alpha x$ the image at a share $\\alpha$ of its ink, and "
        "$z_k$ the logit of class $k$. After Sundararajan, Taly and Yan, 2017.",
    ),
}
"""By name; the first one suits every network and needs the least theory."""

NO_CONVOLUTION = (
    "Grad-CAM weighs the maps of a convolution, and this network has none. Choose occlusion or "
    "integrated gradients, which suit every network."
)
NOWHERE = (
    "its logit does not hang on any region of these maps in particular, as far as averages tell."
)
STEADY = 0.01  # of probability
NO_PATCH = (
    "No single patch matters much here: whichever part is hidden, the network stays about as sure "
    "as it was."
)


def scale(method: Method, most: float) -> str:
    """What the colours of this image mean. most: the largest absolute value of all ten maps."""
    if most == 0:
        return "All ten maps are empty: by this method nothing here matters to any class."
    if method.question == "occlusion":
        points = figure(100 * most)
        size = f"{points} {'point' if points == '1' else 'points'}"
        small = f"**{NO_PATCH}** " if most < STEADY else ""
    else:
        size, small = figure(most), ""
    return (
        f"{small}The strongest colour here stands for {method.strongest.format(size)}; another "
        f"image has another scale. Red on the map of a class that is not read marks {method.red}; "
        "it does not mean that the network reads that class."
    )


def figure(value: float) -> str:
    """A size above zero with two digits that count."""
    if value < 0.01:
        return "less than 0.01"
    return f"{value:.2g}" if value < 10 else f"{value:.0f}"


TEN = (
    "All ten maps share one scale, so a pale one says little. Click one to see it large. Saliency "
    "is a hint and no explanation: the three methods ask different questions, and may disagree. "
    "*read* marks the network's answer"
)
LABELLED = ", *true* the label"
