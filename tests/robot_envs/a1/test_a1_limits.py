"""The A1's limits as data."""

import dataclasses

import gin
import numpy as np
import pytest

from robot_envs.a1 import constants
from robot_envs.a1.connection import A1Connection
from robot_envs.a1.limits import A1Limits
from robot_envs.errors import RobotError
from robot_envs.guardian.times import GuardianTimes


def test_inner_limits_are_inside_outer_ones():
    limits = A1Limits()
    low, high = np.array(limits.target_low_radians), np.array(limits.target_high_radians)
    assert np.all(low < high)
    assert np.all(constants.JOINT_LOW_RADIANS[:3] <= low)
    assert np.all(high <= constants.JOINT_HIGH_RADIANS[:3])
    assert np.all(low < constants.ACTION_LOW_RADIANS[:3])
    assert np.all(constants.ACTION_HIGH_RADIANS[:3] < high)
    assert limits.shortest_seconds < 1 / constants.RATE_HZ < limits.longest_seconds
    # What the servos can ask for at the end of the reach is within the torque limit.
    strongest = max(A1Connection().kp) * constants.TARGET_REACH_RADIANS
    assert strongest < limits.torque_newton_meters <= constants.TORQUE_LIMIT_NEWTON_METERS
    assert limits.stale_seconds < GuardianTimes().hold_seconds
    # Fixed-point gains of the packets.
    assert max(A1Connection().kp) * 32 < 2**15 and max(A1Connection().kd) * 16 < 2**15


@pytest.mark.parametrize('changed', [
    {'target_low_radians': (0.9, -1.0, -2.6)},
    {'target_low_radians': (-0.5, -1.0)},
    {'target_high_radians': (0.9, 4.0, -1.0)},
    {'stale_seconds': 0.0},
    {'velocity_radians_per_second': float('nan')},
    {'shortest_seconds': 1.0},
])
def test_wrong_limits_are_refused(changed):
    with pytest.raises(RobotError, match='A1Limits'):
        dataclasses.replace(A1Limits(), **changed)


@pytest.mark.parametrize('make', [
    lambda: A1Connection(kp=(80.0, 80.0)),
    lambda: A1Connection(kd=(1.0, 2.0, 21.0)),
    lambda: A1Connection(period_seconds=0.1),
    lambda: GuardianTimes(hold_seconds=1.0),
    lambda: GuardianTimes(recoveries=-1),
])
def test_wrong_settings_are_refused(make):
    with pytest.raises(RobotError):
        make()


def test_gin_sets_them():
    gin.parse_config(['A1Connection.address = "10.0.0.9"', 'A1Limits.temperature_celsius = 50.0',
                      'GuardianTimes.idle_seconds = 1.0'])
    assert A1Connection().address == '10.0.0.9'
    assert A1Limits().temperature_celsius == 50
    assert GuardianTimes().idle_seconds == 1
