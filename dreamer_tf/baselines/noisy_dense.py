"""A dense layer that explores."""

from __future__ import annotations

from typing import Optional

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("dreamer_tf")
class NoisyDense(keras.layers.Layer):
    """y = (M + S * E) x + m + s * e with learnt M, S, m, s and factorised noise E, e.

    Fortunato et al., arXiv 1706.10295, eq. 9 to 11; first values as in its section 3.2.

    Args:
      units: outputs.
      noise_scale: sigma_0.
      **kwargs: of `keras.layers.Layer`.
    """

    def __init__(self, units: int, noise_scale: float = 0.5, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.noise_scale = noise_scale

    def build(self, input_shape):
        size = int(input_shape[-1])
        bound = size**-0.5
        mean = lambda: keras.initializers.RandomUniform(-bound, bound)
        deviation = keras.initializers.Constant(self.noise_scale * bound)
        self.kernel = self.add_weight("kernel", (size, self.units), initializer=mean())
        self.bias = self.add_weight("bias", (self.units,), initializer=mean())
        self.kernel_noise = self.add_weight(
            "kernel_noise", (size, self.units), initializer=deviation
        )
        self.bias_noise = self.add_weight("bias_noise", (self.units,), initializer=deviation)
        super().build(input_shape)

    def call(self, inputs: tf.Tensor, seed: Optional[tf.Tensor] = None) -> tf.Tensor:
        """Maps (B, inputs) to (B, units).

        Args:
          inputs: to the layer.
          seed: (2,) int32 of the noise, which all of the batch share; None for no noise.
        """
        result = tf.matmul(inputs, self.kernel) + self.bias
        if seed is None:
            return result
        noise = factor_noise(self.kernel.shape[0] + self.units, seed)
        rows, columns = noise[: self.kernel.shape[0]], noise[self.kernel.shape[0] :]
        # (S * rows columns^T)^T x, without the outer product.
        noisy = tf.matmul(inputs * rows, self.kernel_noise) + self.bias_noise
        return result + noisy * columns

    def get_config(self):
        return {**super().get_config(), "units": self.units, "noise_scale": self.noise_scale}


def factor_noise(size: int, seed: tf.Tensor) -> tf.Tensor:
    """Returns f of `size` normal numbers, f(x) = sgn(x) sqrt|x|.

    Args:
      size: how many.
      seed: (2,) int32.
    """
    noise = tf.random.stateless_normal((size,), seed)
    return tf.sign(noise) * tf.sqrt(tf.abs(noise))
