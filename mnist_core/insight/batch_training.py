"""Some steps of a run's own optimizer on one batch, observed. Imports TensorFlow."""

from itertools import groupby
from threading import Lock

import numpy as np
import tensorflow as tf

from mnist_core.insight.feature_maps import pixels
from mnist_core.insight.observation import Layer, Observation, Variable, table
from mnist_core.network.layers import CLASSES
from mnist_core.network.spec import Spec
from mnist_core.training.model import assign, build, loss, optimizer, weight_name, weights_of


class BatchTrainer:
    """A network and its optimizer, which start anew for every observation.

    The learning rate is that of the spec, without a schedule. The network works as in prediction:
    float32, no dropout, moving averages in batch normalization. Model and optimizer are kept, since
    TensorFlow does not give back 40 kB for each variable of theirs.
    """

    def __init__(self, spec: Spec, weights: dict[str, np.ndarray]) -> None:
        """weights: the trained ones, named as in `training.model.weights_of`."""
        self.trained = weights
        self.model = build(spec.network, seed=spec.training.seed)
        self.fresh = weights_of(self.model)
        self.optimizer = optimizer(spec.training, spec.training.learning_rate)
        self.optimizer.build(self.model.trainable_variables)
        self._start = [variable.numpy() for variable in self.optimizer.variables]
        self._criterion = loss(spec.training)
        self._one_hot = spec.training.loss == "categorical_crossentropy"
        self._lock = Lock()

    def observe(
        self, fresh: bool, images: np.ndarray, labels: np.ndarray, steps: int
    ) -> Observation:
        """Train on a batch `steps` times, at least once, and return what was seen.

        fresh: start from the initial weights and not from the trained ones. images: uint8
        (n, 28, 28), ink bright; labels: (n,).
        """
        with self._lock:
            assign(self.model, self.fresh if fresh else self.trained)
            for variable, value in zip(self.optimizer.variables, self._start, strict=True):
                variable.assign(value)
            return self._observe(pixels(images), tf.constant(labels), steps)

    def _observe(self, inputs: tf.Tensor, labels: tf.Tensor, steps: int) -> Observation:
        trained = self.model.trainable_variables
        losses, probabilities, values, slopes = [], [], [], []
        truth = tf.one_hot(labels, CLASSES) if self._one_hot else labels
        for done in range(steps + 1):
            with tf.GradientTape() as tape:
                answers = self.model(inputs, training=False)
                penalties = sum(self.model.losses, tf.zeros(()))
                value = self._criterion(truth, answers) + penalties
            losses.append(float(value))
            probabilities.append(answers.numpy())
            values.append([variable.numpy() for variable in trained])
            if done < steps:
                gradient = tape.gradient(value, trained)
                slopes.append([slope.numpy() for slope in gradient])
                self.optimizer.apply(gradient, trained)
        names = [weight_name(variable) for variable in trained]
        return Observation(
            np.array(losses), np.stack(probabilities), _layers(names, values, slopes)
        )


def _layers(
    names: list[str], values: list[list[np.ndarray]], slopes: list[list[np.ndarray]]
) -> tuple[Layer, ...]:
    """Return the variables by layer. values, slopes: at each step those of each variable."""
    layers = []
    for layer, group in groupby(range(len(names)), lambda at: names[at].rpartition("/")[0]):
        own = list(group)
        variables = [
            Variable(
                names[at],
                values[0][at].shape,
                np.stack([table(step[at]) for step in values]),
                np.stack([table(step[at]) for step in slopes]),
            )
            for at in own
        ]
        sizes = [
            float(np.abs(np.concatenate([step[at].ravel() for at in own])).mean())
            for step in (values[-2], slopes[-1])
        ]
        layers.append(Layer(layer, tuple(variables), *sizes))
    return tuple(layers)
