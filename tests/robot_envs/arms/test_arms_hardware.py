"""The arms behind their guardians, by the vendors' client libraries, on emulated controllers."""

import dataclasses

import numpy as np
import pytest

from robot_envs.arms.twin import ArmTwin
from robot_envs.errors import RobotError

from arm_hardware import (
    ARMS, LATE_SECONDS, STEP_SECONDS, go_to_and_fro, make, stands, truth, wait_until)

pytestmark = pytest.mark.slow  # Processes, real time.


@pytest.fixture(scope='module', params=sorted(ARMS))
def arm(request):
    robot = make(request.param)
    robot.connect()
    yield ARMS[request.param], robot
    robot.close()


def _position(arm, across, along, hover=True):
    work = arm.model.workspace
    return work.position(work.place(across, along, hover))


def _run_into(robot, arm, commands=60):
    """Commands until there is an error, and returns its line."""
    with pytest.raises(RobotError) as caught:
        go_to_and_fro(robot, arm.model, commands)
    assert '\n' not in str(caught.value)
    return str(caught.value)


def test_readings_are_the_twins(arm):
    arm, robot = arm
    values, true = robot.read().values, truth(robot)
    np.testing.assert_allclose(values['joint_angles'], true['joint_angles'], atol=1e-3)
    np.testing.assert_allclose(values['pose'][:3], true['pose'][:3], atol=1e-3)
    np.testing.assert_allclose(values['pose'][3:], true['pose'][3:], atol=5e-3)
    assert values['gripper_position'] == pytest.approx(true['gripper_position'], abs=0.01)
    twin = ArmTwin(arm.model, seed=0)
    twin.command(np.array([*true['pose'][:3], 0.0]), 2.0)
    twin.put_objects(np.array(true['objects']))
    # A sensor's noise, and objects that may have rolled a little further.
    for key, wanted in twin._pictures().items():
        assert values[key].shape == wanted.shape and values[key].dtype == np.uint8
        assert np.abs(values[key].astype(int) - wanted).mean() < 3
    assert set(values) == set(twin.read().values) - {'objects'}
    twin.close()


def test_the_tool_goes_where_it_is_told(arm):
    arm, robot = arm
    along = arm.model.workspace.along
    for row in along[1:4]:
        wanted = _position(arm, arm.model.workspace.right[0], row)
        robot.command(np.array([*wanted, 0.0]), STEP_SECONDS)
        np.testing.assert_allclose(robot.read().values['pose'][:3], wanted, atol=5e-3)
    # The orientation that was asked for is the task's: the emulator takes it for granted.
    assert truth(robot)['asked_turn'] < 1e-3


def test_the_gripper_closes_and_opens(arm):
    arm, robot = arm
    place = _position(arm, arm.model.workspace.right[0], arm.model.workspace.along[3])
    for closed in (1.0, 0.0):
        robot.command(np.array([*place, closed]), 1.5)
        assert robot.read().values['gripper_position'] == pytest.approx(closed, abs=0.01)


def test_stop_stands_and_a_command_goes_on(arm):
    arm, robot = arm
    go_to_and_fro(robot, arm.model)
    robot.stop()
    wait_until(lambda: stands(robot))
    go_to_and_fro(robot, arm.model)
    assert truth(robot)['servo'] and robot.account()['guardian_faults'] == 0


def test_hostile_commands_never_leave_the_limits(arm):
    arm, robot = arm
    random, vetoes = np.random.default_rng(0), robot.account()['guardian_vetoes']
    limits = arm.limits()
    refused = 0
    for step in range(12):
        values = np.array([*random.choice([-1e9, -1.0, 1.0, 1e9], 3), random.choice([-5.0, 9.0])])
        seconds = STEP_SECONDS
        if step % 4 == 1:
            values[step % 3] = np.nan
        elif step % 4 == 2:
            seconds = 0.001
        elif step % 4 == 3:
            values = values[:3]
        try:
            robot.command(values, seconds)
        except RobotError as error:
            assert 'a command' in str(error)
            refused += 1
    assert refused == 9 and robot.account()['guardian_vetoes'] == vetoes + 9
    extremes = truth(robot)['extremes']
    home = ArmTwin(arm.model, seed=0)
    start = home.pose()[:3]
    home.close()
    low = np.minimum(start, np.array(limits.target_low_meters) - limits.beyond_meters)
    high = np.maximum(start, np.array(limits.target_high_meters) + limits.beyond_meters)
    assert np.all(low - 1e-3 < extremes['low']) and np.all(extremes['high'] < high + 1e-3)
    assert extremes['speed'] < limits.joint_velocity_radians_per_second


