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
    posterior: tf.Tensor, prior: tf.Tensor, balance: float, free_nats: float = 0.0
) -> Tuple[tf.Tensor, tf.Tensor]:
    """KL whose gradient moves the prior more than the posterior.

    balance KL(sg(q) || p) + (1 - balance) KL(q || sg(p)) (DreamerV2, arXiv 2010.02193, alg. 2).
    With free nats each of the two is at least that much, and has no gradient below (DreamerV3,
    arXiv 2301.04104v1, eq. 5).

    Args:
      posterior: (..., S, K) probabilities of q.
      prior: (..., S, K) probabilities of p.
      balance: share of the gradient that goes to the prior, .8 in the paper.
      free_nats: of the sum over the S variables; 0 for none.

    Returns:
      The loss (...) and the plain divergence (...) without gradient, equal in value where the
      divergence is above the free nats.
    """
    to_prior = categorical_kl(tf.stop_gradient(posterior), prior)
    to_posterior = categorical_kl(posterior, tf.stop_gradient(prior))
    divergence = tf.stop_gradient(to_prior)
    if free_nats:
        to_prior, to_posterior = (tf.maximum(x, free_nats) for x in (to_prior, to_posterior))
    return balance * to_prior + (1.0 - balance) * to_posterior, divergence
