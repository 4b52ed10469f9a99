"""What heads have in common."""

from __future__ import annotations

import keras
import tensorflow as tf

from dreamer_tf.layers.mlp import MLP


class MLPHead(keras.layers.Layer):
    """An MLP and a linear layer, which starts at zero.

    Args:
      feature_size: F.
      output_size: outputs.
      layers: hidden layers.
      units: of each.
      **kwargs: of `keras.layers.Layer`.
    """

    def __init__(self, feature_size: int, output_size: int, layers: int, units: int, **kwargs):
        super().__init__(**kwargs)
        self.feature_size = feature_size
        self.output_size = output_size
        self.hidden_layers = layers
        self.units = units
        self.mlp = MLP(layers, units, name="mlp", dtype=self.dtype_policy)
        self.output_layer = keras.layers.Dense(
            output_size, kernel_initializer="zeros", name="output", dtype=self.dtype_policy
        )

    def build(self, input_shape=None):
        self.mlp.build((None, self.feature_size))
        self.output_layer.build((None, self.units))
        super().build(input_shape)

    def call(self, features: tf.Tensor) -> tf.Tensor:
        """Maps features (..., F) to the raw outputs (..., output_size), float32."""
        return tf.cast(self.output_layer(self.mlp(features)), tf.float32)

    def get_config(self):
        return {
            **super().get_config(),
            "feature_size": self.feature_size,
            "output_size": self.output_size,
            "layers": self.hidden_layers,
            "units": self.units,
        }
