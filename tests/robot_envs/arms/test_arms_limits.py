"""The arms' limits as data."""

import dataclasses

import gin
import numpy as np
import pytest

from arm_hardware import ARMS, go_to_and_fro, make_for, wait_until

from robot_envs.arms.damped_least_squares import DampedLeastSquares, mujoco
from robot_envs.arms.depth_range import DepthRange
from robot_envs.emulators.emulator_process import EmulatorProcess
from robot_envs.emulators.free_address import free_address
from robot_envs.errors import RobotError
from robot_envs.guardian.times import GuardianTimes
from robot_envs.ur5.connection import UR5Connection
from robot_envs.xarm.connection import XArmConnection

NAMES = sorted(ARMS)


def _cells(workspace):
    for across in (*workspace.left, *workspace.right):
        for along in workspace.along:
            for hover in (False, True):
                yield workspace.position(workspace.place(across, along, hover))


@pytest.mark.parametrize('name', NAMES)
def test_inner_limits_are_inside_outer_ones(name):
    limits, model = ARMS[name].limits(), ARMS[name].model
    low, high = np.array(limits.target_low_meters), np.array(limits.target_high_meters)
    assert np.all(low < high) and low.shape == (3,)
    for place in _cells(model.workspace):  # All that the task asks for is let through ...
        assert np.all(low <= place) and np.all(place <= high)
    far = np.linalg.norm(high - low)
    assert limits.step_meters > 0.4 and far < 1.0  # ... from one bin to the other too.
    assert limits.shortest_seconds < 1 / model.rate_hz < limits.longest_seconds
    assert 0 < limits.beyond_meters < 0.1
    slowest = 1.875 * limits.step_meters / limits.speed_meters_per_second
    assert slowest < limits.longest_seconds
    assert limits.stale_seconds < limits.silent_seconds
    assert limits.stale_seconds < 1 / model.rate_hz
    assert ARMS[name].connection().period_seconds < limits.stale_seconds / 2
    assert len(limits.joint_low_radians) == len(model.home)


@pytest.mark.parametrize('name', NAMES)
def test_when_a_target_waits(name):
    limits = ARMS[name].limits()
    low = np.array(limits.target_low_meters)
    half = limits.beyond_meters / 2
    # At its fastest the emulated servo is 2 / 30 s behind, and what is known of it a period or two.
    late = 2 / 30 + 2 * ARMS[name].connection().period_seconds
    assert limits.speed_meters_per_second * late < limits.lead_meters
    inside = low + 0.15
    assert not limits.must_wait(inside, inside + [0, 0.9 * limits.lead_meters, 0])
    assert limits.must_wait(inside, inside + [0, 1.1 * limits.lead_meters, 0])
    edge = low + [0, 0.1, 0.1]
    assert not limits.must_wait(edge, edge - [0.9 * half, 0, 0])
    assert limits.must_wait(edge, edge - [1.1 * half, 0, 0])
    home = low - [0.9 * limits.beyond_meters, 0, 0]  # the way back in has no reason to wait
    assert not limits.must_wait(home, home)


@pytest.mark.parametrize('name', NAMES)
def test_the_joints_that_the_task_needs_are_inside_their_range(name):
    limits, arm = ARMS[name].limits(), ARMS[name].model
    model = mujoco.MjModel.from_xml_path(str(arm.path))
    inverse = DampedLeastSquares(model, site='tool', joints=len(arm.home), home=arm.home,
                                 rotation=arm.rotation, damping=0.01, pull=0.2)
    low, high = np.array(limits.joint_low_radians), np.array(limits.joint_high_radians)
    assert np.all(model.jnt_range[:len(arm.home), 0] <= low) and np.all(low < arm.home)
    assert np.all(high <= model.jnt_range[:len(arm.home), 1]) and np.all(arm.home < high)
    angles = arm.home
    for place in _cells(arm.workspace):
        angles = inverse.near(place, angles)
        assert np.all(low < angles) and np.all(angles < high)


