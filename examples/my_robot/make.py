"""Puts the reacher's environment together: `make_<backend>` for every backend of its entry."""

from __future__ import annotations

from tf_agents.environments import py_environment, wrappers

from examples.my_robot import constants
from examples.my_robot.environment import ReacherEnvironment
from examples.my_robot.hardware import ReacherHardware
from examples.my_robot.twin import ReacherTwin
from robot_envs.dry_run import still_if_dry
from robot_envs.robot import Robot
from robot_envs.wrappers.action_check import ActionCheck
from robot_envs.wrappers.sensor_check import SensorCheck


def make_twin(
    seed: int, *, episode_steps: int = constants.EPISODE_STEPS
) -> py_environment.PyEnvironment:
    """Returns the task on the twin; `seed` is of its first angles and of all goals."""
    return _wrapped(ReacherTwin(seed=seed), seed, episode_steps)


def make_hardware(
    seed: int, *, episode_steps: int = constants.EPISODE_STEPS
) -> py_environment.PyEnvironment:
    """Returns the task on the arm itself, behind its guardian; `seed` is of the goals."""
    return _wrapped(still_if_dry(ReacherHardware()), seed, episode_steps)


def _wrapped(robot: Robot, seed: int, episode_steps: int) -> py_environment.PyEnvironment:
    env = SensorCheck(ReacherEnvironment(robot, seed=seed), robot="reacher")
    return ActionCheck(wrappers.TimeLimit(env, episode_steps), robot="reacher")
