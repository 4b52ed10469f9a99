"""Puts the UR5's environment together."""

from __future__ import annotations

from typing import Optional

from tf_agents.environments import py_environment, wrappers

from robot_envs.arms import constants as task
from robot_envs.arms.pick_place_environment import PickPlaceEnvironment
from robot_envs.randomisation import Randomisation
from robot_envs.ur5 import constants
from robot_envs.ur5.twin import UR5Twin
from robot_envs.wrappers.action_check import ActionCheck
from robot_envs.wrappers.sensor_check import SensorCheck


def make_twin(
    seed: int,
    *,
    episode_steps: int = task.EPISODE_STEPS,
    picture: str = 'numpy',
    light: float = 1.0,
    randomisation: Optional[Randomisation] = None,
) -> py_environment.PyEnvironment:
    """Returns the task on the twin.

    Args:
        seed: of the objects' first places and of the arm's random ones.
        episode_steps: steps in an episode.
        picture: who draws the camera's picture, 'numpy' or 'mujoco'.
        light: brightness of the room, 1 is usual.
        randomisation: what varies from episode to episode; as gin sets it if None.

    Raises:
        RobotError: see `UR5Twin`.
    """
    twin = UR5Twin(seed=seed, picture=picture, light=light, randomisation=randomisation)
    task_env = PickPlaceEnvironment(
        twin, constants.WORKSPACE, num_joints=constants.NUM_JOINTS, rate_hz=constants.RATE_HZ,
        depth=False, seed=seed)
    env = SensorCheck(task_env, robot='ur5')
    return ActionCheck(wrappers.TimeLimit(env, episode_steps), robot='ur5')
