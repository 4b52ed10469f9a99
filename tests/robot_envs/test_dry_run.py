"""A dry run reads a robot and moves nothing."""

import gin
import numpy as np
import pytest

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


@pytest.mark.slow
def test_an_emulated_a1_stays_where_it_lies():
    gin.parse_config("DryRun.on = True")
    env = registry.make("a1", seed=0, backend="emulated")
    try:
        env.reset()
        angles = [env.step(np.full(12, sign, np.float32)).observation["joint_angles"]
                  for sign in (1, -1, 1, -1, 1, -1)]
        assert np.abs(np.diff(angles, axis=0)).max() < 0.02
        info = env.get_info()
        assert info["kept_back"] == 6 and info["guardian_commands"] == 0
    finally:
        env.close()
