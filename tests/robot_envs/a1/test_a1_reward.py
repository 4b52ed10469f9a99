"""The A1's reward on states worked out by hand."""

import numpy as np
import pytest

from robot_envs.a1 import constants as c
from robot_envs.a1.joint_targets import to_radians
from robot_envs.a1.reward import reward, reward_terms

STAND = to_radians(c.STANDING_NORMALISED)


def _pose(hip=0.0, thigh=-0.2, calf=1.0):
    """Joint angles with all legs alike, from numbers in units of the action range."""
    return to_radians(np.array([hip, thigh, calf] * 4))


def test_on_its_back():
    assert reward(-1.0, STAND, 0.0, 0.0) == pytest.approx(5.0)
    assert reward(-1.0, STAND, 0.3, 0.3) == pytest.approx(5.0)


def test_standing_still():
    assert reward(1.0, STAND, 0.0, 0.0) == pytest.approx(9.0)


def test_walking_forward_is_the_maximum():
    assert reward(1.0, STAND, 0.3, 0.3) == pytest.approx(14.0)
    assert reward(1.0, STAND, 0.9, 0.9) == pytest.approx(14.0)


def test_half_the_speed_is_half_the_term():
    assert reward_terms(1.0, STAND, 0.15, 0.15)['velocity'] == pytest.approx(7.5)


def test_drifting_sideways_counts_less():
    terms = reward_terms(1.0, STAND, 0.3, 0.5)
    assert terms['velocity'] == pytest.approx(10 * (0.6 + 1) / 2)


def test_backwards_is_like_standing():
    assert reward(1.0, STAND, -0.3, 0.3) == pytest.approx(9.0)


@pytest.mark.parametrize('up_z, gate_open', [(0.39, False), (0.41, True)])
def test_hips_count_when_upright(up_z, gate_open):
    terms = reward_terms(up_z, STAND, 0.3, 0.3)
    assert terms['upright'] == pytest.approx(up_z / 2 + 0.5)
    assert terms['hip'] == (1.0 if gate_open else 0.0)
    assert (terms['velocity'] == pytest.approx(10.0)) is gate_open


@pytest.mark.parametrize('pose, term, value, following', [
    # dev = |n - s| / max(1 - s, 1 + s): the divisors are 1, 1.2 and 2.
    (_pose(hip=0.25), 'hip', 0.75, 'thigh'),
    (_pose(hip=0.35), 'hip', 0.65, 'thigh'),
    (_pose(thigh=0.1), 'thigh', 0.75, 'calf'),
    (_pose(thigh=0.28), 'thigh', 0.6, 'calf'),
    (_pose(calf=0.5), 'calf', 0.75, 'velocity'),
    (_pose(calf=0.2), 'calf', 0.6, 'velocity'),
])
def test_each_term_opens_the_next(pose, term, value, following):
    terms = reward_terms(1.0, pose, 0.3, 0.3)
    assert terms[term] == pytest.approx(value)
    closed = 5.0 if following == 'velocity' else 0.0
    assert (terms[following] > closed) is (value > 0.7)


def test_one_leg_counts_a_quarter():
    pose = STAND.copy()
    pose[0] = to_radians(np.array([0.8] * 12))[0]
    assert reward_terms(1.0, pose, 0.0, 0.0)['hip'] == pytest.approx(1 - 0.8 / 4)


def test_joints_outside_the_action_range_count_as_on_its_edge():
    inside = reward_terms(1.0, _pose(thigh=-0.9, calf=-1.0), 0.0, 0.0)
    outside = reward_terms(1.0, _pose(thigh=-0.9, calf=-1.0) - [0, 0, 0.01] * 4, 0.0, 0.0)
    assert inside['calf'] == outside['calf']
