"""Dense layer, LayerNorm and ELU as one."""

from __future__ import annotations

from typing import NamedTuple, Optional

import keras
import tensorflow as tf

from dreamer_tf.math.norm_act import centre, norm_act
from dreamer_tf.math.product import product, rounded


class NormDenseWeights(NamedTuple):
    """What a `NormDense` computes with: made once, used in every step of a loop.

    Attributes:
      kernel: (inputs, units), centred over units.
      scale: (units,).
      offset: (units,).
    """

    kernel: tf.Tensor
    scale: tf.Tensor
    offset: tf.Tensor


@keras.saving.register_keras_serializable("dreamer_tf")
class NormDense(keras.layers.Layer):
    """x -> ELU(LayerNorm(x W)).

    Args:
      units: outputs.
      **kwargs: of `keras.layers.Layer`.
    """

    def __init__(self, units: int, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.kernel = self.add_weight(
            "kernel", (input_shape[-1], self.units), initializer="glorot_uniform"
        )
        self.scale = self.add_weight("scale", (self.units,), initializer="ones")
        self.offset = self.add_weight("offset", (self.units,), initializer="zeros")
        super().build(input_shape)

    def prepare(self) -> NormDenseWeights:
        """Returns the weights in the compute dtype, the kernel centred and `rounded`."""
        cast = lambda x: tf.cast(x, self.compute_dtype)
        kernel = rounded(cast(centre(tf.convert_to_tensor(self.kernel), 1)))
        return NormDenseWeights(kernel, cast(self.scale), cast(self.offset))

    def finish(self, products: tf.Tensor, weights: NormDenseWeights) -> tf.Tensor:
        """Normalises and activates products with (parts of) the prepared kernel.

        Args:
          products: (..., units), x W, possibly summed from parts of x.
          weights: from `prepare`.

        Returns:
          (..., units).
        """
        return norm_act(products, weights.scale, weights.offset)

    def call(self, inputs: tf.Tensor, weights: Optional[NormDenseWeights] = None) -> tf.Tensor:
        """Maps (..., inputs) to (..., units); ``weights`` from `prepare`, if at hand."""
        weights = weights or self.prepare()
        inputs = tf.cast(inputs, self.compute_dtype)
        return self.finish(product(inputs, weights.kernel), weights)

    def get_config(self):
        return {**super().get_config(), "units": self.units}
