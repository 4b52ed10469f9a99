"""The Sphero behind its guardian, by the real spherov2, with an emulated robot and camera. Bounds
are wide: the machine may be busy."""

import time

import numpy as np
import pytest

from robot_envs.cameras.camera_settings import CameraSettings
from robot_envs.emulators.emulator_process import EmulatorProcess
from robot_envs.errors import RobotError
from robot_envs.guardian.times import GuardianTimes
from robot_envs.sphero import constants as c
from robot_envs.sphero.connection import SpheroConnection
from robot_envs.sphero.hardware import SpheroHardware
from robot_envs.sphero.limits import SpheroLimits

pytest.importorskip('spherov2')
STEP_SECONDS = 1 / c.RATE_HZ
STALE_SECONDS = 0.5
LINK_SECONDS = 1.5
TIMES = GuardianTimes(hold_seconds=0.5, damp_seconds=1.0, calm_seconds=0.4)
LATE_SECONDS = 1.5  # What a busy machine may add to anything, and a packet that is sent again.


def make_robot(emulator, **changes):
    arguments = {
        'connection': SpheroConnection(emulator=f'{emulator.address}:{emulator.port}',
                                       scan_seconds=0.5, reconnect_seconds=1.0),
        'camera': CameraSettings(kind='remote', address=emulator.address,
                                 port=emulator.camera_port, stale_seconds=STALE_SECONDS),
        'limits': SpheroLimits(link_seconds=LINK_SECONDS), 'times': TIMES}
    return SpheroHardware(**{**arguments, **changes})


@pytest.fixture(scope='module')
def emulator():
    emulator = EmulatorProcess('sphero')
    yield emulator
    emulator.close()


@pytest.fixture
def robot(emulator):
    emulator.order('clear')
    robot = make_robot(emulator)
    robot.connect()
    yield robot
    robot.close()


def _wait_until_off(emulator, seconds=6.0):
    deadline = time.monotonic() + seconds
    while emulator.order('truth')['motors'] != [0, 0]:
        assert time.monotonic() < deadline, 'the motors are on'
        time.sleep(0.01)
    return emulator.order('truth')['off_since']


def _run_into(robot, steps=30):
    """Commands until there is an error, and returns its line."""
    with pytest.raises(RobotError) as caught:
        for _ in range(steps):
            robot.command(np.array([0.3, -0.3]), STEP_SECONDS)
    assert '\n' not in str(caught.value)
    return str(caught.value)


def test_readings_are_the_twins(robot, emulator):
    robot.command(np.array([0.8, 0.5]), STEP_SECONDS)
    robot.stop()
    time.sleep(1.0)  # It comes to rest.
    values, truth = robot.read().values, emulator.order('truth')
    assert values['image'].dtype == np.uint8 and values['position'].dtype == np.float32
    difference = np.abs(values['image'].astype(int) - np.array(truth['image']))
    assert difference.mean() < 1.0 and difference.max() < 40  # The most at the robot's edge.
    np.testing.assert_allclose(values['position'], truth['position'], atol=0.01)


def test_motors_do_as_commanded_and_end_by_themselves(robot, emulator):
    before = emulator.order('truth')
    began = time.monotonic()
    robot.command(np.array([1.0, -0.5]), STEP_SECONDS)
    assert 0.4 < time.monotonic() - began < 2
    during = emulator.order('truth')
    assert during['motors'] in ([70, -35], [0, 0])  # Off if the test was late.
    off = _wait_until_off(emulator)
    assert off - began < STEP_SECONDS + SpheroLimits().grace_seconds + LATE_SECONDS
    assert abs(emulator.order('truth')['heading'] - before['heading']) > 0.1


def test_the_same_command_again_goes_on(robot, emulator):
    """The robot's own timeout (2 s) must not end what was commanded anew."""
    emulator.order('truth')
    began = time.monotonic()
    for _ in range(3):
        robot.command(np.array([0.5, -0.5]), 1.0)
    if time.monotonic() - began < 3.2:  # Else the motors rightly stopped in between.
        assert emulator.order('truth')['motors'] == [35, -35]
    _wait_until_off(emulator)


@pytest.mark.parametrize('order,line,person', [
    ('frozen_camera 1', 'the camera is frozen', False),
    ('frozen_camera 2', 'the newest picture is', False),
    ('battery 1', 'battery', True),
    ('disconnect 1', 'sphero: ', False),
    pytest.param('latency 0.8', 'sphero: ', False, marks=pytest.mark.slow),
    pytest.param('lost 1', 'sphero: ', False, marks=pytest.mark.slow),
    pytest.param('crc 1', 'no answer', False, marks=pytest.mark.slow),
    pytest.param('frozen 1', 'no answer', False, marks=pytest.mark.slow),
])
def test_a_fault_ends_in_the_motors_off_and_stays(robot, emulator, order, line, person):
    robot.command(np.array([0.3, -0.3]), STEP_SECONDS)
    emulator.order(order)
    assert line in _run_into(robot)
    # Without a link the robot's own watchdogs have to do it.
    _wait_until_off(emulator, SpheroLimits().motion_timeout_seconds + LATE_SECONDS + 1)
    assert 'sphero' in _run_into(robot, 1)  # It stays,
    with pytest.raises(RobotError):  # and nothing of it is read.
        robot.read()
    emulator.order('clear')
    if person:
        with pytest.raises(RobotError, match='only a person'):
            robot.connect()
        return
    robot.connect()  # It waits until the link is there again.
    robot.command(np.array([0.3, -0.3]), STEP_SECONDS)
    assert robot.account()['guardian_recoveries'] == 1


def test_some_lost_packets_are_sent_again(robot, emulator):
    emulator.order('lost 0.15')
    for _ in range(6):
        robot.command(np.array([0.2, -0.2]), STEP_SECONDS)
    emulator.order('clear')
    assert robot.account()['guardian_faults'] == 0


def test_hostile_commands_never_leave_the_limits(robot, emulator):
    random = np.random.default_rng(0)
    vetoes = 0
    for step in range(30):
        values, seconds = random.choice([-1e9, -4.0, 4.0, 1e9], 2), 0.06
        if step % 10 == 3:
            values[0] = np.nan
        if step % 10 == 6:
            seconds = random.choice([0.001, 5.0])
        if step % 10 == 9:
            values = values[:1]
        try:
            robot.command(values, seconds)
        except RobotError as error:
            assert 'a command' in str(error)
            vetoes += 1
    assert vetoes == 9
    counts = robot.account()
    assert counts['guardian_vetoes'] == 9 and counts['guardian_clips'] == 21
    extremes = emulator.order('truth')['extremes']
    assert extremes['raw'] == SpheroLimits().motor_raw
    assert extremes['seconds_in_one_command'] <= SpheroLimits().motion_timeout_seconds + 0.1


@pytest.mark.slow
def test_nobody_there_is_one_line(emulator):
    emulator.order('clear')
    connection = SpheroConnection(emulator='127.0.7.3:9', connect_seconds=0.5, scan_seconds=0.3)
    with pytest.raises(RobotError, match='no answer from 127.0.7.3:9 within 0.5 s'):
        make_robot(emulator, connection=connection).connect()
    camera = CameraSettings(kind='remote', address='127.0.7.3', port=9, connect_seconds=0.5)
    connection = SpheroConnection(emulator=f'{emulator.address}:{emulator.port}',
                                  connect_seconds=3.0, scan_seconds=0.5)
    with pytest.raises(RobotError, match='no picture of the camera'):
        make_robot(emulator, connection=connection, camera=camera).connect()
