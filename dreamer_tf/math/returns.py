"""Lambda-returns."""

from __future__ import annotations

from typing import Optional

import tensorflow as tf


def lambda_return(
    reward: tf.Tensor, discount: tf.Tensor, value: tf.Tensor, lambda_: float
) -> tf.Tensor:
    """Mixes all n-step returns of imagined trajectories.

    V_t = r_{t+1} + d_{t+1} ((1 - lambda) v_{t+1} + lambda V_{t+1}), V_H = v_H
    (DreamerV2, arXiv 2010.02193, eq. 4), for t = 0 ... H-1.

    Args:
      reward: (H, ...) reward at the state that action t led to, r_1 ... r_H.
      discount: (H, ...) gamma times the probability to continue there, d_1 ... d_H.
      value: (H, ...) value there, v_1 ... v_H.
      lambda_: in [0, 1]; 0 gives one-step returns, 1 Monte-Carlo with bootstrap.

    Returns:
      (H, ...) returns V_0 ... V_{H-1}.

    Raises:
      ValueError: if the horizon is not static or shapes differ.
    """
    horizon = reward.shape[0]
    if horizon is None:
        raise ValueError("lambda_return needs a static horizon, got shape %s" % reward.shape)
    reward.shape.assert_is_compatible_with(discount.shape)
    reward.shape.assert_is_compatible_with(value.shape)
    one_step = reward + (1.0 - lambda_) * discount * value
    carry = lambda_ * discount
    following = value[-1]
    returns = []
    for t in reversed(range(horizon)):
        following = one_step[t] + carry[t] * following
        returns.append(following)
    return tf.stack(returns[::-1])


def discounted_sum(
    reward: tf.Tensor, discount: tf.Tensor, value: Optional[tf.Tensor] = None
) -> tf.Tensor:
    """What trajectories are worth from their first state on.

    r_1 + d_1 r_2 + d_1 d_2 r_3 + ... + d_1 ... d_{H-1} r_H + d_1 ... d_H v_H: `lambda_return` at
    t = 0 for lambda 1, without the others.

    Args:
      reward: (H, ...) reward at the state that action t led to, r_1 ... r_H.
      discount: (H, ...) gamma times the probability to continue there, d_1 ... d_H.
      value: (...) of the last state, v_H; None counts as 0.

    Returns:
      (...) sum.
    """
    weight = tf.math.cumprod(discount, exclusive=True)
    total = tf.reduce_sum(weight * reward, 0)
    return total if value is None else total + weight[-1] * discount[-1] * value
