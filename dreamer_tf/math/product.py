"""Matrix products with a kernel."""

from __future__ import annotations

import tensorflow as tf


def product(x: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """x W as one matrix product, however many axes ``x`` has.

    `tf.matmul` of a tensor of more axes makes one product for each entry of the leading
    ones, and in the gradient as many kernels, which it then adds up.

    Args:
      x: (..., I).
      kernel: (I, O).

    Returns:
      (..., O).
    """
    if x.shape.rank == 2:
        return tf.matmul(x, kernel)
    flat = tf.matmul(tf.reshape(x, [-1, kernel.shape[0]]), kernel)
    result = tf.reshape(flat, tf.concat([tf.shape(x)[:-1], kernel.shape[1:]], 0))
    return tf.ensure_shape(result, [*x.shape[:-1], kernel.shape[1]])
