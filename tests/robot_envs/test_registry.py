"""The registry finds robots and refuses what it does not know, in one line."""

import numpy as np
import pytest

from robot_envs import registry
from robot_envs.errors import RobotError


def _message(call) -> str:
    with pytest.raises(RobotError) as caught:
        call()
    message = str(caught.value)
    assert '\n' not in message
    return message


def test_names_and_entries_agree():
    assert registry.names() == ['sphero', 'a1', 'ur5', 'xarm']
    assert [registry.get(name).name for name in registry.names()] == registry.names()


def test_rates_and_episodes_are_those_of_the_robots_own_constants():
    from robot_envs.a1 import constants as a1
    from robot_envs.arms import constants as arms
    from robot_envs.sphero import constants as sphero
    from robot_envs.ur5 import constants as ur5
    from robot_envs.xarm import constants as xarm

    own = {'a1': (a1, a1), 'sphero': (sphero, sphero), 'ur5': (ur5, arms), 'xarm': (xarm, arms)}
    assert sorted(own) == sorted(registry.names())
    for name, (robot, task) in own.items():
        entry = registry.get(name)
        assert entry.rate_hz == robot.RATE_HZ
        assert entry.episode_steps == task.EPISODE_STEPS


def test_unknown_robot_lists_the_known():
    message = _message(lambda: registry.make('roomba', seed=0))
    assert "'roomba'" in message
    assert all(name in message for name in registry.names())
    assert 'dmc:<domain>_<task>' in message and 'gym:<id>' in message


def test_unknown_backend_lists_the_known():
    message = _message(lambda: registry.make('sphero', seed=0, backend='bluetooth'))
    assert 'sphero' in message and "'bluetooth'" in message and 'twin' in message


def test_unknown_override_lists_the_known():
    message = _message(lambda: registry.make('a1', seed=0, colour='red'))
    assert "'colour'" in message and 'episode_steps' in message


def test_overrides_reach_the_robot():
    env = registry.make('a1', seed=0, episode_steps=3)
    env.reset()
    steps = [env.step(np.zeros(12, np.float32)) for _ in range(3)]
    assert [bool(step.is_last()) for step in steps] == [False, False, True]
    env.close()
