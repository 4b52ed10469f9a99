"""Values and advantages to action values."""

from __future__ import annotations

import tensorflow as tf


def combine(value: tf.Tensor, advantage: tf.Tensor) -> tf.Tensor:
    """Returns the logits of the actions' return distributions.

    v + a - mean of a over the actions, atom by atom (Wang et al., arXiv 1511.06581, eq. 9, and
    Hessel et al., arXiv 1710.02298, section 4).

    Args:
      value: (B, atoms).
      advantage: (B, A, atoms).

    Returns:
      (B, A, atoms).
    """
    return value[:, None] + advantage - tf.reduce_mean(advantage, 1, keepdims=True)
