"""The policy of Rainbow."""

from __future__ import annotations

import tensorflow as tf
from tf_agents.policies import tf_policy
from tf_agents.trajectories import policy_step
from tf_agents.trajectories import time_step as ts

from dreamer_tf.baselines.double_c51_agent import DoubleC51Agent
from dreamer_tf.baselines.normalised_observation import NormalisedObservation
from dreamer_tf.baselines.rainbow_network import RainbowNetwork
from dreamer_tf.math.random import make_seed


class RainbowPolicy(tf_policy.TFPolicy):
    """Takes the action of the highest value; the noise of the network is what explores.

    Args:
      time_step_spec: of the environment.
      inner: knows action spec and values.
      network: that learns.
      observations: prepares them for the network.
      greedy: True leaves the noise out.
      seed: of the noise.
    """

    def __init__(
        self,
        time_step_spec: ts.TimeStep,
        inner: DoubleC51Agent,
        network: RainbowNetwork,
        observations: NormalisedObservation,
        greedy: bool,
        seed: int,
    ):
        super().__init__(time_step_spec, inner.action_spec, clip=False)
        self._inner, self._network, self._observations = inner, network, observations
        self._greedy, self._seed = greedy, seed
        self.draw_count = tf.Variable(0, trainable=False, dtype=tf.int64, name="draw_count")

    def _variables(self):
        return [*self._network.variables, *self._observations.variables]

    def _action(self, time_step, policy_state, seed):
        del seed  # Randomness is a function of the policy's own seed and count.
        noise = None
        if not self._greedy:
            noise = make_seed(self._seed, self.draw_count)
            self.draw_count.assign_add(1)
        logits, _ = self._network(self._observations(time_step.observation), seed=noise)
        action = tf.argmax(self._inner.values(logits), -1, output_type=self.action_spec.dtype)
        return policy_step.PolicyStep(action, policy_state, ())

    def _distribution(self, time_step, policy_state):
        raise NotImplementedError("RainbowPolicy acts by action()")
