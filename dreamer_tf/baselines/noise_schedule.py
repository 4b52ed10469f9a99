"""How much a deterministic policy explores."""

from __future__ import annotations

from typing import Tuple

import tensorflow as tf


def linear_schedule(step: tf.Tensor, scale_range: Tuple[float, float], steps: int) -> tf.Tensor:
    """Goes in a straight line from the first to the second scale and stays there.

    Args:
      step: () integer.
      scale_range: first and last standard deviation.
      steps: after which the last one holds, at least 1.

    Returns:
      () float32 standard deviation (arXiv 2107.09645, eq. 3).
    """
    first, last = scale_range
    share = tf.clip_by_value(tf.cast(step, tf.float32) / steps, 0.0, 1.0)
    return first + share * (last - first)
