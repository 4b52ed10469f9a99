"""A dry run reads a robot and moves nothing."""

import gin
import numpy as np
import pytest

from dreamer_tf.collector import random_action
from robot_envs import registry
from robot_envs.clock import Clock
from robot_envs.dry_run import DryRun, StillRobot, dry_run_bindings, still_if_dry
from robot_envs.errors import RobotError
from robot_envs.sphero.twin import SpheroTwin


class HandClock(Clock):
    """Its time passes only where somebody sleeps or works."""

    def __init__(self):
        self.time = 100.0

    def now(self):
        return self.time

    def sleep(self, seconds):
        self.time += max(0.0, seconds)


@pytest.fixture
def twin():
    twin = SpheroTwin(seed=0)
    yield twin
    twin.close()


def test_no_command_reaches_the_robot_and_each_takes_its_time(twin):
    clock = HandClock()
    robot = StillRobot(twin, clock)
    robot.connect()
    before = twin.read()
    for step in range(4):
        robot.command(np.ones(2), 0.5)
        assert clock.now() == pytest.approx(100.5 + 0.5 * step)
        clock.time += 0.2  # what the policy takes is part of the step
    after = robot.read()
    assert after.time == before.time
    np.testing.assert_array_equal(after.values["position"], before.values["position"])
    assert robot.account()["kept_back"] == 4
    robot.stop()
    robot.close()


def test_a_long_wait_is_not_caught_up(twin):
    clock = HandClock()
    robot = StillRobot(twin, clock)
    robot.command(np.ones(2), 0.5)
    clock.time += 60
    robot.command(np.ones(2), 0.5)
    assert clock.now() == pytest.approx(161.0)


def test_only_when_it_is_asked_for(twin):
    assert still_if_dry(twin) is twin
    gin.parse_config("DryRun.on = True")
    assert DryRun().on and isinstance(still_if_dry(twin), StillRobot)


def test_the_flag():
    assert dry_run_bindings(False, "hardware") == dry_run_bindings(False, "twin") == []
    assert dry_run_bindings(True, "emulated") == ["DryRun.on = True"]
    with pytest.raises(RobotError, match="--dry_run keeps a robot still: give --backend"):
        dry_run_bindings(True, "twin")


# Since when a robot is in its safe state, and what of the emulator's truth a movement would change.
UNMOVED = {
    "a1": ("damped_since", {"joint_angles": 0.2}),  # It settles on its back.
    "sphero": ("off_since", {"position": 1e-6, "heading": 1e-6}),
    "ur5": ("stopped_since", {"joint_angles": 0.01, "pose": 0.01, "gripper_position": 0.01}),
    "xarm": ("stopped_since", {"joint_angles": 0.01, "pose": 0.01, "gripper_position": 0.01}),
}
# A busy machine makes sensors late, which is not what is tested here.
PATIENCE = """
    DryRun.on = True
    A1Limits.stale_seconds = 9.0
    SpheroLimits.link_seconds = 9.0
    UR5Limits.stale_seconds = 9.0
    UR5Limits.silent_seconds = 10.0
    XArmLimits.stale_seconds = 9.0
    XArmLimits.silent_seconds = 10.0
    CameraSettings.stale_seconds = 9.0
    CameraSettings.frozen_seconds = 9.0
"""
PACKAGES = {"sphero": "spherov2", "ur5": "rtde_control", "xarm": "xarm"}


@pytest.mark.slow
@pytest.mark.parametrize("name", UNMOVED)
def test_a_dry_run_has_everything_of_the_emulated_robot_but_motion(name):
    if name in PACKAGES:
        pytest.importorskip(PACKAGES[name])
    since, places = UNMOVED[name]
    gin.parse_config(PATIENCE, skip_unknown=True)  # Each robot knows its own.
    env = registry.make(name, seed=0, backend="emulated")
    try:
        robot = env._robot._robot
        emulator, guardian = robot._emulator, robot._guardian
        before = emulator.order("truth")
        time_steps = [env.reset()]
        first = env.get_info()
        time_steps += [env.step(random_action(env.action_spec(), seed)) for seed in range(3)]
        after, info = emulator.order("truth"), env.get_info()
    finally:
        env.close()
    # It is in its safe state since it was switched on: no command of motion was ever taken.
    assert after[since] == before[since]
    for key, room in places.items():
        np.testing.assert_allclose(after[key], before[key], rtol=0, atol=room, err_msg=key)
    # What the environment commanded was kept back, in its reset too, and nothing else was wrong.
    assert info["kept_back"] - first["kept_back"] == 3
    assert first["kept_back"] > 0 or name == "a1"  # whose reset moves nothing
    assert info["guardian_commands"] == info["guardian_faults"] == info["guardian_vetoes"] == 0
    # The sensors' own values come all the while.
    assert all(set(step.observation) == set(env.observation_spec()) for step in time_steps)
    assert info["time"] > first["time"] and 0 <= info["observation_age_seconds"] < 9.1
    # Nothing is left behind.
    assert emulator._process.poll() is not None and guardian._process.poll() == 0
