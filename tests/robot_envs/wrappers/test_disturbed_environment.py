"""Light and pushes come when they were planned, and not otherwise."""

import gin
import numpy as np
import pytest
from echo_environment import EchoEnvironment

from robot_envs import registry
from robot_envs.errors import RobotError
from robot_envs.wrappers.disturbed_environment import Disturbances, DisturbedEnvironment

ACTION = np.zeros(2, np.float32)


class Disturbable(EchoEnvironment):
    """Keeps at which step what happened."""

    def __init__(self):
        super().__init__()
        self.lights, self.pushes = [], []

    def set_light(self, light):
        self.lights.append((len(self.actions), light))

    def push(self, impulse):
        self.pushes.append((len(self.actions), impulse))


def _run(steps, seed=0, **settings):
    inner = Disturbable()
    env = DisturbedEnvironment(inner, Disturbances(**settings), seed=seed)
    env.reset()
    for _ in range(steps):
        env.step(ACTION)
    return inner


def test_the_light_changes_once_and_stays():
    inner = _run(20, light=0.3, light_after_steps=5)
    assert inner.lights == [(5, 0.3)] and inner.pushes == []


def test_pushes_are_horizontal_random_and_as_strong_as_asked():
    inner = _run(4000, push_newton_seconds=8, pushes_after_steps=1000, steps_between_pushes=50)
    steps, impulses = zip(*inner.pushes)
    assert 1000 <= min(steps) and 40 < len(steps) < 85  # 60 expected
    impulses = np.array(impulses)
    np.testing.assert_allclose(np.linalg.norm(impulses, axis=1), 8)
    assert not impulses[:, 2].any() and np.abs(impulses.mean(0)).max() < 3
    again = _run(4000, push_newton_seconds=8, pushes_after_steps=1000, steps_between_pushes=50)
    np.testing.assert_array_equal(impulses, np.array([push for _, push in again.pushes]))


@pytest.mark.parametrize("settings", [{"light": -1}, {"steps_between_pushes": 0},
                                      {"push_newton_seconds": np.nan}])
def test_wrong_settings_are_named(settings):
    name, = settings
    with pytest.raises(RobotError, match=f"Disturbances.{name} must be at least"):
        Disturbances(**settings)


def test_gin_switches_them_on_for_a_registered_robot():
    assert not Disturbances().is_on
    registry.get("sphero").factory()
    with gin.unlock_config():
        gin.parse_config("Disturbances.light = 0.4\nDisturbances.light_after_steps = 2")
    env = registry.make("sphero", seed=0)
    env.reset()
    brightness = [env.step(ACTION).observation["image"].mean() for _ in range(4)]
    env.close()
    assert brightness[2] == pytest.approx(0.4 * brightness[1], rel=0.05)
    assert brightness[1] == pytest.approx(brightness[0], rel=0.05)


def test_a_robot_that_cannot_be_pushed_says_so():
    with gin.unlock_config():
        gin.parse_config("Disturbances.push_newton_seconds = 5\n"
                         "Disturbances.steps_between_pushes = 1")
    env = registry.make("sphero", seed=0)
    env.reset()
    with pytest.raises(RobotError, match="SpheroTwin cannot be pushed"):
        env.step(ACTION)
    env.close()
