"""Puts the environment of an arm together."""

from __future__ import annotations

from typing import Optional

from tf_agents.environments import py_environment, wrappers

from robot_envs.arms import constants
from robot_envs.arms.pick_place_environment import PickPlaceEnvironment
from robot_envs.arms.twin import ArmModel, ArmTwin
from robot_envs.randomisation import Randomisation
from robot_envs.wrappers.action_check import ActionCheck
from robot_envs.wrappers.sensor_check import SensorCheck


def make_arm_twin(
    arm: ArmModel,
    seed: int,
    *,
    episode_steps: int = constants.EPISODE_STEPS,
    picture: str = 'numpy',
    light: float = 1.0,
    randomisation: Optional[Randomisation] = None,
) -> py_environment.PyEnvironment:
    """Returns the task on an arm's twin.

    Args:
        arm: which one.
        seed: of the objects' first places and of the arm's random ones.
        episode_steps: steps in an episode.
        picture: who draws the camera's picture, 'numpy' or 'mujoco'.
        light: brightness of the room, 1 is usual.
        randomisation: what varies from episode to episode; as gin sets it if None.

    Raises:
        RobotError: see `ArmTwin`.
    """
    twin = ArmTwin(arm, seed=seed, picture=picture, light=light, randomisation=randomisation)
    task = PickPlaceEnvironment(
        twin, arm.workspace, num_joints=len(arm.home), rate_hz=arm.rate_hz, depth=arm.depth,
        seed=seed)
    env = SensorCheck(task, robot=arm.name)
    return ActionCheck(wrappers.TimeLimit(env, episode_steps), robot=arm.name)
