"""An action never jumps."""

import numpy as np
import pytest
from echo_environment import EchoEnvironment

from robot_envs.wrappers.step_clip import StepClip


def _start(_):
    return np.array([0.5, 0.0])


def _step(env, *action):
    env.step(np.array(action, np.float32))


def test_moves_by_the_limit_until_it_is_there():
    inner = EchoEnvironment()
    env = StepClip(inner, max_change=0.2, start=_start)
    env.reset()
    for _ in range(4):
        _step(env, 1.0, -0.3)
    expected = [(0.7, -0.2), (0.9, -0.3), (1.0, -0.3), (1.0, -0.3)]
    np.testing.assert_allclose(inner.actions, expected, rtol=1e-6)
    assert inner.actions[0].dtype == np.float32
    assert env.get_info() == {"steps": 4, "step_clips": 2}


def test_a_limit_for_each_motor():
    inner = EchoEnvironment()
    env = StepClip(inner, max_change=(0.1, 2.0), start=_start)
    env.reset()
    _step(env, -1.0, -1.0)
    np.testing.assert_allclose(inner.actions, [(0.4, -1.0)], rtol=1e-6)


@pytest.mark.parametrize("restart, expected", [(True, 0.6), (False, 0.2)])
def test_a_reset_starts_anew_only_if_the_robot_does(restart, expected):
    inner = EchoEnvironment()
    env = StepClip(inner, max_change=0.2, start=_start, restart=restart)
    env.reset()
    for _ in range(3):
        _step(env, -0.0, 0.0)
    env.reset()
    _step(env, 0.6, 0.0)
    assert inner.actions[-1][0] == pytest.approx(expected)


@pytest.mark.parametrize("change", [0.0, (0.1, -0.1), (0.1, 0.1, 0.1), np.nan])
def test_a_wrong_limit_is_refused(change):
    with pytest.raises(ValueError, match="max_change must be positive"):
        StepClip(EchoEnvironment(), max_change=change, start=_start)
