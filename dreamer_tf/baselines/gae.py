"""Generalised advantage estimation on sequences that may span the end of an episode."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf


class Advantages(NamedTuple):
    """Of every step but the last of each sequence.

    Attributes:
      advantage: (B, T - 1), 0 where no step was made.
      returns: (B, T - 1), what the value should have been: advantage + value.
      made: (B, T - 1) float32, 0 between the last of an episode and the first of the next.
    """

    advantage: tf.Tensor
    returns: tf.Tensor
    made: tf.Tensor


def advantages(
    reward: tf.Tensor,
    value: tf.Tensor,
    is_first: tf.Tensor,
    is_last: tf.Tensor,
    is_terminal: tf.Tensor,
    discount: float,
    lambda_: float,
) -> Advantages:
    """A_t = d_t + gamma lambda A_{t+1}, d_t = r_{t+1} + gamma v_{t+1} - v_t.

    Schulman et al., arXiv 1506.02438, eq. 16. TF-Agents' own takes every end of an episode as
    terminal; here one that a time limit made is bootstrapped from its last state.

    Args:
      reward: (B, T), each arrived together with its state.
      value: (B, T).
      is_first: (B, T) bool.
      is_last: (B, T) bool.
      is_terminal: (B, T) bool.
      discount: gamma.
      lambda_: in [0, 1].
    """
    number = lambda flags: tf.cast(flags, tf.float32)
    made = 1.0 - number(is_last[:, :-1] | is_first[:, 1:])
    following = discount * (1.0 - number(is_terminal[:, 1:])) * value[:, 1:]
    delta = made * (reward[:, 1:] + following - value[:, :-1])
    # Where no step was made the sum begins anew: its advantage is 0.
    step = lambda after, now: now[0] + discount * lambda_ * now[1] * after
    result = tf.scan(
        step,
        (tf.transpose(delta), tf.transpose(made)),
        tf.zeros_like(delta[:, 0]),
        reverse=True,
    )
    advantage = tf.transpose(result)
    return Advantages(advantage, advantage + value[:, :-1], made)
