"""The cross-entropy method's steps: choose the best candidates, fit a distribution to them.

N is the number of candidates, L that of elites (Rubinstein and Kroese, 2004; in a world model:
PlaNet, arXiv 1811.04551, algorithm 2).
"""

from __future__ import annotations

from typing import Tuple

import tensorflow as tf


def choose_elites(candidates: tf.Tensor, score: tf.Tensor, count: int) -> tf.Tensor:
    """Returns the candidates of the highest scores, the best first.

    Args:
      candidates: (B, N, ...).
      score: (B, N); what is not a number is never chosen before a number.
      count: L.

    Returns:
      (B, L, ...).
    """
    score = tf.where(tf.math.is_nan(score), score.dtype.min, score)
    return tf.gather(candidates, tf.math.top_k(score, count).indices, batch_dims=1)


def fit_normal(elites: tf.Tensor, min_std: float) -> Tuple[tf.Tensor, tf.Tensor]:
    """Fits independent normals to continuous actions.

    Args:
      elites: (B, L, ...).
      min_std: smallest standard deviation.

    Returns:
      Mean and standard deviation over L (that of a population), each (B, ...).
    """
    mean = tf.reduce_mean(elites, 1)
    variance = tf.reduce_mean(tf.math.squared_difference(elites, mean[:, None]), 1)
    return mean, tf.maximum(tf.sqrt(variance), min_std)


def fit_categorical(elites: tf.Tensor, uniform_share: float) -> tf.Tensor:
    """Fits independent categoricals to one-hot actions.

    Args:
      elites: (B, L, ..., A) one-hot.
      uniform_share: of the uniform distribution in the result.

    Returns:
      (B, ..., A) class probabilities.
    """
    share = tf.reduce_mean(elites, 1)
    return (1.0 - uniform_share) * share + uniform_share / elites.shape[-1]
