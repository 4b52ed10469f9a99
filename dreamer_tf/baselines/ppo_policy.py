"""The policy of PPO on the robot's own observations."""

from __future__ import annotations

import tensorflow as tf
from tf_agents.agents.ppo import ppo_clip_agent
from tf_agents.policies import tf_policy
from tf_agents.trajectories import policy_step
from tf_agents.trajectories import time_step as ts

from dreamer_tf.baselines.normalised_observation import NormalisedObservation
from dreamer_tf.math.random import make_seed


class PpoPolicy(tf_policy.TFPolicy):
    """Normalises the observation and asks the actor of TF-Agents.

    Args:
      time_step_spec: of the environment.
      inner: whose actor takes normalised observations.
      observations: normalises them.
      greedy: True takes the mode, False samples.
      seed: of sampling.
    """

    def __init__(
        self,
        time_step_spec: ts.TimeStep,
        inner: ppo_clip_agent.PPOClipAgent,
        observations: NormalisedObservation,
        greedy: bool,
        seed: int,
    ):
        super().__init__(time_step_spec, inner.action_spec, clip=False)
        self._actor, self._observations = inner.actor_net, observations
        self._greedy, self._seed = greedy, seed
        self.draw_count = tf.Variable(0, trainable=False, dtype=tf.int64, name="draw_count")

    def _variables(self):
        return [*self._actor.variables, *self._observations.variables]

    def _action(self, time_step, policy_state, seed):
        del seed  # Randomness is a function of the policy's own seed and count.
        distribution, _ = self._actor(
            self._observations(time_step.observation),
            step_type=time_step.step_type,
            network_state=(),
        )
        if self._greedy:
            action = distribution.mode()
        else:
            action = distribution.sample(seed=make_seed(self._seed, self.draw_count))
            self.draw_count.assign_add(1)
        return policy_step.PolicyStep(
            tf.cast(action, self.action_spec.dtype), policy_state, ()
        )

    def _distribution(self, time_step, policy_state):
        raise NotImplementedError("PpoPolicy acts by action()")
