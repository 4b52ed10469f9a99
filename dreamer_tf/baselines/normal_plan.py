"""Plans of continuous actions."""

from __future__ import annotations

from typing import NamedTuple, Tuple

import tensorflow as tf

from dreamer_tf.math.elites import fit_normal


class NormalBelief(NamedTuple):
    """Where good plans are believed to be.

    Attributes:
      mean: (B, H, A) in [-1, 1].
      std: (B, H, A).
    """

    mean: tf.Tensor
    std: tf.Tensor


class NormalPlan:
    """Independent normals for every step and component; the plan is their mean, (B, H, A).

    Args:
      horizon: H.
      action_size: A.
      std_range: smallest standard deviation of a refit, and the one that a search begins with.
      exploration_std: of the noise on the action that is carried out to collect.
    """

    def __init__(
        self,
        horizon: int,
        action_size: int,
        std_range: Tuple[float, float],
        exploration_std: float,
    ):
        self.shape = (horizon, action_size)
        self._std_range = std_range
        self._exploration_std = exploration_std

    def fresh(self, batch_size) -> tf.Tensor:
        """Returns the plan (B, H, A) of somebody who has none: zeros."""
        return tf.zeros([batch_size, *self.shape])

    def begin(self, plan: tf.Tensor) -> NormalBelief:
        """Returns what a search around a plan (B, H, A) begins with."""
        return NormalBelief(plan, tf.fill(tf.shape(plan), self._std_range[1]))

    def sample(self, belief: NormalBelief, count: int, seed: tf.Tensor) -> tf.Tensor:
        """Draws N candidates (B, N, H, A), clipped to [-1, 1]."""
        shape = [tf.shape(belief.mean)[0], count, *self.shape]
        noise = tf.random.stateless_normal(shape, seed)
        return tf.clip_by_value(belief.mean[:, None] + belief.std[:, None] * noise, -1.0, 1.0)

    def refit(self, elites: tf.Tensor) -> NormalBelief:
        """Fits elites (B, L, H, A)."""
        return NormalBelief(*fit_normal(elites, self._std_range[0]))

    def plan(self, belief: NormalBelief) -> tf.Tensor:
        """Returns the plan (B, H, A)."""
        return belief.mean

    def first(self, belief: NormalBelief) -> tf.Tensor:
        """Returns the first action of the plan, (B, A)."""
        return belief.mean[:, 0]

    def noise(self, batch_size, seed: tf.Tensor) -> tf.Tensor:
        """Returns what `explore` wants, (B, A)."""
        return tf.random.stateless_normal([batch_size, self.shape[1]], seed)

    def explore(self, belief: NormalBelief, noise: tf.Tensor) -> tf.Tensor:
        """Returns a noisy first action, (B, A) in [-1, 1]."""
        return tf.clip_by_value(self.first(belief) + self._exploration_std * noise, -1.0, 1.0)
