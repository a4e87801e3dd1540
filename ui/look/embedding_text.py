"""What the tab Embedding says."""

from mnist_core.insight.neighbours import Space
from mnist_core.summary import Row
from mnist_core.words import percent, plural


def about(rows: tuple[Row, ...]) -> str:
    """What the space is. rows: all layers, the output last."""
    hidden = [row for row in rows[:-1] if row.type != "Dropout"][-1]  # it drops in training alone
    count = plural(hidden.output_shape[-1], "number")
    if not any(row.multiply_adds or "Pool" in row.type for row in rows[:-1]):
        return (
            f"This network has no hidden layer: what its output layer sees are the {count} of the "
            "pixels themselves, so images are near each other here if their ink overlaps. The map "
            "shows how much work that leaves to a single layer."
        )
    return (
        f"Just before the ten probabilities, this network has turned each image into {count} "
        f"(`{hidden.name}`). They make each image a point in a space, and the output layer only "
        "draws straight borders through it. So a good network has moved images of one digit close "
        "together here, whatever their pixels were."
    )


GUESSES = (
    "This network reads no more than half of the digits right, so do not expect islands: its "
    "space is not in order yet."
)
TSNE_WAITS = (
    "t-SNE moves 4,000 of the test images about, step by step, until neighbours in the space are "
    "neighbours on the paper. The worker does it once for this run; meanwhile you can go on."
)
TSNE = (
    "**t-SNE keeps neighbourhoods, and little else.** Points that are close here were close in "
    "the space. But how far apart two islands lie, how large one is, and where it lies on the "
    "paper say next to nothing: it stretches what is dense and squeezes what is wide. A digit of "
    "your own, which was not there when the map was made, is put between its nearest test images."
)
OWN = (
    "It is the diamond on the map. Its neighbours are looked for among all 60,000 training images, "
    "from which the network learned, and among all 10,000 test images, of which the map is made."
)
SUREST = " Of all its mistakes this is the one that it is surest of."


def shown(count: int, wrong: int, all_wrong: int, flat: bool) -> str:
    """Which points are drawn, and how to look closer. flat: in 2-D, where points can be clicked."""
    closer = "click it to look closer" if flat else "type its number to look closer; drag to turn"
    every = "all" if wrong == all_wrong else f"{wrong:,} of the"
    return (
        f"{count:,} of the 10,000 test images: {every} {all_wrong:,} mistakes, as crosses, and a "
        f"random sample of the rest. Point at one to see it; {closer}. In the legend a click "
        "hides a digit, a double click shows it alone."
    )


def variance(known: Space, sides: int) -> str:
    """How much of the space two and three directions show. sides: of the map, 2 or 3."""
    two, three = (percent(float(known.explained[:n].sum()), 0) for n in (2, 3))
    fitted = "" if known.fitted == 60_000 else f", worked out from {known.fitted:,} of them"
    which = ("These", "three") if sides == 2 else ("The first", "all three")
    return (
        f"**PCA turns the space until its widest side faces you.** {which[0]} two directions hold "
        f"{two} of the variance of the training images{fitted}; {which[1]} hold {three}. The rest "
        "cannot be seen here, so two digits that overlap on the map may still be far apart."
    )


PCA = (
    "**PCA** (principal component analysis) centres the vectors $h$ of all training images and "
    "finds the directions $v$ along which they vary most. They are at right angles, and an image "
    "lies where its vector projects to. Nothing is bent, so distances on the map are true, but "
    "only of what the map shows."
)
PCA_FORMULAS = (
    r"C = \frac{1}{n} \sum_{i=1}^{n} (h_i - \bar h)(h_i - \bar h)^\top",
    r"C v_j = \lambda_j v_j, \qquad z_j = v_j^\top (h - \bar h)",
)
TSNE_HOW = (
    "**t-SNE** turns distances into probabilities of being neighbours, $p$ in the space and $q$ on "
    "the paper, and moves the points $y$ until the two agree: it lowers the Kullback-Leibler "
    "divergence. Each $\\sigma_i$ is chosen so that the perplexity comes out as 30, which is "
    "about how many neighbours an image has; $h$ are the places in the space and $n$ the number "
    "of images. We begin with PCA's map and a fixed seed, so the same run gives the same map; in "
    "2-D alone, since in 3-D it takes far longer and is harder to read."
)
TSNE_FORMULAS = (
    r"p_{j|i} \propto \exp\Big(-\frac{\lVert h_i - h_j \rVert^2}{2 \sigma_i^2}\Big), \qquad "
    r"p_{ij} = \frac{p_{j|i} + p_{i|j}}{2n}",
    r"q_{ij} = \frac{(1 + \lVert y_i - y_j \rVert^2)^{-1}}"
    r"{\sum_{k \ne l} (1 + \lVert y_k - y_l \rVert^2)^{-1}}",
    r"\mathrm{KL} = \sum_{i \ne j} p_{ij} \log \frac{p_{ij}}{q_{ij}}",
)
NEAR = (
    "**Near** means a small Euclidean distance over the {kept} widest directions, more than any "
    "map shows. The number below each neighbour is that distance, in the layer's own unit, so "
    "compare it within a run and not between runs. That the ten nearest vote is a classifier of "
    "its own, k nearest neighbours with $k = 10$."
)
NEAR_FORMULA = r"d(a, b) = \sqrt{\sum_{j} (z_j^a - z_j^b)^2}"
