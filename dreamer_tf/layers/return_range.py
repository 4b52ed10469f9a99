"""How far apart returns lie."""

from __future__ import annotations

from typing import Tuple

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from dreamer_tf.replicas import mean_over_replicas


@keras.saving.register_keras_serializable("dreamer_tf")
class ReturnRange(keras.layers.Layer):
    """Exponentially decayed range between two percentiles (DreamerV3, arXiv 2301.04104v1, eq. 12).

    With bias correction, as `RunningMoments`: the first batch counts in full. On several devices
    it is the mean of the ranges of their parts of the batch.

    Args:
      decay: weight of the past.
      percentiles: the lower and the upper one.
      minimum: the smallest range that is returned: smaller returns are not blown up.
      **kwargs: of `keras.layers.Layer`.
    """

    def __init__(
        self,
        decay: float = 0.99,
        percentiles: Tuple[float, float] = (5.0, 95.0),
        minimum: float = 1.0,
        **kwargs,
    ):
        super().__init__(dtype=tf.float32, **kwargs)
        self.decay = decay
        self.percentiles = tuple(percentiles)
        self.minimum = minimum

    def build(self, input_shape=None):
        for name in ("average", "weight"):
            setattr(
                self, name, self.add_weight(name, (), initializer="zeros", trainable=False)
            )
        super().build(input_shape)

    def call(self, returns: tf.Tensor) -> tf.Tensor:
        """Takes in a batch of returns (...), gives the range () with it, without gradient."""
        returns = tf.stop_gradient(tf.cast(returns, tf.float32))
        low, high = tf.unstack(
            tfp.stats.percentile(returns, self.percentiles, interpolation="linear")
        )
        average = self.decay * self.average + (1.0 - self.decay) * mean_over_replicas(high - low)
        weight = self.decay * self.weight + (1.0 - self.decay)
        self.average.assign(average)
        self.weight.assign(weight)
        return tf.maximum(average / weight, self.minimum)

    def get_config(self):
        config = super().get_config()
        config.pop("dtype")
        names = ("decay", "percentiles", "minimum")
        return {**config, **{name: getattr(self, name) for name in names}}
