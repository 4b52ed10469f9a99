"""Puts the A1's environment together."""

from __future__ import annotations

import dataclasses
from typing import Optional

from tf_agents.environments import py_environment, wrappers

from robot_envs.a1 import constants
from robot_envs.a1.connection import A1Connection
from robot_envs.a1.environment import A1Environment
from robot_envs.a1.hardware import A1Hardware
from robot_envs.a1.joint_targets import to_action
from robot_envs.a1.limits import A1Limits
from robot_envs.a1.twin import A1Twin
from robot_envs.dry_run import still_if_dry
from robot_envs.emulators.emulator_patience import EmulatorPatience
from robot_envs.emulators.emulator_process import EmulatorProcess
from robot_envs.randomisation import Randomisation
from robot_envs.robot import Robot
from robot_envs.wrappers.action_check import ActionCheck
from robot_envs.wrappers.action_filter import ActionFilter
from robot_envs.wrappers.sensor_check import SensorCheck

_EMULATED_STALE_SECONDS = 0.25


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
    return _wrapped(A1Twin(seed=seed, randomisation=randomisation), episode_steps)


def make_hardware(
    seed: int, *, episode_steps: int = constants.EPISODE_STEPS
) -> py_environment.PyEnvironment:
    """Returns the task on the robot at `A1Connection.address`, behind its guardian.

    Args:
        seed: of nothing: the robot is where it is.
        episode_steps: steps of 1/20 second in an episode; its end does not move the robot.

    Raises:
        RobotError: the robot does not answer.
    """
    del seed
    return _wrapped(still_if_dry(A1Hardware()), episode_steps)


def make_emulated(
    seed: int, *, episode_steps: int = constants.EPISODE_STEPS
) -> py_environment.PyEnvironment:
    """Returns the same on an emulator, which is started here and ends with the environment.

    It shares the machine with a learner, so its sensors may be older than the robot's
    (`EmulatorPatience`).

    Args:
        seed: of the emulator's first pose.
        episode_steps: steps of 1/20 second in an episode; its end does not move the robot.

    Raises:
        RobotError: the emulator does not start.
    """
    limits = A1Limits()
    limits = dataclasses.replace(
        limits,
        stale_seconds=EmulatorPatience().seconds(limits.stale_seconds, _EMULATED_STALE_SECONDS))
    emulator = EmulatorProcess('a1', seed=seed)
    connection = dataclasses.replace(
        A1Connection(), address=emulator.address, port=emulator.port, local_port=0)
    robot = A1Hardware(connection=connection, limits=limits, emulator=emulator)
    return _wrapped(still_if_dry(robot), episode_steps)


def _wrapped(robot: Robot, episode_steps: int) -> py_environment.PyEnvironment:
    task = A1Environment(robot)
    filtered = ActionFilter(
        SensorCheck(task, robot='a1'),
        cutoff_hz=constants.FILTER_CUTOFF_HZ,
        rate_hz=constants.RATE_HZ,
        # Observed angles are wrapped, and a target on the wrong side of pi would be a jump.
        start=lambda _: to_action(task.measured_angles()),
        restart=False,
        follows=task.follows,
    )
    return ActionCheck(wrappers.TimeLimit(filtered, episode_steps), robot='a1')
