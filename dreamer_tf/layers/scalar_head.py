"""Heads of one output."""

from __future__ import annotations

import tensorflow as tf

from dreamer_tf.layers.mlp_head import MLPHead


class ScalarHead(MLPHead):
    """An MLP and one linear output, which starts at zero.

    Args:
      feature_size: F.
      layers: hidden layers.
      units: of each.
      **kwargs: of `keras.layers.Layer`.
    """

    def __init__(self, feature_size: int, layers: int, units: int, **kwargs):
        super().__init__(feature_size, 1, layers, units, **kwargs)

    def call(self, features: tf.Tensor) -> tf.Tensor:
        """Maps features (..., F) to the raw output (...), float32."""
        return super().call(features)[..., 0]

    def get_config(self):
        config = super().get_config()
        config.pop("output_size")
        return config
