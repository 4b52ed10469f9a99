"""Makes up for what is drawn more often."""

from __future__ import annotations

import tensorflow as tf


def importance_weights(
    probability: tf.Tensor, table_size: tf.Tensor, exponent: tf.Tensor
) -> tf.Tensor:
    """Returns (N P)^-beta over its largest, (B,) float32 (Schaul et al., arXiv 1511.05952, 3.4).

    Args:
      probability: (B,) P of each draw, above 0.
      table_size: (B,) N, items that could be drawn.
      exponent: () beta; 0 gives all the weight 1.
    """
    likelihood = tf.cast(probability, tf.float32) * tf.cast(table_size, tf.float32)
    weights = tf.pow(tf.maximum(likelihood, 1e-12), -exponent)
    return weights / tf.reduce_max(weights)
