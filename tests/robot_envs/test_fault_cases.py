"""How soon a robot must be in its safe state follows from the limits that it was made with."""

import gin
import pytest
from fault_cases import ROBOTS, InForce, in_force

from robot_envs import registry
from robot_envs.emulators.emulator_patience import EmulatorPatience

PACKAGES = {"a1": "numpy", "sphero": "spherov2", "ur5": "rtde_control", "xarm": "xarm"}
# A little less than the patient limits, so that this holds on a busy machine.
OWN = {
    "a1": ("A1Limits.stale_seconds = 0.2", InForce(0.05, stale=0.2)),
    "sphero": ("SpheroLimits.link_seconds = 1.9\nCameraSettings.stale_seconds = 0.55",
               InForce(0.5, camera=0.55, frozen=0.5, link=1.9, answer=0.3)),
    "ur5": ("UR5Limits.stale_seconds = 0.45\nUR5Connection.watchdog_hz = 1.25\n"
            "CameraSettings.stale_seconds = 0.9\nCameraSettings.frozen_seconds = 0.95",
            InForce(0.5, stale=0.45, camera=0.9, watchdog=0.8)),
    "xarm": ("XArmLimits.stale_seconds = 0.45\nCameraSettings.stale_seconds = 0.9\n"
             "CameraSettings.frozen_seconds = 0.95",
             InForce(pytest.approx(1 / 0.6), stale=0.45, camera=0.9, watchdog=0.2)),
}


def test_patience_widens_limits_and_never_narrows_them():
    assert EmulatorPatience().seconds(0.1, 0.5) == 0.5
    assert EmulatorPatience().seconds(0.7, 0.5) == 0.7
    gin.parse_config("EmulatorPatience.on = False")
    assert EmulatorPatience().seconds(0.1, 0.5) == 0.1


@pytest.mark.slow
@pytest.mark.parametrize("name", OWN)
def test_without_patience_an_emulated_robot_has_its_own_limits(name):
    pytest.importorskip(PACKAGES[name])
    own, expected = OWN[name]
    registry.get(name).factory("emulated")
    gin.parse_config(own + "\nEmulatorPatience.on = False")
    env = registry.make(name, seed=0, backend="emulated")
    try:
        assert in_force(name, env._robot) == expected
    finally:
        env.close()


@pytest.mark.parametrize("name, order, seconds", [
    ("a1", "frozen 1", 0.09), ("a1", "latency 0.5", 0.59), ("sphero", "frozen_camera 1", 1.0),
    ("sphero", "crc 1", 1.8), ("ur5", "protective_stop 1", 0.5), ("ur5", "disconnect 1", 0.7),
    ("ur5", "latency 1.5", 2.2), ("xarm", "frozen_camera 1", 0.3 + 1 / 0.6)])
def test_the_robots_own_limits_are_the_bound_and_a_period(name, order, seconds):
    limits = {"a1": InForce(0.05, stale=0.04),
              "sphero": InForce(0.5, camera=0.3, frozen=0.5, link=1.0, answer=0.3),
              "ur5": InForce(0.5, stale=0.1, camera=0.3, watchdog=0.2),
              "xarm": InForce(1 / 0.6, stale=0.15, camera=0.3, watchdog=0.2)}[name]
    case, = [case for case in ROBOTS[name].cases if case.order == order]
    assert case.within(limits) == pytest.approx(seconds)
