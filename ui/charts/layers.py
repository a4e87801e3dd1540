"""What the app shows of each kind of layer: icon, color, words, and the settings that it edits."""

from dataclasses import dataclass

from mnist_core.network.layers import (
    Activation,
    AnyLayer,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    LayerNormalization,
    MaxPooling2D,
    SeparableConv2D,
    SpatialDropout2D,
    ZeroPadding2D,
)
from ui.charts import style


@dataclass(frozen=True)
class Kind:
    """One kind of layer.

    new: the layer that "Add a layer" adds. about: what it does, for Look inside. edited: settings
    in sight; more: settings in a popover. color, short: those of its box in the diagram of a
    network; without a short name it has none, since it keeps the shape. formula: of one value, in
    LaTeX; formula_words: its symbols, and what to know about it, in Markdown.
    """

    new: AnyLayer
    icon: str
    about: str
    edited: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    color: str = style.NEUTRAL
    short: str = ""
    formula: str = ""
    formula_words: str = ""


_WINDOW = ("padding", "strides")
_NORMALIZATION = (
    r"\hat{x} = \frac{x - \mu}{\sqrt{\sigma^2 + 0.001}}, \quad y = \gamma\,\hat{x} + \beta"
)

KINDS: dict[str, Kind] = {
    "Conv2D": Kind(
        Conv2D(filters=16),
        ":material/blur_on:",
        "Each map is the answer to one question, asked at every place of the input: how well does "
        "the small pattern of one kernel fit here? Red is a good fit, blue its opposite.",
        ("filters", "kernel_size", "activation"),
        (*_WINDOW, "batch_normalization", "l2"),
        style.TRAINING,
        "conv",
    ),
    "SeparableConv2D": Kind(
        SeparableConv2D(filters=16),
        ":material/blur_on:",
        "A convolution in two steps, with far fewer weights: first a small kernel looks at each "
        "channel alone, then every pixel mixes the channels. Red is a good fit, blue its opposite.",
        ("filters", "kernel_size", "activation"),
        _WINDOW,
        style.TRAINING,
        "sep conv",
        formula=r"y = f\Big(b + \sum_c p_c \sum_{m,n} d_c(m,n)\, x_c(m,n)\Big)",
        formula_words="Each channel $c$ has a kernel $d_c$ of its own, and each map that comes out "
        "weighs the channels with its own $p_c$. The kernel above is the product, $p_c\\,d_c$.",
    ),
    "DepthwiseConv2D": Kind(
        DepthwiseConv2D(),
        ":material/blur_on:",
        "Each map comes from the map of the same number alone, through a small kernel of its own. "
        "Red is a good fit, blue its opposite.",
        ("kernel_size", "activation"),
        _WINDOW,
        style.TRAINING,
        "dw conv",
    ),
    "MaxPooling2D": Kind(
        MaxPooling2D(),
        ":material/compress:",
        "Of every window only the largest value stays. The map shrinks, and where exactly in the "
        "window a pattern was found no longer matters.",
        ("pool_size",),
        _WINDOW,
        style.RIGHT,
        "max pool",
        formula=r"y = \max_{\text{window}} x",
        formula_words="Only the winner, framed above, goes on. It is also the only one to which "
        "training sends the gradient back. Padding never wins.",
    ),
    "AveragePooling2D": Kind(
        AveragePooling2D(),
        ":material/compress:",
        "Every window is replaced by its mean. The map shrinks and gets smoother.",
        ("pool_size",),
        _WINDOW,
        style.RIGHT,
        "avg pool",
        formula=r"y = \frac{1}{n} \sum_{\text{window}} x",
        formula_words="At an edge with `same` padding only the $n$ values inside count.",
    ),
    "BatchNormalization": Kind(
        BatchNormalization(),
        ":material/equalizer:",
        "Each map is shifted and stretched by four numbers of its own, so that the layers after "
        "it receive values of a similar size.",
        formula=_NORMALIZATION,
        formula_words=r"$\mu$ and $\sigma^2$ are mean and variance of this channel as training saw "
        r"them on average; $\gamma$ and $\beta$ are learned. 0.001 keeps the root from zero.",
    ),
    "LayerNormalization": Kind(
        LayerNormalization(),
        ":material/equalizer:",
        "At each place the values of all maps are shifted and stretched to mean 0 and variance 1, "
        "in training as in prediction; then each map has a factor and a summand of its own.",
        formula=_NORMALIZATION,
        formula_words=r"$\mu$ and $\sigma^2$ are mean and variance of all channels at this place, "
        r"in this image alone; $\gamma$ and $\beta$ are learned. 0.001 keeps the root from zero.",
    ),
    "Activation": Kind(
        Activation(),
        ":material/show_chart:",
        "Each value by itself goes through the activation function.",
        ("activation",),
    ),
    "Dropout": Kind(
        Dropout(),
        ":material/casino:",
        "Dropout does nothing while the network predicts, so output and input are equal. Only in "
        "training it sets a random share of the values to zero.",
        ("rate",),
        formula="y = x",
        formula_words="In training the values that stay are made larger, divided by (1 - rate), so "
        "that their sum stays the same on average. Nothing is left to do when predicting.",
    ),
    "SpatialDropout2D": Kind(
        SpatialDropout2D(),
        ":material/casino:",
        "It does nothing while the network predicts, so output and input are equal. Only in "
        "training it sets a random share of whole maps to zero.",
        ("rate",),
        formula="y = x",
        formula_words="In training the maps that stay are made larger, divided by (1 - rate), so "
        "that their sum stays the same on average. Whole maps go, since neighbors in a map say "
        "nearly the same.",
    ),
    "Flatten": Kind(
        Flatten(),
        ":material/view_column:",
        "Nothing is computed here: all values are written into one row, pixel by pixel, so that a "
        "dense layer can take them.",
        short="flatten",
    ),
    "GlobalAveragePooling2D": Kind(
        GlobalAveragePooling2D(),
        ":material/compress:",
        "Each map is replaced by a single number, its mean: how much of the pattern there is, no "
        "matter where.",
        color=style.RIGHT,
        short="global avg",
        formula=r"y_c = \frac{1}{h\,w} \sum_{i,j} x_{i,j,c}",
        formula_words="All values of a map are added and divided by their count; where something "
        "is no longer matters.",
    ),
    "GlobalMaxPooling2D": Kind(
        GlobalMaxPooling2D(),
        ":material/compress:",
        "Each map is replaced by a single number, its largest: how well the pattern fits where it "
        "fits best, no matter where.",
        color=style.RIGHT,
        short="global max",
        formula=r"y_c = \max_{i,j}\; x_{i,j,c}",
        formula_words="Only the winner of each map goes on, and training sends the gradient back "
        "to it alone.",
    ),
    "ZeroPadding2D": Kind(
        ZeroPadding2D(),
        ":material/select_all:",
        "A border of zeros is put round each map, so that the layer after it sees the edges as "
        "often as the middle.",
        ("padding",),
        short="pad",
        formula=r"y_{i,j,c} = x_{i-p,\; j-p,\; c}",
        formula_words="$p$ is the width of the border. Where row or column lie outside of the "
        "input, the value is 0.",
    ),
    "Dense": Kind(
        Dense(units=64),
        ":material/hub:",
        "Each unit weighs every value that it receives, adds them up with its bias, and puts the "
        "sum through its activation.",
        ("units", "activation"),
        ("l2",),
        style.VALIDATION,
        "dense",
        formula=r"z_j = \sum_i x_i\,W_{ij} + b_j, \qquad y_j = f(z_j)",
    ),
}
"""By the names of the classes in Keras, in the order of the menu "Add a layer"."""
