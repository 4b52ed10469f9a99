"""The gates of a GRU with LayerNorm, with little to remember."""

from __future__ import annotations

import tensorflow as tf

from dreamer_tf.math.norm_act import inverse_deviation, norm_gradient
from dreamer_tf.math.wide_rows import scale_and_shift

_UPDATE_BIAS = -1.0


@tf.custom_gradient
def norm_gru(
    products: tf.Tensor, state: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor
) -> tf.Tensor:
    """The next state of a GRU from the products of its inputs and state with its kernel.

        r, c, u = split(LayerNorm(products)),  h' = (1 - u) h + u tanh(r c)

    with sigmoids of r and u, as in DreamerV2 (arXiv 2010.02193); u starts nearly closed (bias -1),
    so that the state starts as a slow memory.

    The gradient computes the gates again from what was normalised: a loop over time keeps 3 D
    numbers a step beside the state, where TensorFlow would keep 8 D.

    Args:
      products: (N, 3 D) with zero mean over the last axis, see `norm_act`.
      state: (N, D).
      scale: (3 D,) of the LayerNorm.
      offset: (3 D,) of the LayerNorm.

    Returns:
      (N, D).
    """
    inverse = inverse_deviation(products)
    normed = products * inverse
    _, _, candidate, update = _gates(normed, scale, offset)

    def grad(upstream):
        reset, before, candidate, update = _gates(normed, scale, offset)
        inner = tf.raw_ops.TanhGrad(y=candidate, dy=upstream * update)
        d_gates = [
            tf.raw_ops.SigmoidGrad(y=reset, dy=inner * before),
            inner * reset,
            tf.raw_ops.SigmoidGrad(y=update, dy=upstream * (candidate - state)),
        ]
        d_state = upstream - upstream * update
        d_products, d_scale, d_offset = norm_gradient(
            tf.concat(d_gates, -1), normed, inverse, scale
        )
        return d_products, d_state, d_scale, d_offset

    return state + update * (candidate - state), grad


def _gates(normed, scale, offset):
    reset, before, update = tf.split(scale_and_shift(normed, scale, offset), 3, -1)
    reset = tf.sigmoid(reset)
    return reset, before, tf.tanh(reset * before), tf.sigmoid(update + _UPDATE_BIAS)
