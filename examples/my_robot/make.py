"""Puts the reacher's environment together: `make_<backend>` for every backend of its entry."""

from __future__ import annotations

from tf_agents.environments import py_environment, wrappers

from examples.my_robot import constants
from examples.my_robot.environment import ReacherEnvironment
from examples.my_robot.twin import ReacherTwin
from robot_envs.wrappers.action_check import ActionCheck
from robot_envs.wrappers.sensor_check import SensorCheck


def make_twin(
    seed: int, *, episode_steps: int = constants.EPISODE_STEPS
) -> py_environment.PyEnvironment:
    """Returns the task on the twin; `seed` is of its first angles and of all goals."""
    env = SensorCheck(ReacherEnvironment(ReacherTwin(seed=seed), seed=seed), robot="reacher")
    return ActionCheck(wrappers.TimeLimit(env, episode_steps), robot="reacher")
