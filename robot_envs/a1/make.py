"""Puts the A1's environment together."""

from __future__ import annotations

from typing import Optional

from tf_agents.environments import py_environment, wrappers

from robot_envs.a1 import constants
from robot_envs.a1.environment import A1Environment
from robot_envs.a1.joint_targets import to_action
from robot_envs.a1.twin import A1Twin
from robot_envs.randomisation import Randomisation
from robot_envs.wrappers.action_check import ActionCheck
from robot_envs.wrappers.action_filter import ActionFilter
from robot_envs.wrappers.sensor_check import SensorCheck


def make_twin(
    seed: int,
    *,
    episode_steps: int = constants.EPISODE_STEPS,
    randomisation: Optional[Randomisation] = None,
) -> py_environment.PyEnvironment:
    """Returns the task on the twin.

    Args:
        seed: of the heading and the joints that it starts with, on its back.
        episode_steps: steps of 1/20 second in an episode; its end does not move the robot.
        randomisation: what varies from episode to episode; as gin sets it if None.
    """
    task = A1Environment(A1Twin(seed=seed, randomisation=randomisation))
    filtered = ActionFilter(
        SensorCheck(task, robot='a1'),
        cutoff_hz=constants.FILTER_CUTOFF_HZ,
        rate_hz=constants.RATE_HZ,
        # Observed angles are wrapped, and a target on the wrong side of pi would be a jump.
        start=lambda _: to_action(task.get_info()['joint_angles']),
        restart=False,
    )
    return ActionCheck(wrappers.TimeLimit(filtered, episode_steps), robot='a1')
