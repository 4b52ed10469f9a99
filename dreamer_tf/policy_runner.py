"""A compiled policy for one robot."""
from __future__ import annotations

import numpy as np
import tensorflow as tf
from tf_agents.policies import tf_policy
from tf_agents.trajectories import time_step as ts


class PolicyRunner:
    """Calls a `TFPolicy` at batch size 1 and keeps its state between the steps.

    The policy is compiled once; eager calls cost more than a hundred milliseconds.
    """

    def __init__(self, policy: tf_policy.TFPolicy):
        """Compiles at the first call.

        Args:
          policy: resets its own state at the first step of an episode, as TF-Agents' do.
        """
        self._policy = policy
        self._compiled = tf.function(policy.action, autograph=False)
        self._state = policy.get_initial_state(1)
        self._fresh = True

    def action(self, time_step: ts.TimeStep) -> np.ndarray:
        """Returns the action for a time step without batch dimension.

        Args:
          time_step: numpy arrays, observations as the environment gives them.

        Returns:
          float32 (A,), or an int32 scalar when actions are discrete.
        """
        if self._fresh:  # in the middle of an episode too: there is no belief to go on from
            time_step = time_step._replace(step_type=ts.StepType.FIRST)
            self._fresh = False
        batched = tf.nest.map_structure(
            lambda value, spec: tf.convert_to_tensor(np.asarray(value)[None], spec.dtype),
            time_step, self._policy.time_step_spec)
        step = self._compiled(batched, self._state)
        self._state = step.state
        return step.action.numpy()[0]