def _check_fault(arm, robot, order, line):
    """Runs into a fault and returns how many there were before."""
    go_to_and_fro(robot, arm.model)
    counts = robot.account()
    robot._emulator.order(order)
    injected = truth(robot)['time']
    message = _run_into(robot, arm)
    assert any(part in message for part in line.split('|'))
    wait_until(lambda: stands(robot))
    latency = float(order.split()[1]) if order.startswith('latency') else 0.0
    # What is found: stale sensors; what ends a program that nobody can be told to stop: a watchdog.
    bound = robot._settings['limits']['stale_seconds'] + 1.0 + latency + LATE_SECONDS
    assert truth(robot)['stopped_since'] - injected < bound + STEP_SECONDS
    for ask in (robot.read, lambda: go_to_and_fro(robot, arm.model)):
        with pytest.raises(RobotError):  # It stays, and nothing of it is read.
            ask()
    return counts


@pytest.mark.parametrize('index', range(max(len(arm.orders) for arm in ARMS.values())))
def test_a_fault_ends_in_a_stop_and_a_program_may_recover(arm, index):
    arm, robot = arm
    recoverable = [one for one in arm.orders if not one[2]]
    if index >= len(recoverable):
        pytest.skip('the other arm has more faults')
    order, line, _ = recoverable[index]
    counts = _check_fault(arm, robot, order, line)
    robot._emulator.order('clear')
    robot.connect()
    go_to_and_fro(robot, arm.model)
    robot.read()
    now = robot.account()
    assert now['guardian_faults'] == counts['guardian_faults'] + 1
    assert now['guardian_recoveries'] == counts['guardian_recoveries'] + 1


def test_a_fault_that_was_there_before_is_ended_too(arm):
    arm, running = arm
    running.stop()
    order = next(one[0] for one in arm.orders if not one[2])
    robot = make(arm.parts.name)
    try:
        robot._emulator.order(order)
        robot.connect()
        go_to_and_fro(robot, arm.model)
        assert robot.account()['guardian_recoveries'] == 1
    finally:
        robot.close()


def test_a_frozen_camera_is_a_fault(arm):
    arm, robot = arm
    go_to_and_fro(robot, arm.model)
    robot._emulator.order('frozen_camera 1')
    with pytest.raises(RobotError, match='camera'):
        for _ in range(20):
            go_to_and_fro(robot, arm.model)
            robot.read()
    wait_until(lambda: stands(robot))
    with pytest.raises(RobotError, match='camera'):
        robot.connect()
    robot._emulator.order('clear')
    wait_until(lambda: _sees(robot))
    robot.connect()
    robot.read()


def _sees(robot):
    try:
        robot._camera.read()
    except RobotError:
        return False
    return True


def test_a_person_only(arm):
    """Comes last: this guardian will not go on."""
    arm, robot = arm
    order, line, _ = next(one for one in arm.orders if one[2])
    _check_fault(arm, robot, order, line)
    with pytest.raises(RobotError, match='only a person'):
        robot.connect()
    robot._emulator.order('clear')
    with pytest.raises(RobotError, match='only a person'):
        robot.connect()


@pytest.mark.parametrize('name', sorted(ARMS))
def test_a_target_waits_for_the_tool(name):
    """With so short a lead it has to all the way, and gets there."""
    limits = dataclasses.replace(ARMS[name].limits(), lead_meters=0.01)
    robot = make(name, limits=limits)
    try:
        robot.connect()
        low, high = np.array(limits.target_low_meters), np.array(limits.target_high_meters)
        start, end = (np.array([*place, 0.0]) for place in (low + 0.1, high - 0.1))
        for _ in range(4):
            robot.command(start, STEP_SECONDS)
        before = robot.account()['guardian_waits']
        robot.command(end, STEP_SECONDS)
        assert robot.account()['guardian_waits'] > before
        assert np.linalg.norm(truth(robot)['pose'][:3] - end[:3]) > 0.02
        for _ in range(4):
            robot.command(end, STEP_SECONDS)
        np.testing.assert_allclose(truth(robot)['pose'][:3], end[:3], atol=0.01)
        assert robot.account()['guardian_faults'] == 0
    finally:
        robot.close()
