"""Only the chosen sensors get to the policy."""

import numpy as np
import pytest

from robot_envs import registry
from robot_envs.errors import RobotError
from robot_envs.wrappers.observation_selection import ObservationSelection


def test_only_the_chosen_key_is_left():
    env = ObservationSelection(registry.make('a1', seed=0), keys=['imu'])
    assert list(env.observation_spec()) == ['imu']
    assert list(env.reset().observation) == ['imu']
    assert list(env.step(np.zeros(12, np.float32)).observation) == ['imu']
    assert list(env.time_step_spec().observation) == ['imu']
    env.close()


def test_order_is_the_environments():
    env = ObservationSelection(registry.make('a1', seed=0), keys=['joint_angles', 'imu'])
    assert list(env.reset().observation) == ['imu', 'joint_angles']
    env.close()


@pytest.mark.parametrize('keys, what', [(['gps'], 'gps'), ([], 'chosen')])
def test_unknown_key_lists_the_known(keys, what):
    with pytest.raises(RobotError, match=f'no observation {what}; choose from: imu, joint_angles'):
        ObservationSelection(registry.make('a1', seed=0), keys=keys)
