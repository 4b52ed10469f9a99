"""From actions to what the joint controllers get."""

import numpy as np
import pytest

from robot_envs.a1 import constants as c
from robot_envs.a1.joint_targets import safe_target, to_action, to_radians

STAND = c.STANDING_RADIANS


def test_ends_and_middle_of_the_action_range():
    np.testing.assert_allclose(to_radians(-np.ones(12)), c.ACTION_LOW_RADIANS)
    np.testing.assert_allclose(to_radians(np.ones(12)), c.ACTION_HIGH_RADIANS)
    np.testing.assert_allclose(to_radians(np.zeros(12))[:3], [0, 1.3352, -2.15355])


def test_there_and_back():
    action = np.random.default_rng(0).uniform(-1.5, 1.5, 12)
    np.testing.assert_allclose(to_action(to_radians(action)), action)


@pytest.mark.parametrize('fraction', [0.0, 0.25, 1.0])
def test_straight_line_between_targets(fraction):
    end = STAND + 0.1
    np.testing.assert_allclose(
        safe_target(STAND, end, fraction, STAND), STAND + 0.1 * fraction)


def test_never_far_from_the_measured_angle():
    far = safe_target(STAND, STAND + 0.5, 1.0, STAND)
    np.testing.assert_allclose(far, STAND + 0.2)
    near = safe_target(STAND, STAND - 0.5, 1.0, STAND)
    np.testing.assert_allclose(near, STAND - 0.2)


def test_never_past_the_joint_limits():
    measured = c.JOINT_HIGH_RADIANS - 0.05
    target = safe_target(measured, measured + 0.15, 1.0, measured)
    np.testing.assert_allclose(target, c.JOINT_HIGH_RADIANS)
    measured = c.JOINT_LOW_RADIANS + 0.05
    target = safe_target(measured, measured - 0.15, 1.0, measured)
    np.testing.assert_allclose(target, c.JOINT_LOW_RADIANS)
