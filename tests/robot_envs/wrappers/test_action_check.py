"""Only sensible actions get to a robot."""

import numpy as np
import pytest
from tf_agents.environments import py_environment
from tf_agents.specs import array_spec
from tf_agents.trajectories import time_step as ts

from robot_envs.errors import RobotError
from robot_envs.wrappers.action_check import ActionCheck


class _Recorder(py_environment.PyEnvironment):
    """Remembers the last action that arrived."""

    def __init__(self, action_spec):
        super().__init__()
        self._action_spec = action_spec
        self.last_action = None

    def action_spec(self):
        return self._action_spec

    def observation_spec(self):
        return {'x': array_spec.ArraySpec((1,), np.float32)}

    def _reset(self):
        return ts.restart({'x': np.zeros(1, np.float32)})

    def _step(self, action):
        self.last_action = action
        return ts.transition({'x': np.zeros(1, np.float32)}, reward=0.0)


def _env(action_spec):
    inner = _Recorder(action_spec)
    env = ActionCheck(inner, robot='toy')
    env.reset()
    return inner, env


def _continuous():
    return _env(array_spec.BoundedArraySpec((2,), np.float32, -1.0, 1.0))


def _discrete():
    return _env(array_spec.BoundedArraySpec((), np.int32, 0, 5))


def test_action_inside_passes_unchanged():
    inner, env = _continuous()
    env.step(np.array([0.25, -1], np.float32))
    np.testing.assert_array_equal(inner.last_action, [0.25, -1])


def test_action_outside_is_clipped_and_gets_the_specs_dtype():
    inner, env = _continuous()
    env.step([3.0, -1.5])
    np.testing.assert_array_equal(inner.last_action, [1, -1])
    assert inner.last_action.dtype == np.float32


@pytest.mark.parametrize('bad', [[np.nan, 0], [0, np.inf], [-np.inf, 0]])
def test_not_finite_is_refused(bad):
    inner, env = _continuous()
    with pytest.raises(RobotError, match='^toy: action: expected finite numbers, found'):
        env.step(np.array(bad))
    assert inner.last_action is None


def test_wrong_shape_is_refused():
    _, env = _continuous()
    with pytest.raises(RobotError, match=r'^toy: action: expected shape \(2,\), found \(3,\)'):
        env.step(np.zeros(3))


@pytest.mark.parametrize('bad', [-1, 6])
def test_discrete_action_that_does_not_exist_is_refused(bad):
    _, env = _discrete()
    with pytest.raises(RobotError, match=f'^toy: action: expected 0 to 5, found {bad}'):
        env.step(bad)


def test_discrete_action_passes():
    inner, env = _discrete()
    env.step(np.int64(5))
    assert inner.last_action == 5 and inner.last_action.dtype == np.int32
