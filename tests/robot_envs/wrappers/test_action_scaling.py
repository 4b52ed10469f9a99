"""Actions in [-1, 1] reach an environment in its own units."""

import numpy as np
import pytest
from echo_environment import EchoEnvironment
from tf_agents.specs import array_spec

from robot_envs.errors import RobotError
from robot_envs.wrappers.action_scaling import ActionScaling


def _bounded(low, high, dtype=np.float32, shape=(2,)):
    return array_spec.BoundedArraySpec(shape, dtype, low, high, "action")


@pytest.mark.parametrize(
    "action, expected", [((-1, -1), (-2, 10)), ((1, 1), (2, 30)), ((0, -0.5), (0, 15))]
)
def test_maps_linearly_onto_the_bounds(action, expected):
    inner = EchoEnvironment(_bounded([-2, 10], [2, 30], np.float64))
    env = ActionScaling(inner, robot="arm")
    assert env.action_spec() == _bounded(-1.0, 1.0)
    env.reset()
    env.step(np.array(action, np.float32))
    np.testing.assert_allclose(inner.actions[-1], expected)
    assert inner.actions[-1].dtype == np.float64


def test_never_leaves_the_bounds_by_rounding():
    inner = EchoEnvironment(_bounded(-0.1, 0.7, shape=(1,)))
    env = ActionScaling(inner, robot="arm")
    env.reset()
    for action in (-1.0, 1.0):
        env.step(np.full(1, action, np.float32))
        assert np.float32(-0.1) <= inner.actions[-1][0] <= np.float32(0.7)


def test_discrete_actions_pass():
    inner = EchoEnvironment(_bounded(0, 3, np.int32, ()))
    env = ActionScaling(inner, robot="arm")
    assert env.action_spec() == inner.action_spec()
    env.reset()
    env.step(np.int32(2))
    assert inner.actions[-1] == 2


@pytest.mark.parametrize("low, high", [(-np.inf, 1), (0, np.inf), (1, 1)])
def test_bounds_that_cannot_be_scaled_are_refused_by_name(low, high):
    with pytest.raises(RobotError, match="^arm: action: expected finite bounds"):
        ActionScaling(EchoEnvironment(_bounded(low, high)), robot="arm")
