"""Multi-layer perceptron of `NormDense` layers."""

from __future__ import annotations

from typing import List, Optional, Sequence

import keras
import tensorflow as tf

from dreamer_tf.layers.norm_dense import NormDense, NormDenseWeights


@keras.saving.register_keras_serializable("dreamer_tf")
class MLP(keras.layers.Layer):
    """``depth`` layers of ``units``, each Dense, LayerNorm and ELU.

    Args:
      depth: number of layers, at least 1.
      units: outputs of each.
      **kwargs: of `keras.layers.Layer`.
    """

    def __init__(self, depth: int, units: int, **kwargs):
        super().__init__(**kwargs)
        self.depth = depth
        self.units = units
        self.layers: List[NormDense] = [
            NormDense(units, name=f"dense_{i}", dtype=self.dtype_policy) for i in range(depth)
        ]

    def build(self, input_shape):
        for layer in self.layers:
            layer.build(input_shape)
            input_shape = (*input_shape[:-1], self.units)
        super().build(input_shape)

    def prepare(self) -> Sequence[NormDenseWeights]:
        """Returns the weights of all layers, made ready for a loop."""
        return [layer.prepare() for layer in self.layers]

    def call(
        self, inputs: tf.Tensor, weights: Optional[Sequence[NormDenseWeights]] = None
    ) -> tf.Tensor:
        """Maps (..., inputs) to (..., units); ``weights`` from `prepare`, if at hand."""
        weights = weights or self.prepare()
        for layer, layer_weights in zip(self.layers, weights):
            inputs = layer(inputs, layer_weights)
        return inputs

    def get_config(self):
        return {**super().get_config(), "depth": self.depth, "units": self.units}
