"""Feet and velocity of the A1, against its twin."""

import numpy as np

from robot_envs.a1 import constants
from robot_envs.a1.leg_kinematics import feet
from robot_envs.a1.twin import mujoco
from robot_envs.a1.velocity_estimate import VelocityEstimate


def _model():
    from robot_envs.a1.twin import _MODEL_PATH
    return mujoco.MjModel.from_xml_path(str(_MODEL_PATH))


def test_feet_are_where_the_twin_has_them():
    model = _model()
    data = mujoco.MjData(model)
    random = np.random.default_rng(0)
    for _ in range(5):
        angles = random.uniform(constants.JOINT_LOW_RADIANS, constants.JOINT_HIGH_RADIANS)
        data.qpos[:7] = [0, 0, 0, 1, 0, 0, 0]
        data.qpos[7:19] = angles
        mujoco.mj_forward(model, data)
        places = np.array([data.geom(f'{leg}_foot').xpos for leg in ('FR', 'FL', 'RR', 'RL')])
        np.testing.assert_allclose(feet(angles, np.zeros(12))[0], places, atol=1e-6)


def test_velocities_are_the_slopes_of_the_positions():
    random = np.random.default_rng(1)
    angles, rates = random.uniform(-1, 1, 12), random.uniform(-5, 5, 12)
    step = 1e-6
    slope = (feet(angles + step * rates, rates)[0] - feet(angles, rates)[0]) / step
    np.testing.assert_allclose(feet(angles, rates)[1], slope, atol=1e-4)


def _update(estimate, rates, force, acceleration=(0, 0, 9.81)):
    return estimate.update(0.002, np.eye(3), np.zeros(3), np.array(acceleration),
                           constants.STANDING_RADIANS, rates, np.full(4, force))


def test_standing_feet_that_go_back_mean_a_trunk_that_goes_forward():
    estimate = VelocityEstimate()
    rates = np.array([0, 1.0, 0] * 4)
    for _ in range(500):
        velocity = _update(estimate, rates, 50)
    expected = -feet(constants.STANDING_RADIANS, rates)[1].mean(0)
    assert expected[0] > 0.1
    np.testing.assert_allclose(velocity, expected, atol=1e-3)


def test_without_loaded_feet_it_fades():
    estimate = VelocityEstimate()
    for _ in range(50):
        pushed = _update(estimate, np.zeros(12), 0, (5, 0, 9.81))
    for _ in range(2000):
        faded = _update(estimate, np.zeros(12), 0)
    assert pushed[0] > 0.1 and abs(faded[0]) < 0.01
