"""The order of the batches, and the model that trains on them. Imports TensorFlow.

`fit` iterates over row numbers and not over images, in chunks of several batches: the images stay
in memory as uint8, and a loop inside the TensorFlow graph gathers each batch and takes the step of
the optimizer. Batch order and augmentation follow from the seed and the step alone, so that a run
may stop after each chunk and resume as if nothing had happened.
"""

from collections.abc import Callable, Iterator
from functools import cache, cached_property
from itertools import pairwise
from math import ceil
from typing import Literal

import keras
import numpy as np
import tensorflow as tf

from mnist_core.dataset import mnist
from mnist_core.dataset.mnist import SIDE
from mnist_core.dataset.training_set import TrainingSet
from mnist_core.evaluation.history import WEIGHTS, State
from mnist_core.network.layers import CLASSES, IMAGE_SHAPE
from mnist_core.network.spec import Spec
from mnist_core.training.augmentation import augment
from mnist_core.training.model import Schedule, build_start, loss, optimizer, weight_name

CHUNK_MULTIPLY_ADDS = 8e9
"""Work per chunk, between two calls of the callbacks: about 0.25 s on two cores."""


@cache
def tensors(part: Literal["train", "test"]) -> tuple[tf.Tensor, tf.Tensor]:
    """Return images uint8 (n, 28, 28) and labels uint8 (n,), made once per process."""
    return _tensor(f"x_{part}"), _tensor(f"y_{part}")


def _tensor(name: str) -> tf.Tensor:
    """Return an array of the data set as a tensor; on a CPU, it shares the mapped file's memory."""
    array = mnist.read(mnist.FOLDER, name)  # NumPy does not export `load`'s, which are read-only
    return tf.identity(tf.experimental.dlpack.from_dlpack(array.__dlpack__()))  # to a GPU, if any


class BatchPlan:
    """The rows of each batch of each epoch, known before the first step."""

    def __init__(self, spec: Spec, rows: np.ndarray, multiply_adds: int, state: State) -> None:
        """rows: int32 (n,), the training images; multiply_adds: per image, forward."""
        self.rows, self.state = rows, state
        self.seed, self.batch_size = spec.training.seed, spec.training.batch_size
        self.whole = len(rows) // self.batch_size
        self.steps = ceil(len(rows) / self.batch_size)
        work = 3 * multiply_adds * self.batch_size
        self.chunk = int(np.clip(CHUNK_MULTIPLY_ADDS / work, 1, 64))
        self.chunks_per_epoch = ceil(self.whole / self.chunk) + (self.steps - self.whole)

    def order(self, epoch: int) -> np.ndarray:
        """Return the rows of an epoch, counted from 0, shuffled by the seed."""
        return np.random.default_rng([self.seed, epoch]).permutation(self.rows)

    def images(self, steps: int) -> int:
        """Return how many images the first `steps` batches of an epoch have."""
        return min(steps * self.batch_size, len(self.rows))

    def chunks(self) -> tf.data.Dataset:
        """Return row numbers as int32 (batches, batch size), the smaller last batch by itself.

        Autotune is off: its thread can hold up the end of `fit` for seconds.
        """
        options = tf.data.Options()
        options.autotune.enabled = False
        signature = tf.TensorSpec((None, None), tf.int32)
        data = tf.data.Dataset.from_generator(self._generate, output_signature=signature)
        return data.prefetch(2).with_options(options)

    def _generate(self) -> Iterator[np.ndarray]:
        """Yield the chunks; those trained before the run was resumed have no batches."""
        for epoch in range(self.state.epoch, self.state.epochs):
            done = self.state.step if epoch == self.state.epoch else 0
            order, size = self.order(epoch), self.batch_size
            batches = order[: self.whole * size].reshape(-1, size)
            for start in range(0, self.whole, self.chunk):
                yield batches[max(start, done) : max(start + self.chunk, done)]
            if self.steps > self.whole:
                yield order[None, self.whole * size :]


