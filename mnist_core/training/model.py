"""The Keras model of a spec, its optimizer, its loss, its weights. Imports TensorFlow."""

import math
import random

import keras
import numpy as np

from mnist_core.network.layers import IMAGE_SHAPE, KerasLayer, Penalty
from mnist_core.network.optimizers import OPTIMIZERS
from mnist_core.network.spec import Network, ScheduleName, Spec, Training
from mnist_core.network.summary import connect, summarize
from mnist_core.network.transfer import check_transfer, shared_layers
from mnist_core.network.value import SpecError
from mnist_core.training.fused_adam import FusedAdam, FusedAdamW
from mnist_core.training.learning_rate_finder import LEAST_SHARE
from mnist_core.utils.npz import fingerprint


def build(network: Network, precision: str = "float32", seed: int = 0) -> keras.Model:
    """Return a new Keras model, its layers named as in `network.summary`.

    Input: (n, 28, 28, 1) float in [0, 1]; output: (n, 10) float32 probabilities. With precision
    mixed_bfloat16 the hidden layers compute in bfloat16; weights and output stay float32. Initial
    weights and dropout follow from the seed alone, and are those of a plain Keras model that is
    built right after `keras.utils.set_random_seed(seed)`. It is Sequential unless it has shortcuts.
    """
    draws, made = random.Random(seed), dict[str, keras.Layer]()
    rows, image = summarize(network).rows, keras.Input(IMAGE_SHAPE)
    for row in rows:
        dtype = "float32" if row.name == "output" else precision
        made[row.name] = _build_layer(row.keras, draws, name=row.name, dtype=dtype)
    if all(row.keras.path == "main" for row in rows):
        return keras.Sequential([image, *made.values()], name="network")
    output = connect(rows, image, lambda row, inputs: made[row.name](inputs))
    return keras.Model(image, output, name="network")


def build_start(
    spec: Spec, start: dict[str, np.ndarray] | None, precision: str = "float32"
) -> keras.Model:
    """Return the model with which a run begins, some of its layers frozen.

    start: the weights by name that a transfer starts from; a layer with a different shape there
    starts from the seed. Raises SpecError if the weights of a transfer are missing or do not fit.
    """
    model = build(spec.network, precision, spec.training.seed)
    if spec.transfer is None:
        return model
    if start is None or fingerprint(start) != spec.transfer.source:
        raise SpecError(
            f"the weights to start from ({spec.transfer.source}) are missing: pass them as `start`"
        )
    shapes = {name: array.shape for name, array in start.items()}
    check_transfer(spec, shapes)
    shared, _ = shared_layers(spec.network, shapes)
    for name in shared:
        for variable in model.get_layer(name).weights:
            variable.assign(start[weight_name(variable)])
        model.get_layer(name).trainable = name not in spec.frozen
    return model


def _build_layer(layer: KerasLayer, draws: random.Random, **names: str) -> keras.Layer:
    """Return a Keras layer, with the seeds that it would draw from the shared random generator."""
    options = {name: _argument(value) for name, value in layer.options.items()}
    for name in layer.seeds:
        seed = draws.randint(1, 10**9)
        options[name] = seed if name == "seed" else keras.initializers.GlorotUniform(seed=seed)
    return getattr(keras.layers, layer.type)(*layer.arguments, **options, **names)


def _argument(value: object) -> object:
    return keras.regularizers.L2(value.l2) if isinstance(value, Penalty) else value


class Schedule(keras.optimizers.schedules.LearningRateSchedule):
    """The learning rate at each step: a peak, which may change during training, times a curve.

    The curve runs over `length` steps from step `start`, both counted in batches.
    """

    def __init__(self, kind: ScheduleName, peak: float, start: int, length: int) -> None:
        super().__init__()
        self.kind, self.start, self.length = kind, start, length
        self.peak = keras.Variable(peak, trainable=False, dtype="float32", name="peak")

    def __call__(self, step: keras.KerasTensor) -> keras.KerasTensor:
        done = (keras.ops.cast(step, "float32") - self.start) / self.length
        return self.peak * self._curve(keras.ops.clip(done, 0.0, 1.0))

    def _curve(self, done: keras.KerasTensor) -> keras.KerasTensor:
        """Return the share of the peak. done: share of the steps, in [0, 1]."""
        match self.kind:
            case "cosine":
                return (1 + keras.ops.cos(math.pi * done)) / 2
            case "one_cycle":
                return keras.ops.minimum(4 * done, 1 - 0.99 * (done - 0.25) / 0.75)
            case "step":
                return keras.ops.where(done < 0.5, 1.0, keras.ops.where(done < 0.75, 0.1, 0.01))
            case "range_test":
                return keras.ops.exp(math.log(LEAST_SHARE) * (1 - done))
            case "constant":
                return keras.ops.ones_like(done)

    def get_config(self) -> dict[str, object]:
        peak = float(self.peak.numpy())
        return {"kind": self.kind, "peak": peak, "start": self.start, "length": self.length}


FUSED = {"adam": FusedAdam, "adamw": FusedAdamW}
"""The optimizers that compute Keras's step in a faster way."""


def optimizer(
    training: Training, learning_rate: float | keras.optimizers.schedules.LearningRateSchedule
) -> keras.optimizers.Optimizer:
    """Return the optimizer of a spec, with the defaults of Keras for all else."""
    kind = OPTIMIZERS[training.optimizer]
    given = {name: getattr(training, name) for name in kind.settings}
    own = {name: value for name, value in given.items() if value is not None}
    made = FUSED.get(training.optimizer) or getattr(keras.optimizers, kind.keras)
    return made(learning_rate, **own)


def loss(training: Training) -> keras.losses.Loss:
    """Return the loss of a spec: `categorical_crossentropy` takes one-hot labels, else digits."""
    match training.loss:
        case "categorical_crossentropy":
            return keras.losses.CategoricalCrossentropy(label_smoothing=training.label_smoothing)
        case "sparse_categorical_crossentropy":
            return keras.losses.SparseCategoricalCrossentropy()


def with_weights(network: Network, weights: dict[str, np.ndarray]) -> keras.Model:
    """Return a float32 model with these weights, named as in `weights_of`."""
    model = build(network)
    assign(model, weights)
    return model


def assign(model: keras.Model, weights: dict[str, np.ndarray]) -> None:
    """Give a model other weights, named as in `weights_of`."""
    for variable in model.weights:
        variable.assign(weights[weight_name(variable)])


def initial_weights(
    spec: Spec, start: dict[str, np.ndarray] | None = None
) -> dict[str, np.ndarray]:
    """Return the weights by path with which a run begins. start: as for `build_start`."""
    return weights_of(build_start(spec, start))


def weights_of(model: keras.Model) -> dict[str, np.ndarray]:
    """Return all weights by path, such as conv2d_1/kernel: float32 arrays."""
    return {weight_name(variable): variable.numpy() for variable in model.weights}


def weight_name(variable: keras.Variable) -> str:
    """Return the path of a weight without the name of the model: conv2d_1/kernel."""
    return variable.path.removeprefix("network/")
