"""Puts the Sphero's environment together."""

from __future__ import annotations

from typing import Optional

from tf_agents.environments import py_environment, wrappers

from robot_envs.randomisation import Randomisation
from robot_envs.sphero import constants
from robot_envs.sphero.environment import SpheroEnvironment
from robot_envs.sphero.twin import SpheroTwin
from robot_envs.wrappers.action_check import ActionCheck
from robot_envs.wrappers.sensor_check import SensorCheck


def make_twin(
    seed: int,
    *,
    episode_steps: int = constants.EPISODE_STEPS,
    picture: str = 'numpy',
    light: float = 1.0,
    randomisation: Optional[Randomisation] = None,
) -> py_environment.PyEnvironment:
    """Returns the task on the twin.

    Args:
        seed: of the first heading and of the random drives in `reset`.
        episode_steps: steps of half a second in an episode.
        picture: who draws the camera's picture, 'numpy' or 'mujoco'.
        light: brightness of the room, 1 is usual.
        randomisation: what varies from episode to episode; as gin sets it if None.

    Raises:
        RobotError: see `SpheroTwin`.
    """
    twin = SpheroTwin(seed=seed, picture=picture, light=light, randomisation=randomisation)
    env = SensorCheck(SpheroEnvironment(twin, seed=seed), robot='sphero')
    return ActionCheck(wrappers.TimeLimit(env, episode_steps), robot='sphero')
