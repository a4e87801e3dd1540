"""Adam and AdamW with one TensorFlow operation per variable. Imports TensorFlow."""

import keras
import tensorflow as tf


class _FusedUpdate(keras.optimizers.Adam):
    """Takes the step of Adam in one operation, where Keras takes a dozen.

    Each of the dozen reads and writes a whole variable: together they took an eighth of a step of
    note-1. The formula is Keras's, up to rounding; `amsgrad` is not supported.
    """

    def update_step(
        self, gradient: tf.Tensor, variable: keras.Variable, learning_rate: tf.Tensor
    ) -> None:
        place = self._get_variable_index(variable)
        step = tf.cast(self.iterations.value + 1, variable.dtype)
        moments = self._momentums[place], self._velocities[place]
        target, mean, square = (
            each.value.handle if isinstance(each, keras.Variable) else each.handle
            for each in (variable, *moments)
        )
        tf.raw_ops.ResourceApplyAdam(
            var=target,
            m=mean,
            v=square,
            beta1_power=tf.pow(self.beta_1, step),
            beta2_power=tf.pow(self.beta_2, step),
            lr=tf.cast(learning_rate, variable.dtype),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=tf.cast(gradient, variable.dtype),
        )


class FusedAdam(_FusedUpdate):
    """Adam with the fused step."""


class FusedAdamW(_FusedUpdate, keras.optimizers.AdamW):
    """AdamW with the fused step; Keras subtracts the weight decay before it."""
