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
    LeakyReLU,
    MaxPooling2D,
    PReLU,
    Residual,
    SeparableConv2D,
    SpatialDropout2D,
    ZeroPadding2D,
)
from ui.charts import style


@dataclass(frozen=True)
class Kind:
    """One kind of layer.

    new: the layer that "Add a layer" adds. about: what it does, for Look inside. edited: settings
    that are always visible; more: settings in the line below. color, short: color and name of its
    box in the diagram of a network. formula: of one value, in LaTeX; formula_words: its symbols
    and a note, in Markdown.
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
_SLOPE = r"y = \begin{cases} x & x \ge 0 \\ a\,x & x < 0 \end{cases}"

KINDS: dict[str, Kind] = {
    "Conv2D": Kind(
        Conv2D(filters=16),
        ":material/blur_on:",
        "Each map answers one question at every place of the input: how well does the pattern of "
        "one kernel fit here? Red is a good fit, blue its opposite.",
        ("filters", "kernel_size", "activation"),
        (*_WINDOW, "batch_normalization", "l2"),
        style.TRAINING,
        "conv",
    ),
    "SeparableConv2D": Kind(
        SeparableConv2D(filters=16),
        ":material/blur_on:",
        "A convolution in two steps, with far fewer weights: each channel gets its own kernel, "
        "then the channels are mixed at every pixel. Red is a good fit, blue its opposite.",
        ("filters", "kernel_size", "activation"),
        _WINDOW,
        style.TRAINING,
        "sep conv",
        formula=r"y = f\Big(b + \sum_c p_c \sum_{m,n} d_c(m,n)\, x_c(m,n)\Big)",
        formula_words="Each input channel $c$ has its own kernel $d_c$; each output map has "
        "its own weights $p_c$, one per channel. The kernel shown above is the product, "
        "$p_c\\,d_c$.",
    ),
    "DepthwiseConv2D": Kind(
        DepthwiseConv2D(),
        ":material/blur_on:",
        "Each output map is made from the input map with the same number, with its own kernel. "
        "Red is a good fit, blue its opposite.",
        ("kernel_size", "activation"),
        _WINDOW,
        style.TRAINING,
        "dw conv",
    ),
    "Residual": Kind(
        Residual(filters=16),
        ":material/alt_route:",
        "Two convolutions whose output is added to their input. They learn only what to change, "
        "and gradients reach early layers through the shortcut.",
        ("filters",),
        ("strides",),
        style.TRAINING,
        "residual",
        formula=r"y = \mathrm{relu}\big(F(x) + s(x)\big)",
        formula_words="$F$ is two convolutions with batch normalization; $s$ is the shortcut: the "
        "input itself, or a 1x1 convolution of it where the shapes differ.",
    ),
    "MaxPooling2D": Kind(
        MaxPooling2D(),
        ":material/compress:",
        "Only the largest value of every window stays. The map shrinks, and the exact place of a "
        "pattern in the window no longer matters.",
        ("pool_size",),
        _WINDOW,
        style.RIGHT,
        "max pool",
        formula=r"y = \max_{\text{window}} x",
        formula_words="Only the largest value, framed above, is passed on. In training, the "
        "gradient goes back only to this value. Padding never wins.",
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
        formula_words="$n$ is the number of values in the window. At an edge with `same` padding, "
        "only the values inside the image count.",
    ),
    "BatchNormalization": Kind(
        BatchNormalization(),
        ":material/equalizer:",
        "Each map is shifted and scaled by its own four numbers, so that the next layers receive "
        "values of a similar size.",
        formula=_NORMALIZATION,
        formula_words=r"$\mu$ and $\sigma^2$ are the moving averages of this channel's mean and "
        r"variance from training; $\gamma$ and $\beta$ are learned. The 0.001 prevents a division "
        "by zero.",
        short="batch norm",
    ),
    "LayerNormalization": Kind(
        LayerNormalization(),
        ":material/equalizer:",
        "At each place, the values of all maps are shifted and scaled to mean 0 and variance 1, "
        "in training and in prediction; then each map gets its own scale and shift.",
        formula=_NORMALIZATION,
        formula_words=r"$\mu$ and $\sigma^2$ are the mean and variance of all channels at this "
        r"place, in this one image; $\gamma$ and $\beta$ are learned. The 0.001 prevents a "
        "division by zero.",
        short="layer norm",
    ),
    "Activation": Kind(
        Activation(),
        ":material/show_chart:",
        "The activation function is applied to each value separately.",
        ("activation",),
        short="activation",
    ),
    "LeakyReLU": Kind(
        LeakyReLU(),
        ":material/show_chart:",
        "Positive values pass unchanged; negative values are multiplied by a small slope, so some "
        "gradient always flows back.",
        ("negative_slope",),
        formula=_SLOPE,
        formula_words=r"$a$ is the slope you set; training does not change it.",
        short="leaky ReLU",
    ),
    "PReLU": Kind(
        PReLU(),
        ":material/show_chart:",
        "Positive values pass unchanged; negative values are multiplied by a learned slope, which "
        "starts at 0, as in relu.",
        ("shared",),
        formula=_SLOPE,
        formula_words=(
            r"$a$ is learned: one slope per map if you choose that, otherwise one per "
            r"value."
        ),
        short="PReLU",
    ),
    "Dropout": Kind(
        Dropout(),
        ":material/casino:",
        "In training, Dropout sets each value to zero with probability “rate”, drawn again for "
        "each image, and multiplies the others by 1 / (1 − rate). In prediction it does nothing.",
        ("rate",),
        formula="y = x",
        formula_words="This holds in prediction. In training, the factor 1 / (1 − rate) keeps the "
        "sum of the values the same on average.",
        short="dropout",
    ),
    "SpatialDropout2D": Kind(
        SpatialDropout2D(),
        ":material/casino:",
        "In training, SpatialDropout2D sets whole feature maps to zero with probability “rate”, "
        "drawn again for each image, and multiplies the others by 1 / (1 − rate). In prediction "
        "it does nothing.",
        ("rate",),
        formula="y = x",
        formula_words="This holds in prediction. In training, the factor 1 / (1 − rate) keeps the "
        "sum of the values the same on average. Whole maps are dropped because neighboring values "
        "in a map carry nearly the same information.",
        short="spatial dropout",
    ),
    "Flatten": Kind(
        Flatten(),
        ":material/view_column:",
        "Nothing is computed here: all values are written into one row, pixel by pixel, for a "
        "dense layer.",
        short="flatten",
    ),
    "GlobalAveragePooling2D": Kind(
        GlobalAveragePooling2D(),
        ":material/compress:",
        "Each map is replaced by its mean: how much of the pattern there is, no matter where.",
        color=style.RIGHT,
        short="global avg",
        formula=r"y_c = \frac{1}{h\,w} \sum_{i,j} x_{i,j,c}",
        formula_words="The values of each map are averaged; where in the map the pattern was found "
        "no longer matters.",
    ),
    "GlobalMaxPooling2D": Kind(
        GlobalMaxPooling2D(),
        ":material/compress:",
        "Each map is replaced by its largest value: how well the pattern fits at its best place, "
        "wherever that is.",
        color=style.RIGHT,
        short="global max",
        formula=r"y_c = \max_{i,j}\; x_{i,j,c}",
        formula_words="Only the largest value of each map is passed on. In training, the gradient "
        "goes back only to this value.",
    ),
    "ZeroPadding2D": Kind(
        ZeroPadding2D(),
        ":material/select_all:",
        "A border of zeros is added around each map, so that more windows of the next layer cover "
        "the pixels at the edge.",
        ("padding",),
        short="pad",
        formula=r"y_{i,j,c} = x_{i-p,\; j-p,\; c}",
        formula_words="$p$ is the width of the border. Where the row or column is outside the "
        "input, the value is 0.",
    ),
    "Dense": Kind(
        Dense(units=64),
        ":material/hub:",
        "Each unit multiplies every input by a weight, adds up the products and its bias, and "
        "applies its activation.",
        ("units", "activation"),
        ("l2",),
        style.VALIDATION,
        "dense",
        formula=r"z_j = \sum_i x_i\,W_{ij} + b_j, \qquad y_j = f(z_j)",
    ),
}
"""By the names of the classes in Keras, in the order of the box "Add a layer"."""