class TrainingModel(keras.Model):
    """The network in training. A step of `fit` takes a chunk of row numbers."""

    def __init__(
        self,
        spec: Spec,
        plan: BatchPlan,
        data: TrainingSet,
        start: dict[str, np.ndarray] | None = None,
    ) -> None:
        """start: the weights by name that a transfer starts from."""
        super().__init__()
        state = plan.state
        self.network = pool_before_relu(build_start(spec, start, spec.training.precision))
        self.criterion = loss(spec.training)
        self.one_hot = spec.training.loss == "categorical_crossentropy"
        self.changes, self.seed = spec.training.augmentation, spec.training.seed
        own = spec.split.handwriting is not None  # an array of this run alone
        self.images, self.labels = (
            (tf.constant(data.images), tf.constant(data.labels)) if own else tensors("train")
        )
        length = state.epochs * plan.steps - state.leg_start
        self.schedule = Schedule(
            spec.training.schedule, state.learning_rate, state.leg_start, length
        )
        self.compile(optimizer(spec.training, self.schedule), jit_compile=False)
        _skip_all_reduce(self.optimizer)
        self.optimizer.build(self.network.trainable_variables)
        self.built = True

    def train_step(self, rows: tf.Tensor) -> dict[str, tf.Tensor]:
        """Train on rows, int32 (batches, batch size); return loss and correct of each batch."""
        signature = (tf.TensorSpec((), tf.float32), tf.TensorSpec((), tf.int32))
        losses, correct = tf.map_fn(
            self._learn, rows, fn_output_signature=signature, parallel_iterations=1
        )
        return {"losses": losses, "correct": correct}

    def _learn(self, rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Take one step of the optimizer; return loss and correct. rows: int32 (batch size,)."""
        images, labels = _gather(self.images, self.labels, rows)
        images = augment(images, self.changes, self.seed, self.optimizer.iterations.value)
        with tf.GradientTape() as tape:
            probabilities = self.network(images, training=True)
            value = self._loss(labels, probabilities)
        variables = self.network.trainable_variables
        self.optimizer.apply(tape.gradient(value, variables), variables)
        return value, _count_correct(labels, probabilities)

    def _loss(self, labels: tf.Tensor, probabilities: tf.Tensor) -> tf.Tensor:
        """Return the mean loss of a batch, weight penalties included, as Keras does."""
        truth = tf.one_hot(labels, CLASSES) if self.one_hot else labels
        return self.criterion(truth, probabilities) + sum(self.network.losses, tf.zeros(()))

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return float32 (n, 10) with the weights as they are. images: uint8 (n, 28, 28)."""
        return self._probabilities(tf.constant(images)).numpy()

    @cached_property
    def _probabilities(self) -> Callable[..., tf.Tensor]:
        def forward(images: tf.Tensor) -> tf.Tensor:
            pixels = tf.expand_dims(tf.cast(images, tf.float32) / 255.0, -1)
            return tf.cast(self.network(pixels, training=False), tf.float32)

        signature = tf.TensorSpec((None, SIDE, SIDE), tf.uint8)
        return tf.function(forward).get_concrete_function(signature)

    @cached_property
    def evaluate_rows(self) -> Callable[..., tuple[tf.Tensor, tf.Tensor]]:
        """A compiled function of images uint8, labels uint8 and rows int32: loss and correct."""
        return tf.function(self._evaluate_rows).get_concrete_function(
            tf.TensorSpec((None, SIDE, SIDE), tf.uint8),
            tf.TensorSpec((None,), tf.uint8),
            tf.TensorSpec((None,), tf.int32),
        )

    def _evaluate_rows(
        self, images: tf.Tensor, labels: tf.Tensor, rows: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        chosen, truth = _gather(images, labels, rows)
        probabilities = self.network(chosen, training=False)
        return self._loss(truth, probabilities), _count_correct(truth, probabilities)

    @property
    def last_learning_rate(self) -> float:
        """The learning rate of the last step."""
        return float(self.schedule(self.optimizer.iterations - 1))

    @property
    def state_variables(self) -> dict[str, keras.Variable]:
        """All variables that a step may change, by name: weights, seeds of dropout, optimizer."""
        weights = {WEIGHTS + weight_name(weight): weight for weight in self.network.weights}
        named = {id(weight) for weight in weights.values()}
        seeds = [variable for variable in self.network.variables if id(variable) not in named]
        rest = {f"seed/{index}": variable for index, variable in enumerate(seeds)}
        for index, variable in enumerate(self.optimizer.variables):
            rest[f"optimizer/{index}"] = variable
        return weights | rest


def pool_before_relu(model: keras.Model) -> keras.Model:
    """Return a model that computes the same with ReLU after max pooling instead of before it.

    The largest value of a window stays the largest under ReLU, so neither values nor gradients
    change, but with windows of 2x2 ReLU has a quarter of the work. Layers and weights are shared
    with `model`, which must not be used afterwards.
    """
    if not isinstance(model, keras.Sequential):
        return model  # what follows a layer is not what stands after it
    relu, pool = keras.activations.relu, keras.layers.MaxPooling2D
    layers = model.layers[:1]
    for before, layer in pairwise(model.layers):
        layers.append(layer)
        if isinstance(layer, pool) and getattr(before, "activation", None) is relu:
            before.activation = keras.activations.linear
            after = {"name": f"{layer.name}_relu", "dtype": layer.dtype_policy}
            layers.append(keras.layers.Activation(relu, **after))
    return keras.Sequential([keras.Input(IMAGE_SHAPE), *layers], name=model.name)


def _skip_all_reduce(optimizer: keras.optimizers.Optimizer) -> None:
    """Let an optimizer take gradients as they are, without summing them over replicas.

    With one replica the sum changes nothing, but TensorFlow keeps the graph that computes it until
    the process ends: 4 MB per run. Keras 3.15 has no public way to leave the sum out.
    """
    optimizer._all_reduce_sum_gradients = list


def _gather(images: tf.Tensor, labels: tf.Tensor, rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the images of rows, float32 (n, 28, 28, 1) in [0, 1], and labels, int32 (n,)."""
    pixels = tf.cast(tf.gather(images, rows), tf.float32) / 255.0
    return tf.expand_dims(pixels, -1), tf.cast(tf.gather(labels, rows), tf.int32)


def _count_correct(labels: tf.Tensor, probabilities: tf.Tensor) -> tf.Tensor:
    right = tf.equal(tf.argmax(probabilities, axis=1, output_type=tf.int32), labels)
    return tf.reduce_sum(tf.cast(right, tf.int32))
