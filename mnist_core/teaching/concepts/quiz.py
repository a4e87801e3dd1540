"""Questions about the parameters of random networks."""

from dataclasses import dataclass
from functools import cached_property
from random import Random

from mnist_core.network.layers import (
    CLASSES,
    AnyLayer,
    AveragePooling2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
    Pooling,
    Shape,
)
from mnist_core.network.spec import Network
from mnist_core.network.summary import Row, Summary, summarize
from mnist_core.network.value import SpecError

LEVELS = ("easy", "medium", "hard")
MOST = 300_000
"""Most parameters of a question's network: few enough to count by hand."""


@dataclass(frozen=True)
class Question:
    """A random network to count; level and number determine it everywhere."""

    level: str
    number: int
    network: Network

    @cached_property
    def summary(self) -> Summary:
        return summarize(self.network)

    @cached_property
    def asked(self) -> tuple[Row, ...]:
        """The rows whose parameters are asked; an easy question includes rows with none."""
        return tuple(row for row in self.summary.rows if row.parameters or self.level == "easy")

    def inputs(self, row: Row) -> Shape:
        """What the Keras layer of a row receives, batch axis left out."""
        at = self.summary.rows.index(row)
        return self.summary.rows[at - 1].output_shape if at else self.network.shapes()[0]


def ask(level: str, number: int) -> Question:
    """Return the question of a level, one of LEVELS, with a number >= 0."""
    draws = Random(f"{level} {number}")
    while True:
        try:
            network = Network(layers=tuple(_layers(level, draws)))
            if summarize(network).parameters <= MOST:
                return Question(level, number, network)
        except SpecError:  # the image was used up: draw again
            continue


def _layers(level: str, draws: Random) -> list[AnyLayer]:
    """One convolution; two with pooling and a hidden layer; or three with all that is allowed."""
    if level == "easy":
        return [_convolution(draws), MaxPooling2D(), Flatten()]
    if level == "medium":
        convolutions = [_convolution(draws), MaxPooling2D(), _convolution(draws), MaxPooling2D()]
        return [*convolutions, Flatten(), _dense(draws)]
    layers: list[AnyLayer] = []
    normalized = draws.randrange(3)
    for at in range(3):
        bn = at == normalized or draws.random() < 0.2
        more = {"padding": draws.choice(["same", "valid"]), "batch_normalization": bn}
        layers.append(_convolution(draws, strides=draws.choice([1, 1, 2]), **more))
        if at < 2 and draws.random() < 0.6:
            layers.append(draws.choice([MaxPooling2D(), AveragePooling2D()]))
    end = draws.choice([Flatten(), Flatten(), GlobalAveragePooling2D()])
    return [*layers, end, _dense(draws), Dropout(rate=draws.choice([0.2, 0.3, 0.5]))]


def _convolution(draws: Random, **settings: object) -> Conv2D:
    given = {"filters": draws.choice([4, 8, 12, 16, 24, 32]), "kernel_size": draws.choice([3, 5])}
    return Conv2D.model_validate(given | settings)


def _dense(draws: Random) -> Dense:
    return Dense(units=draws.choice([16, 20, 32, 48, 64]))


def words(row: Row, question: Question) -> str:
    """Return the description of a layer, with all that counting needs."""
    if row.name == "output":
        return f"{CLASSES} units, softmax"
    layer = question.network.layers[row.layer]
    match layer:
        case Conv2D(filters=filters, kernel_size=k) if row.type == "Conv2D":
            steps = f", strides {layer.strides}" if layer.strides > 1 else ""
            bias = ", without bias" if layer.batch_normalization else ""
            return f"{filters} filters of {k} × {k}, {layer.padding}{steps}{bias}"
        case Pooling(pool_size=side):
            return f"{side} × {side}, strides {layer.sliding[1]}, {layer.padding}"
        case Dense(units=units):
            return f"{units} units"
        case Dropout(rate=rate):
            return f"rate {rate}"
        case _:
            return ""
