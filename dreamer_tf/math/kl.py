"""Kullback-Leibler divergence of categorical states, and its balanced gradient."""

from __future__ import annotations

from typing import Tuple

import tensorflow as tf


def categorical_kl(p: tf.Tensor, q: tf.Tensor) -> tf.Tensor:
    """KL(p || q) in nats, summed over the S independent variables.

    Args:
      p: (..., S, K) class probabilities, all positive.
      q: (..., S, K) class probabilities, all positive.

    Returns:
      (...) divergence.
    """
    return tf.reduce_sum(p * (tf.math.log(p) - tf.math.log(q)), [-2, -1])


def balanced_kl(
    posterior: tf.Tensor, prior: tf.Tensor, balance: float
) -> Tuple[tf.Tensor, tf.Tensor]:
    """KL whose gradient moves the prior more than the posterior.

    balance KL(sg(q) || p) + (1 - balance) KL(q || sg(p)) (DreamerV2, arXiv 2010.02193, alg. 2).

    Args:
      posterior: (..., S, K) probabilities of q.
      prior: (..., S, K) probabilities of p.
      balance: share of the gradient that goes to the prior, .8 in the paper.

    Returns:
      The loss (...) and the plain divergence (...) without gradient, equal in value.
    """
    to_prior = categorical_kl(tf.stop_gradient(posterior), prior)
    to_posterior = categorical_kl(posterior, tf.stop_gradient(prior))
    loss = balance * to_prior + (1.0 - balance) * to_posterior
    return loss, tf.stop_gradient(to_prior)
