"""The action filter around a real task: what it starts from and what it keeps."""

import numpy as np
import pytest
from tf_agents.environments import wrappers

from robot_envs.sphero.environment import SpheroEnvironment
from robot_envs.sphero.twin import SpheroTwin
from robot_envs.wrappers.action_filter import ActionFilter
from robot_envs.wrappers.butterworth import Butterworth

START = np.array([0.5, -0.5])


class _Recorder(wrappers.PyEnvironmentBaseWrapper):
    """Remembers the actions that arrive."""

    def __init__(self, env):
        super().__init__(env)
        self.actions = []

    def _step(self, action):
        self.actions.append(np.array(action))
        return self._env.step(action)


def _filtered(restart):
    inner = _Recorder(SpheroEnvironment(SpheroTwin(seed=0), seed=0))
    return inner, ActionFilter(
        inner, cutoff_hz=0.2, rate_hz=2.0, start=lambda _: START, restart=restart)


def _expected(actions, start=START):
    butterworth = Butterworth(cutoff_hz=0.2, rate_hz=2.0)
    butterworth.hold(start)
    return [butterworth(action) for action in actions]


@pytest.mark.parametrize('restart', [True, False])
def test_filter_over_two_episodes(restart):
    inner, env = _filtered(restart)
    actions = list(np.random.default_rng(0).uniform(-1, 1, (8, 2)))
    env.reset()
    for action in actions[:4]:
        env.step(action)
    env.reset()
    for action in actions[4:]:
        env.step(action)
    if restart:
        expected = _expected(actions[:4]) + _expected(actions[4:])
    else:
        expected = _expected(actions)
    np.testing.assert_allclose(inner.actions, expected)
    env.close()


def test_action_that_resets_does_not_reach_the_filter():
    inner = _Recorder(SpheroEnvironment(SpheroTwin(seed=0), seed=0))
    env = ActionFilter(wrappers.TimeLimit(inner, 2), cutoff_hz=0.2, rate_hz=2.0,
                       start=lambda _: START)
    env.reset()
    for _ in range(2):
        env.step(np.ones(2))
    assert env.step(np.ones(2)).is_first()
    env.step(np.ones(2))
    np.testing.assert_allclose(inner.actions[-1], inner.actions[0])
    env.close()


def test_a_robot_that_was_let_go_starts_the_filter_anew():
    """Wherever it is by then, and in the middle of an episode too."""
    inner = _Recorder(SpheroEnvironment(SpheroTwin(seed=0), seed=0))
    places = [START, -START, 0.2 * START]
    follows = iter([True, True, False, True, False, True])
    env = ActionFilter(inner, cutoff_hz=0.2, rate_hz=2.0, start=lambda _: places.pop(0),
                       restart=False, follows=lambda: next(follows))
    actions = list(np.random.default_rng(0).uniform(-1, 1, (6, 2)))
    env.reset()
    for action in actions[:4]:
        env.step(action)
    env.reset()
    for action in actions[4:]:
        env.step(action)
    expected = (_expected(actions[:2]) + _expected(actions[2:4], -START)
                + _expected(actions[4:], 0.2 * START))
    np.testing.assert_allclose(inner.actions, expected)
    assert places == []
    env.close()
