"""Plans of discrete actions."""

from __future__ import annotations

import tensorflow as tf

from dreamer_tf.math.distributions import one_hot_mode, one_hot_sample
from dreamer_tf.math.elites import fit_categorical
from dreamer_tf.math.random import race_noise


class CategoricalPlan:
    """Independent categoricals for every step; the plan is their probabilities, (B, H, A).

    Args:
      horizon: H.
      action_size: A, the number of actions.
      uniform_share: of the uniform distribution in what a search begins with, beside the plan of
        the step before.
      min_share: of the uniform distribution in a refit.
      exploration_share: of the uniform distribution in the action that is carried out to collect.
    """

    def __init__(
        self,
        horizon: int,
        action_size: int,
        uniform_share: float,
        min_share: float,
        exploration_share: float,
    ):
        self.shape = (horizon, action_size)
        self._uniform_share = uniform_share
        self._min_share = min_share
        self._exploration_share = exploration_share

    def fresh(self, batch_size) -> tf.Tensor:
        """Returns the plan (B, H, A) of somebody who has none: uniform."""
        return tf.fill([batch_size, *self.shape], 1.0 / self.shape[1])

    def begin(self, plan: tf.Tensor) -> tf.Tensor:
        """Returns what a search around a plan (B, H, A) begins with."""
        return self._mixed(plan, self._uniform_share)

    def sample(self, belief: tf.Tensor, count: int, seed: tf.Tensor) -> tf.Tensor:
        """Draws N candidates (B, N, H, A), one-hot."""
        noise = race_noise([tf.shape(belief)[0], count, *self.shape], seed)
        return one_hot_sample(tf.broadcast_to(belief[:, None], tf.shape(noise)), noise)

    def refit(self, elites: tf.Tensor) -> tf.Tensor:
        """Fits elites (B, L, H, A)."""
        return fit_categorical(elites, self._min_share)

    def plan(self, belief: tf.Tensor) -> tf.Tensor:
        """Returns the plan (B, H, A)."""
        return belief

    def first(self, belief: tf.Tensor) -> tf.Tensor:
        """Returns the likeliest first action, (B, A) one-hot."""
        return one_hot_mode(belief[:, 0])

    def noise(self, batch_size, seed: tf.Tensor) -> tf.Tensor:
        """Returns what `explore` wants, (B, A)."""
        return race_noise([batch_size, self.shape[1]], seed)

    def explore(self, belief: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
        """Returns the plan's first action or, by chance, any: (B, A) one-hot."""
        return one_hot_sample(self._mixed(self.first(belief), self._exploration_share), noise)

    def _mixed(self, probs, share):
        return (1.0 - share) * probs + share / self.shape[1]
