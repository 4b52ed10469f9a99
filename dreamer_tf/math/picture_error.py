"""Squared errors of pictures, with a gradient of few passes over them."""

from __future__ import annotations

import tensorflow as tf


def picture_error(
    logits: tf.Tensor, target: tf.Tensor, large_error_weight: float = 0.0
) -> tf.Tensor:
    """Sum of e^2 (1 + w e^2) over the numbers of a picture, e = sigmoid(logits) - target.

    Args:
      logits: (..., height, width, channels) float32.
      target: of the same shape, in [0, 1]; gets no gradient.
      large_error_weight: w, see `Decoder`.

    Returns:
      (...) float32.
    """
    leading = tf.shape(logits)[:-3]
    numbers = logits.shape[-3] * logits.shape[-2] * logits.shape[-1]
    flat = lambda x: tf.reshape(x, [-1, numbers])
    errors = _error(flat(logits), tf.stop_gradient(flat(target)), large_error_weight)
    return tf.ensure_shape(tf.reshape(errors, leading), logits.shape[:-3])


def _error(logits, target, weight):
    @tf.custom_gradient
    def error(logits):
        prediction = tf.sigmoid(logits)
        difference = prediction - target
        square = tf.square(difference)
        total = tf.reduce_sum(square * (1.0 + weight * square) if weight else square, -1)

        def grad(upstream):
            slope = difference * (2.0 * upstream[:, None])
            if weight:
                slope *= 1.0 + 2.0 * weight * square
            return tf.raw_ops.SigmoidGrad(y=prediction, dy=slope)

        return total, grad

    return error(logits)
