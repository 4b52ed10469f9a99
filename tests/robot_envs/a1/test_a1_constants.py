"""The A1's numbers as data."""

import numpy as np
import pytest

from robot_envs.a1 import constants as c
from robot_envs.a1 import twin
from robot_envs.a1.joint_targets import to_action
from robot_envs.mujoco_gl import import_mujoco


@pytest.fixture(scope='module')
def model():
    return import_mujoco().MjModel.from_xml_path(twin.__file__.replace('twin.py', 'a1.xml'))


def test_published_task():
    assert (c.RATE_HZ, c.EPISODE_STEPS, c.FILTER_CUTOFF_HZ) == (20, 250, 1.5)
    assert c.TARGET_REACH_RADIANS == 0.2
    np.testing.assert_array_equal(c.STANDING_NORMALISED, [0, -0.2, 1] * 4)


def test_action_range_lies_inside_the_joint_range():
    assert np.all(c.JOINT_LOW_RADIANS < c.ACTION_LOW_RADIANS)
    assert np.all(c.ACTION_LOW_RADIANS < c.ACTION_HIGH_RADIANS)
    assert np.all(c.ACTION_HIGH_RADIANS < c.JOINT_HIGH_RADIANS)


def test_action_range_is_the_published_part_of_the_joint_range():
    span = c.JOINT_HIGH_RADIANS - c.JOINT_LOW_RADIANS
    low = (c.ACTION_LOW_RADIANS - c.JOINT_LOW_RADIANS) / span
    high = (c.ACTION_HIGH_RADIANS - c.JOINT_LOW_RADIANS) / span
    np.testing.assert_allclose(low, [0.01] * 12, atol=5e-4)
    np.testing.assert_allclose(high, [0.99, 0.9, 0.6] * 4, atol=5e-4)


def test_every_joint_array_has_every_joint():
    for name, value in vars(c).items():
        if isinstance(value, np.ndarray):
            assert value.shape == (c.NUM_JOINTS,), name


def test_standing_poses():
    assert np.all(np.abs(c.STANDING_NORMALISED) <= 1)
    assert np.all(np.abs(to_action(c.STANDING_RADIANS)) <= 1)


def test_model_has_the_same_joints_in_the_same_order(model):
    names = [model.joint(index).name for index in range(1, model.njnt)]
    legs, parts = ('FR', 'FL', 'RR', 'RL'), ('hip', 'thigh', 'calf')
    assert names == [f'{leg}_{part}' for leg in legs for part in parts]
    assert [model.actuator(index).name for index in range(model.nu)] == names
    np.testing.assert_allclose(model.jnt_range[1:, 0], c.JOINT_LOW_RADIANS)
    np.testing.assert_allclose(model.jnt_range[1:, 1], c.JOINT_HIGH_RADIANS)


def test_model_has_the_published_masses_and_torques(model):
    assert c.MASS_MIN_KILOGRAMS < model.body_mass.sum() < c.MASS_MAX_KILOGRAMS
    assert model.body('trunk').mass[0] == pytest.approx(4.713)
    for part, mass in (('hip', 0.696), ('thigh', 1.013), ('calf', 0.226)):
        assert model.body(f'FL_{part}').mass[0] == pytest.approx(mass)
    np.testing.assert_allclose(np.abs(model.actuator_forcerange), c.TORQUE_LIMIT_NEWTON_METERS)


def test_numbers_say_their_unit():
    units = ('_HZ', '_STEPS', '_MIN', '_MAX', '_RADIANS', '_SECONDS', '_METERS', '_KILOGRAMS',
             '_METERS_PER_SECOND', '_NORMALISED', '_NEWTON_METERS')
    plain = {'NUM_LEGS', 'NUM_JOINTS', 'REWARD_GATE', 'REWARD_VELOCITY_WEIGHT'}
    names = [name for name in vars(c) if name.isupper()]
    assert len(names) > 10
    assert [name for name in names if not name.endswith(units) and name not in plain] == []
