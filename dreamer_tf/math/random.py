"""Stateless random numbers: a function of a seed and of counters, so a run can be resumed."""

from __future__ import annotations

from typing import Sequence, Union

import tensorflow as tf

Shape = Union[Sequence[int], tf.Tensor]


def make_seed(seed: int, *counters: tf.Tensor) -> tf.Tensor:
    """Folds counters into a seed.

    Args:
      seed: the run's seed.
      *counters: integers or integer scalars, for example the number of updates done.

    Returns:
      (2,) int32, to be given to `tf.random.stateless_*`.
    """
    folded = tf.constant([seed & 0x7FFFFFFF, 0x5EED], tf.int32)
    for counter in counters:
        folded = tf.random.experimental.stateless_fold_in(folded, tf.cast(counter, tf.int32))
    return folded


def race_noise(shape: Shape, seed: tf.Tensor) -> tf.Tensor:
    """Noise that turns class probabilities into a draw: the largest ``p * noise`` wins.

    1 / E with E exponential: the Gumbel-max trick (Maddison et al., arXiv 1411.0030) in
    probabilities, with one logarithm for each number instead of two.

    Args:
      shape: of the noise, as that of the probabilities.
      seed: (2,) int32.

    Returns:
      float32 noise, positive.
    """
    return race(tf.random.stateless_uniform(shape, seed))


def race(uniform: tf.Tensor) -> tf.Tensor:
    """Returns the noise of `race_noise` made of uniform numbers in [0, 1)."""
    return -1.0 / tf.math.log(tf.maximum(uniform, 1e-20))
