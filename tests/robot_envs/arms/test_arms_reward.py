"""The reward of pick and place in every state."""

import pytest

from robot_envs.arms import constants as c
from robot_envs.arms.reward import holds, reward


@pytest.mark.parametrize('position, expected', [
    (0.0, False), (0.015, False), (0.016, True), (0.5, True), (0.984, True), (0.985, False),
    (1.0, False)])
def test_holds(position, expected):
    assert holds(position) is expected


@pytest.mark.parametrize('held, holding, grasped, side, expected', [
    (False, False, c.OTHER, c.LEFT, 0), (False, True, c.OTHER, c.LEFT, 1),
    (False, True, c.OTHER, c.RIGHT, 1), (True, True, c.LEFT, c.LEFT, 0),
    (True, False, c.LEFT, c.LEFT, -1), (True, False, c.RIGHT, c.RIGHT, -1),
    (True, True, c.LEFT, c.RIGHT, 10), (True, True, c.RIGHT, c.LEFT, 10),
    (True, True, c.RIGHT, c.OTHER, 0),  # On its way.
    (True, False, c.LEFT, c.RIGHT, 0),  # Lost on the way: nobody knows where it lies.
    (True, False, c.LEFT, c.OTHER, 0)])
def test_reward(held, holding, grasped, side, expected):
    assert reward(held, holding, grasped, side) == expected
