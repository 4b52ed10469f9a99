"""Returns of n steps from sequences that may span the end of an episode."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf


class NStep(NamedTuple):
    """What n steps after the first of a sequence gave.

    Attributes:
      returns: (B,) discounted rewards until n steps are made or the episode ends.
      discount: (B,) factor of the value of the state that was reached: 0 behind a terminal one.
      steps: (B,) int32, how many were made; 0 where the first state was the last of an episode.
    """

    returns: tf.Tensor
    discount: tf.Tensor
    steps: tf.Tensor


def n_step_return(
    reward: tf.Tensor,
    is_first: tf.Tensor,
    is_last: tf.Tensor,
    is_terminal: tf.Tensor,
    discount: float,
) -> NStep:
    """Sums rewards as n-step DDPG does (Barth-Maron et al., arXiv 1804.08617, eq. 7).

    An episode that ends without being terminal is bootstrapped from its last state.

    Args:
      reward: (B, n + 1), each arrived together with its state; that of the first does not count.
      is_first: (B, n + 1) bool.
      is_last: (B, n + 1) bool.
      is_terminal: (B, n + 1) bool.
      discount: gamma.

    Returns:
      Of the first state of each sequence.
    """
    number = lambda flags: tf.cast(flags, tf.float32)
    # A step was made if no state from the first to the one before it ended the episode.
    goes_on = 1.0 - number(is_last[:, :-1] | is_first[:, 1:])
    made = tf.math.cumprod(goes_on, axis=1)  # (B, n)
    powers = tf.constant([discount**k for k in range(reward.shape[1] - 1)], tf.float32)
    steps = tf.reduce_sum(made, 1)
    ends = tf.reduce_max(made * number(is_terminal[:, 1:]), 1)
    return NStep(
        tf.reduce_sum(powers * made * reward[:, 1:], 1),
        discount**steps * (1.0 - ends),
        tf.cast(steps, tf.int32),
    )
