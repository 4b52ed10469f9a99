"""The robot is found by its colour, anywhere in the arena and in any usual light."""

import numpy as np
import pytest

from robot_envs.errors import RobotError
from robot_envs.sphero.renderer import ArenaRenderer
from robot_envs.sphero.vision import SpheroVision, find_robot

VISION = SpheroVision()


@pytest.mark.parametrize('light', [0.4, 1.0, 1.6])
@pytest.mark.parametrize('height,width', [(90, 160), (64, 64)])
def test_position_is_that_of_the_twin(light, height, width):
    renderer = ArenaRenderer(height, width, light=light)
    random = np.random.default_rng(0)
    for _ in range(20):
        position = random.uniform(0.08, 0.92, 2)
        found = find_robot(renderer.draw(position), VISION)
        np.testing.assert_allclose(found, position, atol=0.012)


def test_no_robot_and_too_much_white():
    empty = ArenaRenderer(90, 160).draw((5.0, 5.0))
    assert find_robot(empty, VISION) is None
    hand = empty.copy()
    hand[20:60, 30:100] = 230
    assert find_robot(hand, VISION) is None
    assert find_robot(np.zeros_like(empty), VISION) is None


@pytest.mark.parametrize('settings', [
    {'arena': (0.9, 0.0, 0.1, 1.0)}, {'arena': (0.0, 0.0, 1.0)}, {'least_share': 0.5},
    {'blue_to_red': 0.0}, {'least_brightness': 300.0}])
def test_wrong_settings_are_one_line(settings):
    with pytest.raises(RobotError, match='SpheroVision'):
        SpheroVision(**settings)
