"""Some steps of a run's own optimizer on one batch, observed. Imports TensorFlow."""

from itertools import groupby
from threading import Lock
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from mnist_core.insight.feature_maps import pixels
from mnist_core.insight.observation import Layer, Observation, Variable, table
from mnist_core.network.spec import Spec
from mnist_core.training.gradients import batch_loss
from mnist_core.training.model import assign, build_start, optimizer, weight_name, weights_of


class BatchTrainer:
    """A network and its optimizer, which start again for every observation.

    The learning rate is that of the spec, without a schedule. The network works as in prediction:
    float32, no dropout, moving averages in batch normalization. Model and optimizer are kept, since
    TensorFlow never frees 40 kB for each of their variables.
    """

    def __init__(
        self,
        spec: Spec,
        weights: dict[str, np.ndarray],
        start: dict[str, np.ndarray] | None = None,
    ) -> None:
        """Build the network.

        weights: the trained ones, named as in `training.model.weights_of`; start: the weights that
        a transfer starts from.
        """
        self.trained = weights
        self.model = build_start(spec, start)
        self.fresh = weights_of(self.model)
        self.optimizer = optimizer(spec.training, spec.training.learning_rate)
        self.optimizer.build(self.model.trainable_variables)
        self._start = [variable.numpy().flat[0] for variable in self.optimizer.variables]
        self._training = spec.training
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
                variable.assign(np.full(variable.shape, value))
            return self._observe(pixels(images), labels, steps)

    def _observe(self, inputs: tf.Tensor, labels: np.ndarray, steps: int) -> Observation:
        trained = self.model.trainable_variables
        losses, probabilities, seen = [], [], _Tables([weight_name(each) for each in trained])
        for done in range(steps + 1):
            with tf.GradientTape() as tape:
                answers, value = batch_loss(self.model, self._training, inputs, labels)
            losses.append(float(value))
            probabilities.append(answers.numpy())
            seen.add_weights([variable.numpy() for variable in trained])
            if done < steps:
                gradient = tape.gradient(value, trained)
                seen.add_gradients([slope.numpy() for slope in gradient])
                self.optimizer.apply(gradient, trained)
        return Observation(np.array(losses), np.stack(probabilities), seen.layers())


class _Tables:
    """The tables of all variables over the steps, and the mean sizes of each layer.

    The whole arrays, of which a table may be a small part, are not kept.
    """

    def __init__(self, names: list[str]) -> None:
        """names: of the variables, such as conv2d_1/kernel."""
        self._names = names
        by_layer = groupby(range(len(names)), lambda at: names[at].rpartition("/")[0])
        self._layers = {layer: list(own) for layer, own in by_layer}
        self._shapes: list[tuple[int, ...]] = []
        self._weights: list[_State] = []
        self._gradients: list[_State] = []

    def add_weights(self, arrays: list[np.ndarray]) -> None:
        self._shapes = [array.shape for array in arrays]
        self._weights.append(self._state(arrays))

    def add_gradients(self, arrays: list[np.ndarray]) -> None:
        self._gradients.append(self._state(arrays))

    def _state(self, arrays: list[np.ndarray]) -> "_State":
        tables = [table(array).copy() for array in arrays]
        sizes = {
            layer: sum(float(np.abs(arrays[at]).sum()) for at in own)
            / sum(arrays[at].size for at in own)
            for layer, own in self._layers.items()
        }
        return _State(tables, sizes)

    def layers(self) -> tuple[Layer, ...]:
        return tuple(
            Layer(
                layer,
                tuple(self._variable(at) for at in own),
                np.array([state.sizes[layer] for state in self._weights]),
                np.array([state.sizes[layer] for state in self._gradients]),
            )
            for layer, own in self._layers.items()
        )

    def _variable(self, at: int) -> Variable:
        return Variable(
            self._names[at],
            self._shapes[at],
            np.stack([state.tables[at] for state in self._weights]),
            np.stack([state.tables[at] for state in self._gradients]),
        )


class _State(NamedTuple):
    """The table of each variable at one time, and the mean absolute value in each layer."""

    tables: list[np.ndarray]
    sizes: dict[str, float]
