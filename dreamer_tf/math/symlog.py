"""Symmetric logarithm, which squashes targets of unknown range."""

from __future__ import annotations

import tensorflow as tf
import tensorflow_probability as tfp


def symlog(x: tf.Tensor) -> tf.Tensor:
    """sign(x) ln(1 + |x|), elementwise (DreamerV3, arXiv 2301.04104, eq. 9)."""
    return tf.sign(x) * tf.math.log1p(tf.abs(x))


def symexp(x: tf.Tensor) -> tf.Tensor:
    """sign(x) (exp(|x|) - 1), elementwise: the inverse of `symlog`."""
    return tf.sign(x) * tf.math.expm1(tf.abs(x))


def symexp_bijector() -> tfp.bijectors.Bijector:
    """Returns `symexp` as a TFP bijector, to show heads as distributions of the plain value."""
    return tfp.bijectors.Inline(
        forward_fn=symexp,
        inverse_fn=symlog,
        forward_log_det_jacobian_fn=tf.abs,
        inverse_log_det_jacobian_fn=lambda y: -tf.math.log1p(tf.abs(y)),
        forward_min_event_ndims=0,
        is_increasing=True,
        name="symexp",
    )
