"""What heads of one number have in common."""

from __future__ import annotations



import keras
import tensorflow as tf

from dreamer_tf.layers.mlp import MLP



class ScalarHead(keras.layers.Layer):
    """An MLP and one linear output, which starts at zero.

    Args:
      feature_size: F.
      layers: hidden layers.
      units: of each.
      **kwargs: of `keras.layers.Layer`.
    """

    def __init__(self, feature_size: int, layers: int, units: int, **kwargs):
        super().__init__(**kwargs)
        self.feature_size = feature_size
        self.hidden_layers = layers
        self.units = units
        self.mlp = MLP(layers, units, name="mlp", dtype=self.dtype_policy)
        self.output_layer = keras.layers.Dense(
            1, kernel_initializer="zeros", name="output", dtype=self.dtype_policy
        )

    def build(self, input_shape=None):
        self.mlp.build((None, self.feature_size))
        self.output_layer.build((None, self.units))
        super().build(input_shape)

    def call(self, features: tf.Tensor) -> tf.Tensor:
        """Maps features (..., F) to the raw output (...), float32."""
        return tf.cast(self.output_layer(self.mlp(features))[..., 0], tf.float32)

    def get_config(self):
        return {
            **super().get_config(),
            "feature_size": self.feature_size,
            "layers": self.hidden_layers,
            "units": self.units,
        }
