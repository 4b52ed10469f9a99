"""The A1 behind its guardian, over UDP, with an emulated motor board. Bounds are wide: the machine
may be busy."""

import dataclasses
import time

import numpy as np
import pytest

from robot_envs.a1 import constants as c
from robot_envs.a1.connection import A1Connection
from robot_envs.a1.hardware import A1Hardware
from robot_envs.a1.limits import A1Limits
from robot_envs.emulators.emulator_process import EmulatorProcess
from robot_envs.errors import RobotError
from robot_envs.guardian.times import GuardianTimes

STEP_SECONDS = 1 / c.RATE_HZ
STALE_SECONDS = 0.3
TIMES = GuardianTimes(hold_seconds=0.5, damp_seconds=1.0, calm_seconds=0.4)
LATE_SECONDS = 0.5  # What a busy machine may add to anything.


@pytest.fixture(scope='module')
def emulator():
    emulator = EmulatorProcess('a1')
    yield emulator
    emulator.close()


@pytest.fixture
def robot(emulator):
    emulator.order('clear')
    connection = A1Connection(address=emulator.address, port=emulator.port, local_port=0,
                              recover_seconds=0.1)
    limits = A1Limits(stale_seconds=STALE_SECONDS)
    robot = A1Hardware(connection=connection, limits=limits, times=TIMES)
    robot.connect()
    yield robot
    robot.close()


def _stand(robot, steps=5):
    for _ in range(steps):
        robot.command(c.STANDING_RADIANS, STEP_SECONDS)


def _wait_until_damped(emulator, seconds=5.0):
    deadline = time.monotonic() + seconds
    while emulator.order('truth')['servo']:
        assert time.monotonic() < deadline, 'the motors are not damped'
        time.sleep(0.01)
    return emulator.order('truth')['damped_since']


def _run_into(robot, steps=200):
    """Commands until there is an error, and returns its line."""
    with pytest.raises(RobotError) as caught:
        _stand(robot, steps)
    assert '\n' not in str(caught.value)
    return str(caught.value)


def test_readings_are_the_twins(robot, emulator):
    _stand(robot)
    robot.stop()
    time.sleep(1.0)  # It comes to rest.
    values, truth = robot.read().values, emulator.order('truth')
    np.testing.assert_allclose(values['joint_angles'], truth['joint_angles'], atol=0.02)
    np.testing.assert_allclose(values['orientation'], truth['orientation'], atol=0.02)
    np.testing.assert_allclose(values['angular_velocity'], truth['angular_velocity'], atol=0.2)
    assert np.linalg.norm(values['velocity']) < 0.2
    assert {key: value.shape for key, value in values.items()} == {
        'orientation': (4,), 'angular_velocity': (3,), 'velocity': (3,), 'joint_angles': (12,)}


def test_a_joint_follows_and_the_clock_goes_on(robot):
    target = robot.read().values['joint_angles'].copy()
    target[0] = 0.4 if target[0] < 0 else -0.4  # The hips swing freely on its back.
    began, started = robot.read().time, time.monotonic()
    for _ in range(20):
        robot.command(target, STEP_SECONDS)
    assert robot.read().values['joint_angles'][0] == pytest.approx(target[0], abs=0.15)
    assert 0.9 < time.monotonic() - started < 5
    assert robot.read().time - began == pytest.approx(time.monotonic() - started, abs=0.3)


def test_stop_damps_and_a_command_goes_on(robot, emulator):
    _stand(robot)
    assert emulator.order('truth')['servo']
    robot.stop()
    _wait_until_damped(emulator)
    _stand(robot)
    assert emulator.order('truth')['servo']


def test_idle_robot_is_damped(robot, emulator):
    _stand(robot)
    _wait_until_damped(emulator, TIMES.idle_seconds + 3)
    _stand(robot)
    assert robot.account()['guardian_faults'] == 0


@pytest.mark.parametrize('order,line,person', [
    ('disconnect 1', 'sensors are', False),
    pytest.param('lost 1', 'sensors are', False, marks=pytest.mark.slow),
    ('latency 0.6', 'sensors are', False),
    ('frozen 1', 'sensors are', False),
    ('crc 1', 'sensors are', False),
    ('temperature 90', '90 degrees', True),
])
def test_a_fault_ends_in_damping_and_stays(robot, emulator, order, line, person):
    _stand(robot)
    injected = emulator.order(order)['time']
    message = _run_into(robot)
    assert line in message
    latency = 0.6 if order.startswith('latency') else 0.0
    bound = latency + STALE_SECONDS + STEP_SECONDS + LATE_SECONDS
    assert _wait_until_damped(emulator) - injected < bound
    assert (robot.account()['guardian_bad_packets'] > 0) == (order == 'crc 1')
    assert 'a1' in _run_into(robot, 1)  # It stays,
    with pytest.raises(RobotError):  # nothing of it is read,
        robot.read()
    with pytest.raises(RobotError):  # and it does not go away while it is there.
        robot.connect()
    emulator.order('clear')
    time.sleep(0.1 + latency)
    assert robot._ask('status')['counts']['faults'] == 1
    if person:
        with pytest.raises(RobotError, match='only a person'):
            robot.connect()
        return
    robot.connect()
    _stand(robot)
    assert robot.account()['guardian_recoveries'] == 1


def test_recoveries_are_bounded(emulator):
    emulator.order('clear')
    connection = A1Connection(address=emulator.address, port=emulator.port, local_port=0)
    robot = A1Hardware(connection=connection, limits=A1Limits(stale_seconds=STALE_SECONDS),
                       times=dataclasses.replace(TIMES, recoveries=0))
    robot.connect()
    try:
        emulator.order('frozen 1')
        _run_into(robot)
        emulator.order('clear')
        with pytest.raises(RobotError, match='only a person'):
            robot.connect()
            robot.connect()
    finally:
        robot.close()


def test_hostile_commands_never_leave_the_limits(robot, emulator):
    random = np.random.default_rng(0)
    vetoes = 0
    for step in range(60):
        values = random.choice([-1e9, -4.0, 4.0, 1e9], 12)
        seconds = STEP_SECONDS
        if step % 10 == 3:
            values[step % 12] = np.nan
        if step % 10 == 6:
            seconds = 0.001
        if step % 10 == 9:
            values = values[:5]
        try:
            robot.command(values, seconds)
        except RobotError as error:
            assert 'a command' in str(error)
            vetoes += 1
    assert vetoes == 18
    counts = robot.account()
    assert counts['guardian_vetoes'] == 18 and counts['guardian_clips'] == 42
    extremes = emulator.order('truth')['extremes']
    limits = A1Limits()
    assert extremes['outside'] < 1e-5
    assert extremes['torque'] < limits.torque_newton_meters
    assert extremes['speed'] < limits.velocity_radians_per_second


def test_nobody_there_is_one_line():
    robot = A1Hardware(connection=A1Connection(
        address='127.0.7.77', port=8007, local_port=0, connect_seconds=0.3))
    with pytest.raises(RobotError, match='no answer from 127.0.7.77:8007.*A1Connection.address'):
        robot.connect()
    robot = A1Hardware(connection=A1Connection(address='300.1.1.1', local_port=0))
    with pytest.raises(RobotError, match='cannot use 300.1.1.1:8007'):
        robot.connect()
