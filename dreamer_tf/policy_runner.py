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
        self._dtypes = [spec.dtype.as_numpy_dtype for spec in
                        tf.nest.flatten(policy.time_step_spec)]
        self._step = None
        self._state = tf.nest.flatten(policy.get_initial_state(1))
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
        if self._step is None:
            self._step = self._compile()
        tf.nest.assert_same_structure(time_step, self._policy.time_step_spec)
        values = [tf.constant(np.asarray(value, dtype))
                  for value, dtype in zip(tf.nest.flatten(time_step), self._dtypes)]
        action, *self._state = self._step(*values, *self._state)
        return action.numpy()

    def _compile(self):
        """Returns flat tensors to flat tensors: nests cost a millisecond at every call."""
        policy = self._policy
        state_spec = policy.get_initial_state(1)
        specs = [tf.TensorSpec(spec.shape, spec.dtype)
                 for spec in tf.nest.flatten(policy.time_step_spec)]
        states = [tf.TensorSpec(state.shape, state.dtype) for state in self._state]

        def step(*flat):
            time_step = tf.nest.pack_sequence_as(
                policy.time_step_spec, [value[None] for value in flat[:len(specs)]])
            state = tf.nest.pack_sequence_as(state_spec, list(flat[len(specs):]))
            following = policy.action(time_step, state)
            return [following.action[0], *tf.nest.flatten(following.state)]

        return tf.function(step, autograph=False).get_concrete_function(*specs, *states)
