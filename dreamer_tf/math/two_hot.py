"""A number as weights of the two bins beside it."""

from __future__ import annotations

import tensorflow as tf


def two_hot(x: tf.Tensor, low: float, high: float, count: int) -> tf.Tensor:
    """Spreads numbers over the two bins beside them, so that the weighted mean is the number.

    DreamerV3, arXiv 2301.04104v1, eq. 10, for bins at equal distances: the weight of a bin is
    1 minus its distance to the number, in distances of bins, and 0 from there on.

    Args:
      x: (...); outside of [low, high] it counts as the nearer end.
      low: the first bin.
      high: the last bin.
      count: of bins, at least 2.

    Returns:
      (..., count) float32, at most two neighbours of which are not 0; their sum is 1.
    """
    place = (tf.clip_by_value(x, low, high) - low) * ((count - 1) / (high - low))
    distance = tf.abs(place[..., None] - tf.range(count, dtype=tf.float32))
    return tf.nn.relu(1.0 - distance)