@pytest.mark.parametrize('name', NAMES)
@pytest.mark.parametrize('changed', [
    {'target_low_meters': (9.0, 0.0, 0.0)},
    {'target_high_meters': (1.0, 1.0)},
    {'joint_low_radians': (4.0,) * 7},
    {'joint_torque_newton_meters': (0.0,) * 7},
    {'stale_seconds': 0.0},
    {'stale_seconds': 9.0},
    {'speed_meters_per_second': float('nan')},
    {'shortest_seconds': 9.0},
])
def test_wrong_limits_are_refused(name, changed):
    joints = len(ARMS[name].model.home)
    changed = {key: value[:joints] if isinstance(value, tuple) else value
               for key, value in changed.items()}
    with pytest.raises(RobotError, match='Limits'):
        dataclasses.replace(ARMS[name].limits(), **changed)


@pytest.mark.parametrize('make', [
    lambda: UR5Connection(gain=1.0),
    lambda: UR5Connection(tool=(0.0, 0.0)),
    lambda: UR5Connection(watchdog_hz=20.0, period_seconds=0.05),
    lambda: XArmConnection(period_seconds=1.0),
    lambda: XArmConnection(collision_sensitivity=0),
    lambda: XArmConnection(payload_center_meters=(0.0,)),
    lambda: DepthRange(1.0, 0.5),
])
def test_wrong_settings_are_refused(make):
    with pytest.raises(RobotError):
        make()


def test_gin_sets_them():
    gin.parse_config(['UR5Connection.address = "10.0.0.9"', 'XArmConnection.address = "10.0.0.8"',
                      'UR5Limits.speed_meters_per_second = 0.1', 'XArmLimits.step_meters = 0.5'])
    assert UR5Connection().address == '10.0.0.9' and XArmConnection().address == '10.0.0.8'
    assert ARMS['ur5'].limits().speed_meters_per_second == 0.1
    assert ARMS['xarm'].limits().step_meters == 0.5
    assert ARMS['ur5'].limits().step_meters == 0.6


def test_the_watchdog_of_the_controller_is_slower_than_the_guardian():
    """The guardian ends what it can; the watchdog is for when it is dead."""
    assert 1 / UR5Connection().watchdog_hz > GuardianTimes().hold_seconds


def test_depth_is_seen_in_its_range():
    meters = np.array([[0.0], [0.1], [0.5], [0.75], [1.0], [9.0]], np.float32)
    seen = DepthRange(0.5, 1.0).to_uint8(meters)
    assert seen.dtype == np.uint8 and seen[:, 0].tolist() == [255, 0, 0, 128, 255, 255]


@pytest.fixture(scope='module')
def emulator():
    emulator = EmulatorProcess('ur5', address=free_address(ARMS['ur5'].parts.ports))
    yield emulator
    emulator.close()


@pytest.mark.slow
@pytest.mark.parametrize('changed,line,person', [
    ({'joint_velocity_radians_per_second': 0.02}, 'a joint turns at', False),
    ({'joint_torque_newton_meters': (0.05,) * 6}, 'of the torque', False),
    ({'target_high_meters': (0.05, 0.63, 0.0)}, 'outside its box', True),
    ({'joint_low_radians': (-1.4, -3.1, 0.0, -3.1, -3.1, -3.1)}, 'beyond its range', True),
])
def test_beyond_an_outer_limit_it_stands(emulator, changed, line, person):
    robot = make_for('ur5', emulator.address, emulator.camera_port, **changed)
    try:
        with pytest.raises(RobotError, match=line):
            robot.connect()
            go_to_and_fro(robot, ARMS['ur5'].model, 20)
        wait_until(lambda: emulator.order('truth')['stands'])
        answer = robot._ask('status')
        assert answer['state'] == 'fault' and answer['person'] == person
    finally:
        robot.close()
