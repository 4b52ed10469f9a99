"""TF-Agents' C51 with double Q, noisy networks and a loss for every sample."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
from tf_agents.agents import tf_agent
from tf_agents.agents.categorical_dqn import categorical_dqn_agent
from tf_agents.agents.dqn import dqn_agent
from tf_agents.trajectories import time_step as ts
from tf_agents.trajectories import trajectory

from dreamer_tf.math.random import make_seed


class DoubleC51Agent(categorical_dqn_agent.CategoricalDqnAgent):
    """Learns from transitions whose next step is n steps away (Hessel et al., arXiv 1710.02298).

    `experience` is a `Transition`: reward and discount of its next time step are the n-step
    return and the factor of the value there. Noise is a function of seed and updates.

    Args:
      *args: of `CategoricalDqnAgent`.
      seed: of the noise.
      **kwargs: of `CategoricalDqnAgent`; the networks' call takes `seed`.
    """

    def __init__(self, *args: Any, seed: int, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._seed = seed

    @property
    def support(self) -> tf.Tensor:
        """(atoms,) returns that the distributions are over."""
        return self._support

    def _loss(
        self,
        experience: trajectory.Transition,
        td_errors_loss_fn=None,
        gamma: float = 1.0,
        reward_scale_factor: float = 1.0,
        weights=None,
        training: bool = False,
    ) -> tf_agent.LossInfo:
        """Returns the mean of the weighted divergences; `extra.td_loss` is each one's, (B,)."""
        del td_errors_loss_fn, gamma, reward_scale_factor  # in the transitions already
        seeds = tf.random.experimental.stateless_split(
            make_seed(self._seed, self.train_step_counter), 3
        )
        now, step, later = experience
        logits, _ = self._q_network(
            now.observation, step_type=now.step_type, training=training, seed=seeds[0]
        )
        chosen = tf.gather(logits, step.action, axis=1, batch_dims=1)
        divergence = kl_divergence(self._target(later, seeds[1], seeds[2]), chosen)
        return tf_agent.LossInfo(
            tf.reduce_mean(weights * divergence), dqn_agent.DqnLossInfo(divergence, ())
        )

    def _target(self, later: ts.TimeStep, own: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Returns what the chosen action's distribution should be, (B, atoms).

        The online network chooses the action there, the target network tells its distribution
        (section 4: double Q-learning), shifted, shrunk and projected back on the support.
        """
        choice, _ = self._q_network(later.observation, step_type=later.step_type, seed=own)
        action = tf.argmax(self.values(choice), -1, output_type=tf.int32)
        logits, _ = self._target_q_network(
            later.observation, step_type=later.step_type, seed=seed
        )
        there = tf.nn.softmax(tf.gather(logits, action, axis=1, batch_dims=1))
        support = later.reward[:, None] + later.discount[:, None] * self._support
        return tf.stop_gradient(
            categorical_dqn_agent.project_distribution(support, there, self._support)
        )

    def values(self, logits: tf.Tensor) -> tf.Tensor:
        """Returns expected returns (..., A) of logits (..., A, atoms)."""
        return tf.reduce_sum(tf.nn.softmax(logits) * self._support, -1)


def kl_divergence(target: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Returns KL(target || softmax(logits)) of the last axis, 0 or more: loss and priority.

    Its gradient is the cross-entropy's; unlike that one it is 0 where there is nothing to learn.

    Args:
      target: (..., atoms) probabilities.
      logits: (..., atoms).
    """
    cross = -tf.reduce_sum(target * tf.nn.log_softmax(logits), -1)
    entropy = -tf.reduce_sum(tf.math.xlogy(target, target), -1)
    return tf.maximum(cross - entropy, 0.0)
