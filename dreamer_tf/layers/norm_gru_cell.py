"""GRU cell with LayerNorm."""

from __future__ import annotations

from typing import Optional

import keras
import tensorflow as tf

from dreamer_tf.layers.norm_dense import NormDense, NormDenseWeights
from dreamer_tf.math.norm_gru import norm_gru
from dreamer_tf.math.product import product


@keras.saving.register_keras_serializable("dreamer_tf")
class NormGRUCell(keras.layers.Layer):
    """One step of the recurrent part of the RSSM (DreamerV2, arXiv 2010.02193).

    All three gates come from one product with [x, h] and one LayerNorm, see `norm_gru`.

    Args:
      units: size D of the state.
      **kwargs: of `keras.layers.Layer`.
    """

    def __init__(self, units: int, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.gates = NormDense(3 * units, name="gates", dtype=self.dtype_policy)

    def build(self, input_shape):
        self.gates.build((None, input_shape[-1] + self.units))
        super().build(input_shape)

    def prepare(self) -> NormDenseWeights:
        """Returns the weights, made ready for a loop."""
        return self.gates.prepare()

    def call(
        self, inputs: tf.Tensor, state: tf.Tensor, weights: Optional[NormDenseWeights] = None
    ) -> tf.Tensor:
        """Maps inputs (..., X) and state (..., D) to the next state (..., D)."""
        # Keras casts the first argument only.
        state = tf.cast(state, self.compute_dtype)
        kernel, scale, offset = weights or self.prepare()
        return norm_gru(product(tf.concat([inputs, state], -1), kernel), state, scale, offset)

    def get_config(self):
        return {**super().get_config(), "units": self.units}
