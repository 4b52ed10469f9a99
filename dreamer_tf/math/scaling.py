"""Pure updates behind `AdaptiveScale` and `RunningMoments`."""

from __future__ import annotations

from typing import Tuple

import tensorflow as tf

from dreamer_tf.replicas import mean_over_replicas


def next_scale(
    scale: tf.Tensor,
    value: tf.Tensor,
    *,
    target: float,
    minimum: float,
    maximum: float,
    factor: float = 1.1,
    raises_value: bool = False,
) -> tf.Tensor:
    """One multiplicative step of a loss scale that keeps a quantity near its target.

    Args:
      scale: () the scale in use.
      value: () the quantity, measured in this update.
      target: where the quantity should be. Within a factor of it, the scale stays.
      minimum: lower bound of the scale.
      maximum: upper bound of the scale.
      factor: the scale is multiplied or divided by it.
      raises_value: False if a larger scale lowers the quantity (a KL that is
        penalised), True if it raises it (an entropy that is rewarded).

    Returns:
      () the scale for the next update.
    """
    above = value > target * factor
    below = value < target / factor
    if raises_value:
        above, below = below, above
    change = tf.where(above, factor, tf.where(below, 1.0 / factor, 1.0))
    return tf.clip_by_value(scale * change, minimum, maximum)


def decayed_moments(
    mean: tf.Tensor, square: tf.Tensor, values: tf.Tensor, decay: float
) -> Tuple[tf.Tensor, tf.Tensor]:
    """Exponential averages of the first two moments after one more batch.

    Args:
      mean: (*shape) average of the mean so far (not bias-corrected).
      square: (*shape) average of the mean square so far (not bias-corrected).
      values: (..., *shape) the new batch, or a replica's part of it.
      decay: weight of the past.

    Returns:
      The new ``mean`` and ``square``.
    """
    values = tf.cast(values, mean.dtype)
    axes = list(range(values.shape.rank - mean.shape.rank))
    batch_mean, batch_square = mean_over_replicas(
        (tf.reduce_mean(values, axes), tf.reduce_mean(tf.square(values), axes))
    )
    new_mean = decay * mean + (1.0 - decay) * batch_mean
    new_square = decay * square + (1.0 - decay) * batch_square
    return new_mean, new_square
