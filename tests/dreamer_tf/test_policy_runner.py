"""A policy for one robot: what it answers, what it keeps, what it refuses."""
import numpy as np
import pytest
import tensorflow as tf
from tf_agents.policies import tf_policy
from tf_agents.specs import tensor_spec
from tf_agents.trajectories import policy_step
from tf_agents.trajectories import time_step as ts

from dreamer_tf.policy_runner import PolicyRunner


class Adder(tf_policy.TFPolicy):
    """Answers the sum of `b` and of all that it has seen of `a` since the episode's first step."""

    def __init__(self):
        observation = {'b': tf.TensorSpec((2,), tf.float32), 'a': tf.TensorSpec((2,), tf.uint8)}
        super().__init__(
            ts.time_step_spec(observation),
            tensor_spec.BoundedTensorSpec((2,), tf.float32, -1e3, 1e3),
            policy_state_spec={'seen': tf.TensorSpec((2,), tf.float32)})

    def _variables(self):
        return []

    def _action(self, time_step, policy_state, seed):
        before = tf.where(time_step.is_first()[:, None], 0.0, policy_state['seen'])
        seen = before + tf.cast(time_step.observation['a'], tf.float32)
        return policy_step.PolicyStep(seen + time_step.observation['b'], {'seen': seen}, ())


def step_of(a, b, step_type=ts.StepType.MID):
    observation = {'a': np.array(a, np.uint8), 'b': np.array(b, np.float32)}
    return ts.TimeStep(np.array(step_type), np.float32(0), np.float32(1), observation)


def test_state_is_kept_until_an_episode_begins():
    runner = PolicyRunner(Adder())
    np.testing.assert_array_equal(runner.action(step_of([1, 2], [.5, 0])), [1.5, 2])
    np.testing.assert_array_equal(runner.action(step_of([10, 20], [0, .5])), [11, 22.5])
    first = step_of([3, 3], [0, 0], ts.StepType.FIRST)
    np.testing.assert_array_equal(runner.action(first), [3, 3])
    np.testing.assert_array_equal(runner.action(step_of([1, 1], [0, 0])), [4, 4])


def test_a_step_in_the_middle_is_the_first_of_a_new_runner():
    runner = PolicyRunner(Adder())
    runner._state = [tf.constant([[7.0, 7.0]])]
    np.testing.assert_array_equal(runner.action(step_of([1, 1], [0, 0])), [1, 1])


def test_other_observations_are_refused():
    other = step_of([1, 1], [0, 0])._replace(observation={'a': np.zeros(2, np.uint8)})
    with pytest.raises(ValueError):
        PolicyRunner(Adder()).action(other)
