"""A loss scale that keeps a quantity near its target."""

from __future__ import annotations

import keras
import tensorflow as tf

from dreamer_tf.math.scaling import next_scale
from dreamer_tf.replicas import mean_over_replicas


@keras.saving.register_keras_serializable("dreamer_tf")
class AdaptiveScale(keras.layers.Layer):
    """Holds a scale; each call uses it and then moves it a step.

    Args:
      target: where the quantity should be.
      initial: first scale.
      minimum: lower bound.
      maximum: upper bound.
      factor: of one step.
      raises_value: whether a larger scale raises the quantity; see `next_scale`.
      **kwargs: of `keras.layers.Layer`.
    """

    def __init__(
        self,
        target: float,
        initial: float,
        minimum: float,
        maximum: float,
        factor: float = 1.1,
        raises_value: bool = False,
        **kwargs,
    ):
        super().__init__(dtype=tf.float32, **kwargs)
        self.target = target
        self.initial = initial
        self.minimum = minimum
        self.maximum = maximum
        self.factor = factor
        self.raises_value = raises_value

    def build(self, input_shape=None):
        self.scale = self.add_weight(
            "scale", (), initializer=keras.initializers.Constant(self.initial), trainable=False
        )
        super().build(input_shape)

    def call(self, value: tf.Tensor) -> tf.Tensor:
        """Returns the scale () in use; then adapts it to the measured mean of ``value``."""
        scale = tf.identity(self.scale)
        following = next_scale(
            scale,
            mean_over_replicas(tf.reduce_mean(tf.stop_gradient(value))),
            target=self.target,
            minimum=self.minimum,
            maximum=self.maximum,
            factor=self.factor,
            raises_value=self.raises_value,
        )
        with tf.control_dependencies([scale]):
            self.scale.assign(following)
        return tf.stop_gradient(scale)

    def get_config(self):
        config = super().get_config()
        config.pop("dtype")
        names = ("target", "initial", "minimum", "maximum", "factor", "raises_value")
        return {**config, **{name: getattr(self, name) for name in names}}
