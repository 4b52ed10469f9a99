"""The signature of one replay step from the specs of an environment."""

import numpy as np
import pytest
import tensorflow as tf
from tf_agents.specs import array_spec
from tf_agents.trajectories import time_step as ts

from dreamer_tf.errors import UserError
from dreamer_tf.replay.alignment import step_from_time_step
from dreamer_tf.replay.step_spec import num_discrete_actions, replay_step_spec

OBSERVATION = {
    "image": array_spec.BoundedArraySpec((8, 8, 3), np.uint8, 0, 255),
    "imu": array_spec.ArraySpec((4,), np.float32),
}
CONTINUOUS = array_spec.BoundedArraySpec((2,), np.float32, -1.0, 1.0)
DISCRETE = array_spec.BoundedArraySpec((), np.int32, 0, 4)


@pytest.mark.parametrize(
    "action_spec, size, prev_action",
    [(CONTINUOUS, 2, np.ones(2, np.float32)), (DISCRETE, 5, np.int32(4))],
)
def test_spec_is_what_alignment_makes(action_spec, size, prev_action):
    spec = replay_step_spec(ts.time_step_spec(OBSERVATION), action_spec)
    assert spec["prev_action"].shape == (size,)
    observation = {key: np.zeros(s.shape, s.dtype) for key, s in OBSERVATION.items()}
    step = step_from_time_step(
        ts.transition(observation, 0.5), prev_action, num_discrete_actions(action_spec)
    )
    assert step.keys() == spec.keys()
    for key, value in step.items():
        assert spec[key].shape == value.shape, key
        assert spec[key].dtype == value.dtype, key


def test_tensor_specs_work_too():
    observation = {"x": tf.TensorSpec((3,), tf.float32)}
    spec = replay_step_spec(ts.time_step_spec(observation), tf.TensorSpec((2,), tf.float32))
    assert spec["x"] == tf.TensorSpec((3,), tf.float32, name="x")


@pytest.mark.parametrize(
    "observation, message",
    [
        (array_spec.ArraySpec((3,), np.float32), "flat dict"),
        ({"a": {"b": array_spec.ArraySpec((), np.float32)}}, "flat dict"),
        ({"reward": array_spec.ArraySpec((), np.float32)}, "rename"),
    ],
)
def test_unfit_observations_are_refused(observation, message):
    with pytest.raises(UserError, match=message):
        replay_step_spec(ts.time_step_spec(observation), CONTINUOUS)


@pytest.mark.parametrize(
    "action_spec, message",
    [
        (array_spec.BoundedArraySpec((2, 3), np.float32, -1, 1), "shape"),
        (array_spec.BoundedArraySpec((2,), np.int32, 0, 3), "whole number"),
        (array_spec.BoundedArraySpec((), np.int32, 1, 3), "counted from 0"),
        ({"arm": CONTINUOUS}, "one array"),
    ],
)
def test_unfit_actions_are_refused(action_spec, message):
    with pytest.raises(UserError, match=message):
        num_discrete_actions(action_spec)
