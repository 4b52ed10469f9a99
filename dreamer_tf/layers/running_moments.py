"""Mean and standard deviation of a stream of batches."""

from __future__ import annotations

from typing import Tuple

import keras
import tensorflow as tf

from dreamer_tf.math.scaling import decayed_moments


@keras.saving.register_keras_serializable("dreamer_tf")
class RunningMoments(keras.layers.Layer):
    """Exponentially decayed moments with bias correction, as Adam's.

    Args:
      decay: weight of the past.
      epsilon: smallest standard deviation that is returned.
      **kwargs: of `keras.layers.Layer`.
    """

    def __init__(self, decay: float = 0.99, epsilon: float = 1e-6, **kwargs):
        super().__init__(dtype=tf.float32, **kwargs)
        self.decay = decay
        self.epsilon = epsilon

    def build(self, input_shape=None):
        for name in ("average", "square", "weight"):
            setattr(
                self, name, self.add_weight(name, (), initializer="zeros", trainable=False)
            )
        super().build(input_shape)

    def call(self, values: tf.Tensor) -> Tuple[tf.Tensor, tf.Tensor]:
        """Takes in a batch (...), returns mean () and standard deviation () with it."""
        mean, square = decayed_moments(
            self.average, self.square, tf.stop_gradient(values), self.decay
        )
        weight = self.decay * self.weight + (1.0 - self.decay)
        self.average.assign(mean)
        self.square.assign(square)
        self.weight.assign(weight)
        mean, square = mean / weight, square / weight
        variance = tf.maximum(square - tf.square(mean), self.epsilon**2)
        return mean, tf.sqrt(variance)

    def get_config(self):
        config = super().get_config()
        config.pop("dtype")
        return {**config, "decay": self.decay, "epsilon": self.epsilon}
