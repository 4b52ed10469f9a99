"""The policy of soft actor-critic on the robot's own observations."""

from __future__ import annotations

import tensorflow as tf
from tf_agents.policies import tf_policy
from tf_agents.trajectories import policy_step
from tf_agents.trajectories import time_step as ts
from tf_agents.utils import tensor_normalizer

from dreamer_tf.baselines.vector_observation import VectorObservation
from dreamer_tf.math.random import make_seed


class SacPolicy(tf_policy.TFPolicy):
    """Normalises the observation and asks the actor of TF-Agents.

    Args:
      time_step_spec: of the environment.
      inner: policy on normalised vectors, with a distribution.
      vectors: of the observation.
      normaliser: of vectors.
      greedy: True takes the mode, False samples.
      seed: of sampling.
    """

    def __init__(
        self,
        time_step_spec: ts.TimeStep,
        inner: tf_policy.TFPolicy,
        vectors: VectorObservation,
        normaliser: tensor_normalizer.TensorNormalizer,
        greedy: bool,
        seed: int,
    ):
        super().__init__(time_step_spec, inner.action_spec, clip=False)
        self._inner, self._vectors, self._normaliser = inner, vectors, normaliser
        self._greedy, self._seed = greedy, seed
        self.draw_count = tf.Variable(0, trainable=False, dtype=tf.int64, name="draw_count")

    def _variables(self):
        return [*self._inner.variables(), *self._normaliser.variables]

    def _action(self, time_step, policy_state, seed):
        del seed  # Randomness is a function of the policy's own seed and count.
        vector = self._normaliser.normalize(self._vectors(time_step.observation, 1))
        distribution = self._inner.distribution(time_step._replace(observation=vector)).action
        if self._greedy:
            action = distribution.mode()
        else:
            action = distribution.sample(seed=make_seed(self._seed, self.draw_count))
            self.draw_count.assign_add(1)
        return policy_step.PolicyStep(action, policy_state, ())

    def _distribution(self, time_step, policy_state):
        raise NotImplementedError("SacPolicy acts by action()")
