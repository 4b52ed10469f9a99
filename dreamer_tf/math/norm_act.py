"""LayerNorm and ELU in few passes over memory."""

from __future__ import annotations

from typing import Tuple

import tensorflow as tf

from dreamer_tf.math.wide_rows import pixels_at_once, scale_and_shift, sum_to_channels

EPSILON = 1e-3


def centre(kernel: tf.Tensor, axis: int) -> tf.Tensor:
    """Takes the mean over the output channels out of a kernel.

    What a centred kernel gives has zero mean over its channels, so the LayerNorm
    that follows has no mean to subtract from the (much larger) activations.

    Args:
      kernel: weights of a matrix product or convolution.
      axis: the axis of its output channels.

    Returns:
      The centred kernel, same shape.
    """
    return kernel - tf.reduce_mean(kernel, axis, keepdims=True)


@tf.custom_gradient
def norm_act(x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor) -> tf.Tensor:
    """LayerNorm over the last axis of zero-mean input, then ELU.

    elu(scale x / sqrt(mean(x^2) + epsilon) + offset): the same as LayerNorm (Ba et al.,
    arXiv 1607.06450) of anything whose kernel went through `centre`. One gradient,
    written by hand, for both.

    Args:
      x: (..., C) with zero mean over C.
      scale: (C,).
      offset: (C,).

    Returns:
      (..., C).
    """
    inverse = inverse_deviation(x)
    normed = x * inverse
    y = tf.nn.elu(scale_and_shift(normed, scale, offset))

    def grad(dy):
        du = tf.raw_ops.EluGrad(gradients=dy, outputs=y)
        return norm_gradient(du, normed, inverse, scale)

    return y, grad


def inverse_deviation(x: tf.Tensor) -> tf.Tensor:
    """Returns 1 / sqrt(mean(x^2) + epsilon) over the last axis of x (..., C), as (..., 1)."""
    square = tf.reduce_mean(tf.square(x), -1, keepdims=True)
    return tf.math.rsqrt(square + tf.cast(EPSILON, x.dtype))


def norm_gradient(
    du: tf.Tensor, normed: tf.Tensor, inverse: tf.Tensor, scale: tf.Tensor
) -> Tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """The gradient of a LayerNorm of zero-mean input.

    Args:
      du: (..., C) gradient of scale normed + offset.
      normed: (..., C) the input times ``inverse``.
      inverse: (..., 1) from `inverse_deviation`.
      scale: (C,).

    Returns:
      Gradients of the input (..., C), of the scale and of the offset (C,).
    """
    channels, pixels = du.shape[-1], pixels_at_once(normed)
    shape = tf.shape(du)
    du, normed = tf.reshape(du, [-1, channels]), tf.reshape(normed, [-1, channels])
    inverse = tf.reshape(inverse, [-1, 1])
    along = du * normed
    d_scale, d_offset = sum_to_channels(along, pixels), sum_to_channels(du, pixels)
    # mean over C of (du scale normed), as a product with a vector: cheaper than a reduction.
    mean = tf.matmul(along, scale[:, None] / channels, name="MatVec")
    dx = inverse * (du * scale - normed * mean)
    return tf.reshape(dx, shape), d_scale, d_offset
