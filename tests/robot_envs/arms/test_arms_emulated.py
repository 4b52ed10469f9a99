"""The arms' environments over the wire: pick and place as on the twin."""

import importlib.util

import numpy as np
import pytest
from arm_hardware import ARMS, TIMES, make, truth

from robot_envs import registry
from robot_envs.arms.hardware import ArmHardware
from robot_envs.arms.pick_place_environment import PickPlaceEnvironment
from robot_envs.arms.scripted import PickAndPlace
from robot_envs.cameras.camera_settings import CameraSettings
from robot_envs.errors import RobotError

NAMES = sorted(ARMS)


@pytest.mark.slow
@pytest.mark.parametrize('name', NAMES)
def test_a_script_carries_an_object_over(name):
    arm = ARMS[name].model
    robot = make(name)
    env = PickPlaceEnvironment(robot, arm.workspace, num_joints=len(arm.home),
                               rate_hz=arm.rate_hz, depth=arm.depth, seed=0)
    try:
        assert env.reset().is_first()
        script, rewards = PickAndPlace(arm.workspace), []
        while len(rewards) < 20 and 10.0 not in rewards:
            # What no robot tells and the script needs: where the objects are.
            info = {**env.get_info(), 'objects': np.array(truth(robot)['objects'])}
            rewards.append(float(env.step(np.int32(script.action(info))).reward))
        assert 1.0 in rewards and rewards[-1] == 10.0, rewards
        info = env.get_info()
        assert info['guardian_commands'] > len(rewards) and info['guardian_faults'] == 0
        assert 0 <= info['observation_age_seconds'] < 0.5
    finally:
        env.close()


@pytest.mark.slow
@pytest.mark.parametrize('name', NAMES)
def test_specs_are_those_of_the_twin(name):
    env, twin = registry.make(name, seed=0, backend='emulated'), registry.make(name, seed=0)
    try:
        assert env.time_step_spec() == twin.time_step_spec()
        assert env.action_spec() == twin.action_spec()
    finally:
        env.close()
        twin.close()


@pytest.mark.parametrize('name', NAMES)
def test_a_missing_package_names_the_extra(name):
    arm = ARMS[name]
    with pytest.raises(RobotError, match=rf"not installed: pip install '\.\[{name}\]'"):
        ArmHardware(arm.parts._replace(package='no_such_package'), connection=arm.connection(),
                    limits=arm.limits(), camera=CameraSettings())
    assert importlib.util.find_spec(arm.parts.package), 'requirements-dev.txt is not installed'


@pytest.mark.slow
@pytest.mark.parametrize('name', NAMES)
def test_nobody_there_is_one_line(name):
    robot = make(name, times=TIMES)
    robot._settings['connection'].update(address='127.0.7.99', connect_seconds=5.0)
    with pytest.raises(RobotError, match=f'{name}: the controller .*Connection.address') as caught:
        robot.connect()
    assert '\n' not in str(caught.value)
    robot.close()


@pytest.mark.parametrize('name', NAMES)
def test_a_camera_of_the_wrong_size_is_refused(name):
    arm = ARMS[name]
    with pytest.raises(RobotError, match='CameraSettings.size'):
        ArmHardware(arm.parts, connection=arm.connection(), limits=arm.limits(),
                    camera=CameraSettings(size=(32, 32)))
