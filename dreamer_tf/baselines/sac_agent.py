"""Soft actor-critic of TF-Agents on our replay."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Tuple

import tensorflow as tf
from tf_agents.agents import tf_agent
from tf_agents.agents.sac import sac_agent
from tf_agents.environments import py_environment
from tf_agents.trajectories import policy_step, trajectory
from tf_agents.trajectories import time_step as ts
from tf_agents.utils import tensor_normalizer

from dreamer_tf.baselines.sac_policy import SacPolicy
from dreamer_tf.baselines.vector_observation import VectorObservation
from dreamer_tf.errors import UserError
from dreamer_tf.policy_runner import PolicyRunner
from dreamer_tf.types import IS_FIRST, IS_TERMINAL, PREV_ACTION, REWARD, Batch


class SacAgent:
    """Turns sequences of replay into transitions and gives them to TF-Agents' `SacAgent`.

    Args:
      time_step_spec: of the environment.
      inner: on vectors of all observations.
      vectors: makes those vectors.
      normaliser: of vectors; learns their mean and variance from the batches.
      step_signature: spec of one step of replay.
      seed: of the sampling policy.
    """

    num_discrete_actions = None

    def __init__(
        self,
        time_step_spec: ts.TimeStep,
        inner: sac_agent.SacAgent,
        vectors: VectorObservation,
        normaliser: tensor_normalizer.TensorNormalizer,
        step_signature: Mapping[str, tf.TensorSpec],
        seed: int,
    ):
        self.replay_signature = dict(step_signature)
        self.inner, self.normaliser, self._vectors = inner, normaliser, vectors
        self.train_step_counter = inner.train_step_counter
        self.policies = {
            greedy: SacPolicy(
                time_step_spec, inner.collect_policy, vectors, normaliser, greedy, seed
            )
            for greedy in (False, True)
        }
        self.variables = [*inner.variables, *normaliser.variables]

    def runner(self, env: py_environment.PyEnvironment, *, greedy: bool) -> PolicyRunner:
        """See `TrainedAgent.runner`."""
        del env
        return PolicyRunner(self.policies[greedy])

    def train(self, experience: Batch) -> tf_agent.LossInfo:
        """Makes one update from all transitions of (B, T, ...) sequences.

        Raises:
          UserError: T is 1, which holds no transition.
        """
        transition, weights = self._transitions(experience)
        info = self.inner.train(transition, weights)
        return tf_agent.LossInfo(
            info.loss,
            {
                "sac/critic_loss": info.extra.critic_loss,
                "sac/actor_loss": info.extra.actor_loss,
                "sac/alpha_loss": info.extra.alpha_loss,
                "sac/alpha": tf.exp(self.inner._log_alpha),
            },
        )

    def _transitions(self, batch: Batch) -> Tuple[trajectory.Transition, tf.Tensor]:
        """Returns B * (T-1) transitions and a weight of 0 for those that span two episodes."""
        if batch[REWARD].shape[1] < 2:
            raise UserError("the agent sac needs Trainer.sequence_length of 2 or more")
        vector = self._vectors({key: batch[key] for key in self._vectors.keys}, 2)
        before, after = _flat(vector[:, :-1]), _flat(vector[:, 1:])
        self.normaliser.update(before, outer_dims=[0])
        discount = 1.0 - tf.cast(_flat(batch[IS_TERMINAL][:, 1:]), tf.float32)
        reward = _flat(batch[REWARD][:, 1:])
        step_type = tf.fill(tf.shape(reward), ts.StepType.MID)
        transition = trajectory.Transition(
            ts.TimeStep(
                step_type,
                tf.zeros_like(reward),
                tf.ones_like(reward),
                self.normaliser.normalize(before),
            ),
            policy_step.PolicyStep(_flat(batch[PREV_ACTION][:, 1:])),
            ts.TimeStep(step_type, reward, discount, self.normaliser.normalize(after)),
        )
        return transition, 1.0 - tf.cast(_flat(batch[IS_FIRST][:, 1:]), tf.float32)

    def checkpoint_items(self) -> Dict[str, Any]:
        """See `TrainedAgent.checkpoint_items`."""
        return {
            "agent": self.inner,
            "normaliser": self.normaliser,
            "train_step": self.train_step_counter,
            "draw_count": self.policies[False].draw_count,
        }


def _flat(values: tf.Tensor) -> tf.Tensor:
    """Returns (B * T, ...) of (B, T, ...)."""
    return tf.reshape(values, tf.concat([[-1], tf.shape(values)[2:]], 0))
